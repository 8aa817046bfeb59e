"""The translations, without GNU gettext, which a bare machine lacks: compiles them, finds what is missing, adds it.

python -m config.catalogues compile | check | update
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

BASE_DIR = Path(__file__).resolve().parent.parent
SOURCES = ("config", "institutions", "curricula", "reports", "templates")
LANGUAGES = ("kk", "ru")  # the words in the code are the English ones

# How many words each function takes before the rest: its context, its text, its plural.
FUNCTIONS = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"], ("text",)),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], ("text", "plural")),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ("context", "text")),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ("context", "text", "plural")),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdif]")

Message = tuple[str, str, str]  # context, text, plural


def compile_all() -> None:
    for path in [*BASE_DIR.glob("locale/*/*/*.po"), *BASE_DIR.glob("config/locale_libraries/*/*/*.po")]:
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            polib.pofile(str(path)).save_as_mofile(str(compiled))


def used() -> dict[Message, str]:
    """Every message of the project, with a place where it stands."""
    found: dict[Message, str] = {}
    for folder in SOURCES:
        for path in sorted((BASE_DIR / folder).rglob("*")):
            if path.suffix == ".py":
                messages = in_python(path.read_text(encoding="utf-8"))
            elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
                messages = in_template(path.read_text(encoding="utf-8"))
            else:
                continue
            for message in messages:
                found.setdefault(message, str(path.relative_to(BASE_DIR)))
    return found


def in_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            kinds = FUNCTIONS.get(name, ())
            words = [
                part.value if isinstance(part, ast.Constant) else None for part in node.args[: len(kinds)]
            ]
            if kinds and len(words) == len(kinds) and all(isinstance(word, str) for word in words):
                said = dict(zip(kinds, words, strict=True))
                yield str(said.get("context") or ""), str(said["text"]), str(said.get("plural") or "")


def in_template(source: str) -> Iterator[Message]:
    """Django turns a template into something like a program for xgettext; here each of its calls is read by itself."""
    from django.utils.translation.template import templatize

    program = templatize(source)
    for match in re.finditer(r"(?<!\w)(_|n?p?gettext)\(", program):
        end = match.end()
        while (end := program.find(")", end) + 1) > 0:
            try:
                call = ast.parse(program[match.start() : end].strip(), mode="eval")
            except SyntaxError:
                continue  # a bracket within the words
            yield from in_python(ast.unparse(call))
            break


def faults(language: str) -> Iterator[str]:
    catalogue = polib.pofile(str(BASE_DIR / f"locale/{language}/LC_MESSAGES/django.po"))
    entries = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue if not entry.obsolete}
    forms = int(re.search(r"nplurals=(\d+)", catalogue.metadata.get("Plural-Forms", "nplurals=2"))[1])  # type: ignore[index]
    for (context, text, plural), place in used().items():
        entry = entries.get((context, text))
        if entry is None:
            yield f"{language}: {place}: no entry for {text!r}"
            continue
        said = [entry.msgstr_plural.get(form, "") for form in range(forms)] if plural else [entry.msgstr]
        if not all(said):
            yield f"{language}: {place}: not translated: {text!r}"
        elif entry.fuzzy:
            yield f"{language}: {place}: marked fuzzy: {text!r}"
        elif any(set(PLACEHOLDER.findall(words)) - set(PLACEHOLDER.findall(text + plural)) for words in said):
            yield f"{language}: {place}: unknown placeholder in the translation of {text!r}"


def update() -> None:
    """Add an empty entry for each new message, and drop those that nothing uses any more."""
    messages = used()
    for language in LANGUAGES:
        catalogue = polib.pofile(str(BASE_DIR / f"locale/{language}/LC_MESSAGES/django.po"), wrapwidth=100)
        wanted = {(context, text): (plural, place) for (context, text, plural), place in messages.items()}
        for entry in [entry for entry in catalogue if (entry.msgctxt or "", entry.msgid) not in wanted]:
            catalogue.remove(entry)
        for entry in catalogue:
            wanted.pop((entry.msgctxt or "", entry.msgid))
        for (context, text), (plural, place) in wanted.items():
            entry = polib.POEntry(msgid=text, msgctxt=context or None, occurrences=[(place, "")])
            if plural:
                entry.msgid_plural = plural
                entry.msgstr_plural = {0: "", 1: ""}
            catalogue.append(entry)
        catalogue.save()


def main(arguments: list[str]) -> None:
    if arguments == ["compile"]:
        compile_all()
    elif arguments == ["update"]:
        update()
    elif arguments == ["check"]:
        found = [fault for language in LANGUAGES for fault in faults(language)]
        print("\n".join(found))
        sys.exit(f"{len(found)} translations are missing or wrong" if found else None)
    else:
        sys.exit("usage: python -m config.catalogues compile | check | update")


if __name__ == "__main__":
    main(sys.argv[1:])

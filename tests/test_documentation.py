"""The documents say what is: commands, links, paths, variables, formats. Their sentences are for people to judge."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = ("config", "institutions", "curricula", "reports", "tests")
OURS = (*CODE, "docs", "locale", "requirements", "static", "templates")
LONGEST_DECISION = 20

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(path for folder in OURS for path in (ROOT / folder).rglob("*.md"))])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([^`\n]+)`")
ENDINGS = (".py", ".html", ".css", ".md", ".po", ".toml", ".yaml", ".csv", ".txt", ".in", ".geojson")


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def sources() -> str:
    """All code and all settings files: where a name that a document quotes must occur."""
    found = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in [*found, ROOT / "Makefile"])


def quoted() -> Iterator[tuple[str, str]]:
    """Every quoted piece of code, with the document that it stands in."""
    for document in DOCUMENTS:
        for piece in QUOTED.findall(document.read_text(encoding="utf-8")):
            yield str(document.relative_to(ROOT)), piece


def section(document: str, heading: str) -> str:
    """From a heading to the next of its rank or a higher one."""
    rank, _, _ = heading.partition(" ")
    _before, _heading, rest = text(document).partition(f"{heading}\n")
    assert rest, f"{document} has no heading {heading}"
    return re.split(rf"^#{{1,{len(rank)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def own_commands() -> set[str]:
    return {path.stem for path in ROOT.glob("*/management/commands/*.py") if path.stem != "__init__"}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", text("Makefile"), re.MULTILINE))


def test_every_make_command_that_a_document_names_exists() -> None:
    named = {
        (path.name, name)
        for path in DOCUMENTS
        for name in re.findall(r"(?:`|^    )make\s([a-z]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named
    assert {(path, name) for path, name in named if name not in targets()} == set()


def test_the_readme_names_every_make_command() -> None:
    named = set(re.findall(r"make\s([a-z]+)", text("README.md")))
    assert targets() - named == set()


def test_the_readme_lists_every_management_command() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", section("README.md", "## Commands"), re.MULTILINE))
    assert listed == own_commands()


def test_every_management_command_that_a_document_names_exists() -> None:
    from django.core.management import get_commands

    named = {
        (path.name, name)
        for path in DOCUMENTS
        for name in re.findall(r"manage\.py ([a-z_]+)", path.read_text(encoding="utf-8"))
    }
    assert {(path, name) for path, name in named if name not in get_commands()} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_somewhere(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    inside = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in inside if not (document.parent / link).exists()] == []


def test_decisions_are_short_and_numbered_in_a_row() -> None:
    decisions = sorted((ROOT / "docs/adr").glob("*.md"))
    numbers = [int(path.name[:4]) for path in decisions]
    assert numbers == list(range(1, len(decisions) + 1))
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in decisions}
    assert {name: length for name, length in lengths.items() if length > LONGEST_DECISION} == {}


def is_path(piece: str) -> bool:
    """What looks like a path within the repository, not like an address or a file that a run makes."""
    if not re.fullmatch(r"[\w.*/-]+", piece) or piece.startswith(("/", ".run")):
        return False
    return piece.split("/")[0] in OURS if "/" in piece else False


def test_every_path_that_a_document_quotes_exists() -> None:
    paths = {(document, piece) for document, piece in quoted() if is_path(piece)}
    assert paths
    assert {(document, piece) for document, piece in paths if not list(ROOT.glob(piece))} == set()


def test_every_dotted_name_that_a_document_quotes_exists() -> None:
    dotted = re.compile(rf"(?:{'|'.join(CODE)})(?:\.\w+)+")
    names = {
        (document, piece) for document, piece in quoted() if dotted.fullmatch(piece) and not is_file(piece)
    }
    from institutions.models import Webhook

    told = set(Webhook.Event.values)
    assert {(document, name) for document, name in names if not (name in told or is_there(name))} == set()


def is_file(piece: str) -> bool:
    return piece.endswith(ENDINGS)


def is_there(dotted: str) -> bool:
    """A module, or a name that stands in its text."""
    path = ROOT
    parts = dotted.split(".")
    for place, part in enumerate(parts):
        if (path / f"{part}.py").exists():
            module = (path / f"{part}.py").read_text(encoding="utf-8")
            return all(re.search(rf"\b{name}\b", module) for name in parts[place + 1 :])
        if not (path / part).is_dir():
            return False
        path /= part
    return True


def test_every_name_of_code_that_a_document_quotes_occurs_in_the_code() -> None:
    name = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)+|[A-Z][a-z]+[A-Z]\w+")
    names = {(document, piece) for document, piece in quoted() if name.fullmatch(piece)}
    assert names
    known = set(re.findall(r"\w+", sources()))
    foreign = {"pg_dump", "maxmemory_policy"}
    assert {(document, piece) for document, piece in names if piece not in known | foreign} == set()


def test_the_configuration_names_every_variable_that_the_settings_read() -> None:
    read = set(re.findall(r"\bread\(\s*\"([A-Z_]+)\"", text("config/settings.py")))
    read.remove("QAMTU_PROCESS")  # wsgi.py sets it; nobody else should
    document = text("docs/configuration.md")
    named = set(re.findall(r"`([A-Z_]+)`", document))
    assert read - named == set()
    assert {name for name in named if name not in sources()} == set()


def test_the_data_page_names_every_heading_and_every_word_of_the_spreadsheet() -> None:
    from curricula.spreadsheets.vocabulary import CHOICES, HEADINGS

    spreadsheet = section("docs/data.md", "## The spreadsheet")
    tables = [("", HEADINGS), *CHOICES.items()]
    words = {
        word for _name, table in tables for spellings in table.values() for said in spellings.values() for word in said
    }  # fmt: skip
    cells = {
        part.strip()
        for line in spreadsheet.splitlines()
        if line.startswith("|")
        for cell in line.split("|")
        for part in cell.split(",")
    }
    assert words - cells == set()


def test_the_data_page_names_every_column_of_the_public_tables() -> None:
    from reports import catalogue, tables

    found = [table for table in vars(tables).values() if isinstance(table, tables.Table)] + [catalogue.TABLE]
    assert found
    for table in found:
        page = section("docs/data.md", f"### {table.name}")
        assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == table.names


def test_the_methodology_names_every_indicator_and_every_dimension() -> None:
    from reports import assessing, indicators

    listed = re.findall(r"^\| `(\w+)` \|", section("docs/methodology.md", "## Indicators"), re.MULTILINE)
    assert listed == list(indicators.NAMES)
    coverage = section("docs/methodology.md", "## Coverage")
    assert [name for name in assessing.DIMENSIONS if f"`{name}`" not in coverage] == []


def test_no_document_is_about_one_machine() -> None:
    telling = re.compile(r"/home/|/root\b|/work/|/Users/|localhost:\d+(?!\d)|\btodo\b(?!-)|\bTBD\b")
    found = {
        (str(path.relative_to(ROOT)), match[0])
        for path in DOCUMENTS
        for match in telling.finditer(path.read_text(encoding="utf-8"))
    }
    assert found == set()

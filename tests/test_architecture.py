"""The house's own rules: imports go one way, nothing grows too large, pages hold no scripts of their own."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What each app may import of the others.
BELOW = {
    "institutions": {"institutions"},
    "curricula": {"institutions", "curricula"},
    "reports": {"institutions", "curricula", "reports"},
    "config": {"institutions", "curricula", "reports", "config"},
}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}


def sources(*folders: str) -> list[Path]:
    return sorted(
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
    )


def imported(path: Path) -> Iterator[str]:
    """The first part of every name that a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("app", BELOW)
def test_imports_go_one_way(app: str) -> None:
    forbidden = (set(BELOW) | {"tests", "bench"}) - BELOW[app]
    wrong = {str(path.relative_to(ROOT)): set(imported(path)) & forbidden for path in sources(app)}
    assert not {path: names for path, names in wrong.items() if names}


def test_no_file_outgrows_one_sitting() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources(*BELOW, "tests")}
    assert not {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LONGEST_FILE}


def test_no_function_outgrows_a_screen() -> None:
    long = []
    for path in sources(*BELOW, "tests"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}: {node.name} has {lines} lines")
    assert not long


def test_every_module_is_named_after_what_it_does() -> None:
    assert not [str(path.relative_to(ROOT)) for path in sources(*BELOW, "tests") if path.stem in VAGUE]


def test_there_are_no_signals_as_control_flow_and_no_hidden_saves() -> None:
    wrong = []
    for path in sources("institutions", "curricula", "reports"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "django.db.models.signals":
                wrong.append(f"{path.relative_to(ROOT)}: imports model signals")
            if isinstance(node, ast.ClassDef) and any(
                ast.unparse(base) == "models.Model" for base in node.bases
            ):
                names = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
                wrong += [
                    f"{path.relative_to(ROOT)}: {node.name}.{name}" for name in names & {"save", "delete"}
                ]
    assert not wrong


INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>|<style\b|\sstyle=|\son[a-z]+=\"|javascript:"
)


def test_templates_hold_no_scripts_and_no_styles() -> None:
    wrong = []
    for path in sorted(ROOT.glob("templates/**/*.html")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if found := INLINE.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {found[0].strip()}")
    assert not wrong


def test_pages_need_no_third_party() -> None:
    foreign = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=\"(?:https?:)?//")
    pages = sorted(ROOT.glob("templates/**/*.html"))
    assert not [
        str(path.relative_to(ROOT)) for path in pages if foreign.search(path.read_text(encoding="utf-8"))
    ]

"""What `make mutants` puts in the place of the program: one thing changed at a time."""

import ast
from collections.abc import Iterator
from textwrap import dedent

import pytest

from tests.mutants.areas import AREAS
from tests.mutants.making import ROOT, made_of, mutants_of, sql_variants

MODULE = '''
    """Words with a WHERE in them."""

    LIMIT = 3

    class Row:
        size: int = 3

        def fits(self, most: int = LIMIT) -> bool:
            return self.size <= most

    def first(rows, wanted, by):
        if not by.is_staff and wanted:
            raise Refused("3 of them", code="not_staff")
        log.info("asked", rows=3)
        rows.filter(of=by, wanted=True).delete()
        return [row for row, _by in zip(rows, by, strict=True) if row.fits()]
'''


def changed(text: str) -> Iterator[str]:
    """The line of each mutant that the original does not have."""
    lines = set(ast.unparse(ast.parse(text)).splitlines())
    for mutant in made_of("module.py", text):
        yield " / ".join(
            line.strip() for line in ast.unparse(mutant.tree()).splitlines() if line not in lines
        )


def test_each_mutant_has_one_place_changed() -> None:
    assert sorted(changed(dedent(MODULE))) == sorted([
        "LIMIT = 4",
        "return None",
        "return self.size < most",
        "if not (not by.is_staff and wanted):",
        "if not by.is_staff or wanted:",
        "if by.is_staff and wanted:",
        "pass",
        "pass",
        "rows.filter(wanted=True).delete()",
        "rows.filter(of=by).delete()",
        "rows.filter(of=by, wanted=False).delete()",
        "return None",
        "return [row for row, _by in zip(rows, by, strict=True)]",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "mutants"),
    [
        ("WHERE a = b", {"WHERE a <> b", "WHERE true"}),
        ("WHERE a < %(b)s", {"WHERE a <= %(b)s", "WHERE true"}),
        ("WHERE a AND NOT EXISTS (b)", {"WHERE a OR NOT EXISTS (b)", "WHERE a AND EXISTS (b)"}),
        ("WHERE a IS NOT NULL", {"WHERE a IS NULL", "WHERE true"}),
        ("count(*) FROM a LEFT JOIN b", {"sum(2) FROM a LEFT JOIN b", "count(*) FROM a JOIN b"}),
        ("sum(a) FROM b JOIN c -- 1", {"max(a) FROM b JOIN c -- 1", "sum(a) FROM b LEFT JOIN c -- 1"}),
        ("RAISE EXCEPTION 'a AND b'", set()),
        ("OLD.a IS DISTINCT FROM b", {"NEW.a IS DISTINCT FROM b", "OLD.a IS NOT DISTINCT FROM b"}),
    ],
)  # fmt: skip
def test_sql_is_changed_word_by_word_but_not_what_it_says(statement: str, mutants: set[str]) -> None:
    assert {text for _what, text in sql_variants(statement)} == mutants


def test_modules_and_tests_of_every_area_are_there() -> None:
    parts = [part for area in AREAS.values() for part in area]
    named = {path for part in parts for path in (*part.tests, part.module) if path}
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("name", ["equivalents", "survivors"])
def test_whatever_is_explained_is_still_there_to_be_changed(name: str) -> None:
    said = (ROOT / f"tests/mutants/{name}.txt").read_text(encoding="utf-8").splitlines()
    named = [line.split(" ;; ") for line in said if line and not line.startswith("#")]
    assert all(len(parts) == 2 and parts[1].strip() for parts in named)
    modules = {name.split(" ")[0] for name, _reason in named if not name.startswith("database ")}
    there = {mutant.name for path in modules for mutant in mutants_of(path)}
    assert [name for name, _reason in named if name.split(" ")[0] in modules and name not in there] == []

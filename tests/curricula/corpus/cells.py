"""Single cells that are not what they look like."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from tests.curricula.corpus.case import Case
from tests.curricula.corpus.containers import GOOD
from tests.curricula.corpus.layouts import book, rows_of
from tests.curricula.spreadsheet_files import HEADINGS, line, ods_row, raw_ods, raw_row, raw_xlsx, xlsx

BAD = (1, 0, 1, 0)


def taken(**cells: Any) -> Case:
    return Case("a.xlsx", lambda: xlsx(HEADINGS, line(**cells)), GOOD)


def faulty(*codes: str, **cells: Any) -> Case:
    return Case("a.xlsx", lambda: xlsx(HEADINGS, line(**cells)), BAD, list(codes))


def raw(old: str, new: str) -> Callable[[], bytes]:
    """A good row, part of its XML replaced."""
    row = raw_row(2, line())
    assert old in row
    return lambda: raw_xlsx(raw_row(1, HEADINGS) + row.replace(old, new))


def of_ods(cell: str) -> Callable[[], bytes]:
    """A good row of ODS with its credits replaced."""
    plain = (
        '<table:table-cell office:value-type="float" office:value="5"><text:p>5</text:p></table:table-cell>'
    )
    assert plain in ods_row(line())
    return lambda: raw_ods(ods_row(HEADINGS) + ods_row(line()).replace(plain, cell, 1))


ERROR_OF_ODS = (
    '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" '
    'calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
)

CELLS: dict[str, Case] = {
    "numbers as text": taken(credits="5", semester="3"),
    "numbers as text with a decimal comma": taken(credits="4,5", semester="3.0"),
    "codes as numbers": taken(discipline_code=1101.0),
    "a binary fraction": taken(credits=1.1 + 2.2),
    "credits that became a date": faulty("date", credits=dt.date(2025, 5, 1)),
    "a code that became a date": faulty("date", discipline_code=dt.datetime(2025, 5, 1, 12)),  # noqa: DTZ001
    "a time of day": faulty("date", semester=dt.time(1, 30)),
    "a yes instead of a number": faulty("truth", semester=True),
    "a number in words": faulty("not_number", credits="five"),
    "a number with its unit": faulty("not_number", credits="5 ECTS"),
    "a number in arabic digits": faulty("not_number", credits="٥"),
    "a power of ten": faulty("not_number", credits="1e1"),
    "infinity in words": faulty("not_number", credits="inf"),
    "no credits": faulty("credits_range", credits=0),
    "negative credits": faulty("credits_range", credits=-5),
    "credits of a lifetime": faulty("credits_range", credits=10**30),
    "credits by the hundredth": faulty("credits_places", credits=5.25),
    "a semester and a half": faulty("not_whole", semester=1.5),
    "the thirteenth semester": faulty("semester_range", semester=13),
    "a choice that is none": faulty("not_choice", cycle="main"),
    "a choice in another language and case": taken(cycle="бд", component="КВ", ai_category="НЕТ"),
    "a code in cyrillic letters": taken(programme_code="6В06102"),
    "a code between spaces that do not break": taken(programme_code="\u00a06B\u00a006102 "),
    "a code with a character of no width": taken(discipline_code="AI\u200b1\ufeff"),
    "a code that is too short": faulty("programme_code", programme_code="6B0610"),
    "a title from right to left": faulty("control", discipline_title="abc\u202edcba"),
    "a mark of direction": faulty("control", discipline_title="abc\u200f"),
    "a title of emoji": taken(discipline_title="🤖 Intro"),
    "a title with marks above its letters": taken(discipline_title="Й" + "\u0301" * 50),
    "a title of 301 letters": faulty("too_long", discipline_title="x" * 301),
    "a huge cell": faulty("too_long", discipline_title="x" * 32_767),
    "a title of spaces": taken(
        discipline_title=" \u00a0\u200b"
    ),  # empty: the institution may have it already
    "a title over two lines": faulty("line_break", discipline_title="one\ntwo"),
    "a title that is a formula to excel": taken(discipline_title="'=cmd|' /C calc'!A0"),
    "a title that begins with an at sign": taken(discipline_title="@SUM(A1)"),
    "a code that is a command": faulty("discipline_code", discipline_code="@SUM(A1)"),
    "a title of markup": taken(discipline_title="<script>alert(1)</script>"),
    "a title of sql": taken(discipline_title="'; DROP TABLE curricula_line; --"),
    "a title with a backslash and a tab": taken(discipline_title="C:\\new\tone"),
    "a script as evidence": faulty("url", evidence_url="javascript:alert(1)"),
    "a local file as evidence": faulty("url", evidence_url="file:///etc/passwd"),
    "an address with a password": faulty("url", evidence_url="https://a:b@example.kz/"),
    "an address with a backslash": faulty("url", evidence_url="https://example.kz\\@evil.kz"),
    "an empty cell that must not be": faulty("required", semester=None),
    "all cells wrong": faulty(
        "programme_code",
        "discipline_code",
        "too_long",
        "not_number",
        "not_choice",
        "not_whole",
        "url",
        programme_code="x",
        discipline_code="?",
        discipline_title="x" * 301,
        credits="x",
        cycle="x",
        component="x",
        semester="x",
        ai_category="x",
        evidence_url="x",
    ),
    "a formula with its value": Case("a.xlsx", raw("<v>5</v>", "<f>2+3</f><v>5</v>"), GOOD),
    "a formula never calculated": Case(
        "a.xlsx", lambda: book(HEADINGS, line(), cells={"D2": "=2+3"}), BAD, ["formula_uncalculated"]
    ),
    "a formula of text never calculated": Case(
        "a.xlsx",
        lambda: book(HEADINGS, line(), cells={"I2": "=HYPERLINK(A1)"}),
        BAD,
        ["formula_uncalculated"],
    ),
    "a formula that calls a program": Case(
        "a.xlsx",
        lambda: book(HEADINGS, line(), cells={"C2": "=cmd|' /C calc'!A0"}),
        BAD,
        ["formula_uncalculated"],
    ),
    "a formula that failed": Case(
        "a.xlsx", raw('D2"><v>5</v>', 'D2" t="e"><f>NA()</f><v>#N/A</v>'), BAD, ["formula_error"]
    ),
    "an error without a formula": Case(
        "a.xlsx", raw('D2"><v>5</v>', 'D2" t="e"><v>#REF!</v>'), BAD, ["formula_error"]
    ),
    "an error where a cell may be empty": Case(
        "a.xlsx", lambda: book(HEADINGS, line(), cells={"I2": "#N/A"}), BAD, ["formula_error"]
    ),
    "an error in a line that is blank otherwise": Case(
        "a.xlsx",
        lambda: book(HEADINGS, line(), [], line(3), cells={"I3": "#N/A"}),
        (3, 2, 1, 0),
        ["required", "formula_error"],
    ),
    "a formula whose value is no text": Case(
        "a.xlsx", raw('D2"><v>5</v>', 'D2" t="str"><f>""</f><v></v>'), BAD, ["required"]
    ),
    "a number beyond all numbers": Case("a.xlsx", raw("<v>5</v>", "<v>1e999</v>"), BAD, ["not_number"]),
    "a cell without a value": Case("a.xlsx", raw("<v>5</v>", ""), BAD, ["required"]),
    "a formula of ods": Case(
        "a.ods",
        of_ods('<table:table-cell table:formula="of:=2+3" office:value-type="float" office:value="5"/>'),
        GOOD,
    ),
    "a formula of ods never calculated": Case(
        "a.ods", of_ods('<table:table-cell table:formula="of:=2+3"/>'), BAD, ["formula_uncalculated"]
    ),
    "a formula of ods that failed": Case("a.ods", of_ods(ERROR_OF_ODS), BAD, ["formula_error"]),
    "a number of ods that is none": Case(
        "a.ods",
        of_ods(
            '<table:table-cell office:value-type="float" office:value="x"><text:p>x</text:p></table:table-cell>'
        ),
        BAD,
        ["not_number"],
    ),
    "a date of ods": Case(
        "a.ods",
        of_ods('<table:table-cell office:value-type="date" office:date-value="2025-05-01"/>'),
        BAD,
        ["date"],
    ),
    "a remark of ods is not its value": Case(
        "a.ods",
        of_ods(
            '<table:table-cell office:value-type="float" office:value="5"><office:annotation><text:p>many</text:p>'
            "</office:annotation><text:p>5</text:p></table:table-cell>"
        ),
        GOOD,
    ),
    "the same line twice": Case(
        "a.xlsx", lambda: xlsx(HEADINGS, line(1), line(1)), (2, 1, 1, 0), ["duplicate_line"]
    ),
    "one code, two titles": Case(
        "a.xlsx",
        lambda: xlsx(HEADINGS, line(1), line(1, semester=4, discipline_title="Other")),
        (2, 1, 1, 0),
        ["title_conflict"],
    ),
    "more lines than a curriculum has": Case(
        "a.xlsx", lambda: xlsx(HEADINGS, *map(line, range(303))), (303, 302, 1, 0), ["too_many_lines"]
    ),
    "one bad row among good ones": Case(
        "a.xlsx",
        lambda: raw_xlsx(rows_of(HEADINGS, line(1), line(2, credits="x"), line(3))),
        (3, 2, 1, 0),
        ["not_number"],
    ),
}

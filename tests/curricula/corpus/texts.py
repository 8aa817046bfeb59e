"""CSV: encodings, separators, quotes, and what other programs make of them."""

from collections.abc import Callable
from typing import Any

from tests.curricula.corpus.case import Case, refused
from tests.curricula.corpus.containers import GOOD
from tests.curricula.spreadsheet_files import HEADINGS, KAZAKH, RUSSIAN, csv_text, line

RUSSIAN_LINE = line(discipline_title="Основы; ИИ, «часть 1»", credits="4,5", cycle="БД", component="КВ")
BAD = (1, 0, 1, 0)


def text(content: str, encoding: str = "utf-8") -> Callable[[], bytes]:
    return lambda: content.encode(encoding)


def rows(*lines: list[Any], separator: str = ",", encoding: str = "utf-8") -> Callable[[], bytes]:
    return text(csv_text(*lines, separator=separator), encoding)


TEXTS: dict[str, Case] = {
    "csv in utf-8": Case("a.csv", rows(RUSSIAN, RUSSIAN_LINE), GOOD),
    "csv in utf-8 with a mark": Case("a.csv", rows(RUSSIAN, RUSSIAN_LINE, encoding="utf-8-sig"), GOOD),
    "csv in utf-16": Case("a.csv", rows(RUSSIAN, RUSSIAN_LINE, separator="\t", encoding="utf-16"), GOOD),
    "csv in utf-16, the other way round": Case(
        "a.csv", lambda: b"\xfe\xff" + csv_text(RUSSIAN, RUSSIAN_LINE).encode("utf-16-be"), GOOD
    ),
    "csv in windows-1251": Case("a.csv", rows(RUSSIAN, RUSSIAN_LINE, separator=";", encoding="cp1251"), GOOD),
    "kazakh letters lost in windows-1251": Case(
        "a.csv",
        rows(RUSSIAN, line(discipline_title="Жасанды ?мірдегі білім".replace("і", "i")), encoding="cp1251"),
        BAD,
        ["lost_letters"],
    ),
    "question marks in utf-8": Case("a.csv", rows(HEADINGS, line(discipline_title="What is?AI")), GOOD),
    "csv in kazakh": Case("a.csv", rows(KAZAKH, line(discipline_title="Жасанды интеллект негіздері")), GOOD),
    "csv with semicolons and decimal commas": Case(
        "a.csv", rows(HEADINGS, RUSSIAN_LINE, separator=";"), GOOD
    ),
    "csv with tabs": Case("a.tsv", rows(HEADINGS, RUSSIAN_LINE, separator="\t"), GOOD),
    "csv with bars": refused("a.csv", rows(HEADINGS, line(), separator="|"), "no_headings"),
    "csv that names its separator": Case(
        "a.csv", text("sep=;\r\n" + csv_text(HEADINGS, line(), separator=";")), GOOD
    ),
    "csv with quotes within quotes": Case(
        "a.csv", rows(HEADINGS, line(discipline_title='The "new" AI, part 2')), GOOD
    ),
    "csv with a line break in a description": Case(
        "a.csv", rows([*HEADINGS, "description"], [*line(), "One.\nTwo."], [*line(2), ""]), (2, 2, 0, 0)
    ),
    "csv with a line break in a title": Case(
        "a.csv", rows(HEADINGS, line(discipline_title="one\ntwo"), line(2)), (2, 1, 1, 0), ["line_break"]
    ),
    "csv with line ends of an old mac": Case(
        "a.csv", text(csv_text(HEADINGS, line(), line(2)).replace("\r\n", "\r")), (2, 2, 0, 0)
    ),
    "csv with mixed line ends": Case(
        "a.csv", text(csv_text(HEADINGS, line()) + csv_text(line(2)).replace("\r\n", "\n")), (2, 2, 0, 0)
    ),
    "csv without a line end at its end": Case("a.csv", text(csv_text(HEADINGS, line()).rstrip()), GOOD),
    "csv with a separator at each end": Case(
        "a.csv", text(csv_text(HEADINGS, line()).replace("\r\n", ",\r\n")), GOOD
    ),
    "csv with a blank line in the middle": Case("a.csv", rows(HEADINGS, line(), [], line(2)), (3, 2, 0, 1)),
    "csv with lines of separators": Case("a.csv", rows(HEADINGS, line(), [""] * 9, line(2)), (3, 2, 0, 1)),
    "csv with a row that is too short": Case(
        "a.csv", rows(HEADINGS, line()[:5], line(2)), (2, 1, 1, 0), ["required"]
    ),
    "csv with a row that is too long": Case(
        "a.csv", rows(HEADINGS, [*line(), "", "x"], line(2)), (2, 1, 1, 0), ["no_heading"]
    ),
    "csv with an unquoted comma": Case(
        "a.csv",
        text(csv_text(HEADINGS) + "6B06102,AI1,AI, ML,5,basic,university,3,none,\r\n"),
        BAD,
        ["not_number", "not_choice", "not_whole", "url"],
    ),
    "csv with an open quote": refused(
        "a.csv", text(csv_text(HEADINGS, line()) + '"6B06102,AI\n'), "csv_broken"
    ),
    "csv of noise": refused("a.csv", lambda: bytes(range(128, 256)) * 20, "encoding"),
    "csv cut within a letter": refused(
        "a.csv", lambda: csv_text(KAZAKH, line()).encode()[:-1] + b"\xd0", "encoding"
    ),
    "csv in half a utf-16": refused(
        "a.csv", lambda: csv_text(HEADINGS, line()).encode("utf-16")[:-1], "encoding"
    ),
    "csv in utf-16 without a mark": refused(
        "a.csv", rows(HEADINGS, line(), encoding="utf-16-le"), "wrong_kind"
    ),
    "csv with NUL": refused("a.csv", rows(HEADINGS, line(discipline_title="a\0b")), "wrong_kind"),
    "csv of nothing but a mark": refused("a.csv", lambda: b"\xef\xbb\xbf", "no_headings"),
    "csv of line ends": refused("a.csv", lambda: b"\r\n" * 1000, "no_headings"),
    "csv of headings": refused("a.csv", rows(HEADINGS), "no_rows"),
    "json named csv": refused("a.csv", text('{"programme_code": "6B06102"}'), "no_headings"),
    "a program named csv": refused("a.csv", lambda: b"MZ\x90\x00\x03\x00\x00\x00", "wrong_kind"),
    "csv with the end mark of DOS": Case(
        "a.csv", text(csv_text(HEADINGS, line()) + "\x1a"), (2, 1, 1, 0), ["control", "required"]
    ),
    "csv with formulas": Case(
        "a.csv",
        rows(
            HEADINGS,
            line(1, discipline_title="=1+1"),
            line(2, discipline_title="+cmd|' /C calc'!A0"),
            line(3, discipline_title="-2+3"),
            line(4, discipline_title="@SUM(1)"),
        ),
        (4, 4, 0, 0),
    ),
    "csv with an invisible character before its headings": Case(
        "a.csv", text("\ufeff\u200b" + csv_text(HEADINGS, line())), GOOD
    ),
    "csv whose titles hold separators": Case(
        "a.csv", rows(HEADINGS, line(discipline_title="a;b,c\td"), separator=";"), GOOD
    ),
}

"""The template of an institution, handed in as it was downloaded, has no fault and changes nothing."""

import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curricula.importing import Outcome, import_file
from curricula.importing.filled import filled_template
from curricula.models import Discipline, Period
from curricula.spreadsheets.columns import plain
from institutions.models import Institution
from tests.curricula.spreadsheet_files import csv_text, ods_row, raw_ods
from tests.factories import (
    make_discipline,
    make_earlier_period,
    make_institution,
    make_period,
    make_programme,
    make_version,
)

pytestmark = pytest.mark.django_db

ODD_TITLES: list[dict[str, str]] = [
    {"title_kk": "", "title_ru": "Машинное обучение", "title_en": ""},
    {"title_kk": "Python", "title_ru": "", "title_en": ""},
    {"title_kk": "", "title_ru": "", "title_en": "Жасанды интеллект"},
    {"title_kk": "Екі  бос\u00a0орын ", "title_ru": "=1+1", "title_en": "@SUM(A1)"},
    {"title_en": "Invisible\u200b", "description": "One line.\r\nAnother.\r\n\r\n  A third  "},
    {"title_en": "Control\x0bcharacter", "description": "\x0bText"},
]


@pytest.fixture
def institution() -> Institution:
    return make_institution(code="kaznu")


@pytest.fixture
def period(institution: Institution) -> Period:
    return make_period("2025")


def as_rows(content: bytes) -> dict[str, list[list[Any]]]:
    """The sheets of a workbook as another program reads them."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        sheet.title: [
            ["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)
        ]
        for sheet in book.worksheets
    }


def opened_in(kind: str, content: bytes) -> bytes:
    """The template as it is after somebody has opened it and saved it as another kind."""
    sheets = as_rows(content)
    if kind == "csv":
        return csv_text(*next(iter(sheets.values())), separator=";").encode("utf-8-sig")
    if kind == "ods":
        tables = [
            f'<table:table table:name="{name}">{"".join(map(ods_row, rows))}</table:table>'
            for name, rows in sheets.items()
        ]
        return raw_ods(*tables)
    return content


def handed_in(kind: str, institution: Institution, period: Period, language: str = "kk") -> Outcome:
    template = filled_template(institution=institution, period=period, language=language)
    outcome = import_file(
        institution=institution,
        period=period,
        content=opened_in(kind, template),
        file_name=f"template.{kind}",
        by=None,
    )
    assert outcome.read == outcome.accepted + outcome.rejected + outcome.blank
    return outcome


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_as_downloaded_it_changes_nothing(
    institution: Institution, period: Period, kind: str, language: str
) -> None:
    lines = [
        {"discipline": make_discipline(institution, **titles), "credits": 4.5, "cycle": "general"}
        for titles in ODD_TITLES
    ]
    for code, state in (("6B06101", "draft"), ("6B06102", "submitted"), ("6B06103", "approved")):
        make_version(make_programme(institution, code=code), period=period, state=state, lines=lines)
    make_programme(institution, code="6B06104")
    texts = list(Discipline.objects.order_by("pk").values())
    outcome = handed_in(kind, institution, period, language)
    assert outcome.faults == []
    assert (outcome.added, outcome.changed) == ([], [])
    assert outcome.unchanged == ["6B06101", "6B06102", "6B06103"]
    assert (outcome.blank, outcome.unfilled) == (1, ["6B06104"])
    assert list(Discipline.objects.order_by("pk").values()) == texts


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_of_a_new_institution_it_is_blank(institution: Institution, period: Period, kind: str) -> None:
    for code in ("6B06101", "6B06102"):
        make_programme(institution, code=code)
    outcome = handed_in(kind, institution, period)
    assert (outcome.faults, outcome.read, outcome.blank) == ([], 2, 2)
    assert outcome.plan.changes_nothing


def test_programmes_not_begun_come_with_what_was_approved_last(
    institution: Institution, period: Period
) -> None:
    programme = make_programme(institution, code="6B06101")
    for year, when in (("2023", 1), ("2024", 2)):
        earlier = make_earlier_period(year)
        lines = [{"discipline": make_discipline(institution, code=f"Y{year}-{n}")} for n in range(when)]
        make_version(programme, period=earlier, state="approved", lines=lines)
    closed = make_programme(institution, code="6B06109", active_to=period.starts_on)
    make_version(closed, period=make_earlier_period("2024"), state="approved")
    type(closed).objects.filter(pk=closed.pk).update(active_to="2021-01-01")
    outcome = handed_in("xlsx", institution, period)
    assert (outcome.faults, outcome.added) == ([], ["6B06101"])
    assert [line.discipline_code for line in outcome.plan.added[0].lines] == ["Y2024-0", "Y2024-1"]


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda text: plain(text) != "" and "\x00" not in text
)


@settings(max_examples=30)
@given(title=texts, description=texts, language=st.sampled_from(["kk", "ru", "en"]))
def test_whatever_a_discipline_is_called(
    institution: Institution, period: Period, title: str, description: str, language: str
) -> None:
    Discipline.objects.filter(institution=institution, lines=None).delete()
    programme = institution.programmes.first() or make_programme(institution, code="6B06101")
    programme.versions.all().delete()
    texts = {"title_kk": "", "title_ru": "", "title_en": "", f"title_{language}": title}
    discipline = make_discipline(institution, description=description, **texts)
    make_version(programme, period=period, lines=[{"discipline": discipline}])
    before = Discipline.objects.filter(pk=discipline.pk).values().get()
    for kind in ("xlsx", "csv"):
        outcome = handed_in(kind, institution, period)
        assert (outcome.faults, outcome.unchanged) == ([], ["6B06101"])
    assert Discipline.objects.filter(pk=discipline.pk).values().get() == before


@pytest.mark.parametrize("size", [2, 30])
def test_it_costs_the_same_queries_for_many(
    institution: Institution, period: Period, size: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(size):
        make_version(make_programme(institution, code=f"6B061{number:02}"), period=period)
    with django_assert_max_num_queries(4):
        filled_template(institution=institution, period=period, language="ru")

"""Each table in each format: the same rows, of the right types, and no cell that a spreadsheet program would run."""

import io
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from django.utils import timezone

from curricula.models import Field, Programme
from institutions.models import Institution, Region
from reports.files import table_xlsx, workbooks
from reports.files.filling import filled_tables
from reports.files.formats import Filled, as_csv
from reports.files.parquet import as_parquet
from reports.models import ReferenceValue, Release, Requirement, Target
from tests.factories import make_period, make_version
from tests.reports.release_files import content, csv_rows, json_rows, parquet_rows, xlsx_rows
from tests.reports.releases import make_release

pytestmark = pytest.mark.django_db

TABLES = [
    "coverage", "indicators", "programmes", "series", "movements", "requirements", "targets", "reference-values",
    "regions", "institutions", "fields",
]  # fmt: skip
PAYLOADS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=HYPERLINK(\"http://x\")", "＝1", "＋1", "－1", "＠x",
    "=cmd|' /C calc'!A0", "http://x.example/", "{=1}", "1e9", "TRUE",
]  # fmt: skip


def normal(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """As all formats can say it: without the places of decimals, moments to the second."""
    return [{name: _normal(value) for name, value in row.items()} for row in rows]


def _normal(value: str) -> str:
    value = re.sub(r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)?$", r"\1 \2", value)
    return (
        re.sub(r"^(\d+\.\d*?)0+$", r"\1", value).removesuffix(".")
        if re.match(r"^\d+\.\d+$", value)
        else value
    )


@pytest.fixture
def changed(release: Release) -> Release:
    """A second release, in which a programme has moved, with targets and statements."""
    Target.objects.get_or_create(requirement_code="ai-in-every-programme", due_on="2030-01-01", share="0.5")
    ReferenceValue.objects.get_or_create(
        code="x", defaults={"value": "95.5", "unit": "percent", "stated_on": date(2026, 1, 15)}
    )
    silent = Programme.objects.get(code="7M06103")
    make_version(silent, period=make_period(), state="approved", at=timezone.now() - timedelta(minutes=1))
    return make_release()


def test_a_table_has_the_same_rows_in_each_format(changed: Release, tmp_path: Path) -> None:
    for name in TABLES:
        rows = normal(csv_rows(content(changed, f"{name}.csv")))
        assert rows, name
        assert normal(xlsx_rows(content(changed, f"{name}.xlsx"))) == rows, name
        assert normal(json_rows(content(changed, f"{name}.json"))) == rows, name
        assert normal(parquet_rows(content(changed, f"{name}.parquet"), tmp_path)) == rows, name


def test_every_row_of_the_release_is_in_its_tables(changed: Release) -> None:
    assert [filled.table.name for filled in filled_tables(changed)] == TABLES
    assert len(csv_rows(content(changed, "coverage.csv"))) == changed.snapshot.coverage.count()
    assert len(csv_rows(content(changed, "programmes.csv"))) == changed.snapshot.assessments.count()
    assert len(csv_rows(content(changed, "indicators.csv"))) == changed.snapshot.indicators.count()
    assert {row["release"] for row in csv_rows(content(changed, "series.csv"))} == {"1", "2"}
    assert {row["code"] for row in csv_rows(content(changed, "institutions.csv"))} == {"kaznu", "satbayev"}


def test_parquet_has_types(changed: Release, tmp_path: Path) -> None:
    types: dict[str, str] = {}
    for name in TABLES:
        (tmp_path / f"{name}.parquet").write_bytes(content(changed, f"{name}.parquet"))
        found = duckdb.execute(f"DESCRIBE SELECT * FROM '{tmp_path}/{name}.parquet'").fetchall()
        types |= {column: kind for column, kind, *_rest in found}
    expected = {
        "share": "DECIMAL(7,6)", "share_of_reported": "DECIMAL(7,6)", "ai_credits": "DECIMAL(12,2)", "met": "BIGINT",
        "as_at": "TIMESTAMP WITH TIME ZONE", "due_on": "DATE", "demonstration": "BOOLEAN", "key": "VARCHAR",
    }  # fmt: skip
    assert {name: types[name] for name in expected} == expected
    encoded = duckdb.execute(
        f"SELECT DISTINCT encodings FROM parquet_metadata('{tmp_path}/coverage.parquet') WHERE path_in_schema = 'key'"
    ).fetchall()
    assert all("DICTIONARY" in encodings for (encodings,) in encoded)


def test_a_workbook_says_first_what_it_holds_in_three_languages(release: Release) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content(release, "coverage.xlsx")))
    assert book.sheetnames == ["About", "coverage"]
    text = "\n".join(str(cell) for row in book["About"].iter_rows(values_only=True) for cell in row if cell)
    for wanted in (
        release.snapshot.fingerprint,
        "CC BY 4.0",
        "2025/26",
        "/kk/",
        "/ru/",
        "/en/",
        "ECTS"[:0],
        "share",
    ):
        assert wanted in text


def test_in_a_workbook_numbers_are_numbers_and_days_are_days(changed: Release) -> None:
    def cells(name: str) -> dict[str, object]:
        _about, sheet, *_more = openpyxl.load_workbook(io.BytesIO(content(changed, name)))
        header, first, *_rest = sheet.iter_rows(values_only=True)
        return dict(zip(map(str, header), first, strict=True))

    programme, target, point = cells("programmes.xlsx"), cells("targets.xlsx"), cells("series.xlsx")
    assert [type(programme[name]) for name in ("release", "ai_credits", "demonstration", "code")] == [
        int, int, bool, str,
    ]  # fmt: skip
    assert target["share"] == 0.5
    assert isinstance(target["due_on"], datetime)
    assert isinstance(point["as_at"], datetime)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_of_any_table_is_active_and_every_text_comes_back(
    release: Release, payload: str, tmp_path: Path
) -> None:
    for model, fields in {
        Programme: ("title",), Institution: ("name",), Region: ("name",), Field: ("name", "short_name"),
        Requirement: ("name",),
    }.items():  # fmt: skip
        named = {f"{field}_{language}": payload for field in fields for language in ("kk", "ru", "en")}
        model._default_manager.update(**named)
    Institution.objects.update(city=payload)
    Requirement.objects.update(legal_reference=payload)
    named = {
        f"{field}_{language}": payload for field in ("text", "source") for language in ("kk", "ru", "en")
    }
    ReferenceValue.objects.create(code="x", value=1, unit="count", stated_on="2026-01-01", **named)
    Target.objects.create(
        requirement_code="x",
        due_on="2030-01-01",
        share="0.5",
        source=payload,
        name_kk=payload,
        name_ru=payload,
    )
    texts = 0
    for filled in filled_tables(release):
        active = [row for row in openpyxl_cells(filled, release) if row[0] not in "snbd"]
        assert active == []
        for row in csv_rows(as_csv(filled)):
            for value in row.values():
                assert not value or value[0].isalnum() or value[0] in "'{", value
        rows = parquet_rows(as_parquet(filled, {}), tmp_path)
        texts += sum(value == payload for row in rows for value in row.values())
    assert texts > 30


def openpyxl_cells(filled: Filled, release: Release) -> list[tuple[str, object]]:
    """Type and value of each cell; `f` is a formula, and a link has an address."""
    book = openpyxl.load_workbook(io.BytesIO(table_xlsx(release, filled)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.hyperlink]
    return [(cell.data_type, cell.value) for cell in cells]


def test_a_sheet_that_is_full_goes_on_on_the_next(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "ROWS_A_SHEET", 3)
    filled = filled_tables(release)[0]
    book = openpyxl.load_workbook(io.BytesIO(table_xlsx(release, filled)))
    whole = [row for sheet in book.worksheets[1:] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert len(whole) == len(csv_rows(content(release, "coverage.csv")))
    assert {sheet.max_row for sheet in book.worksheets[1:-1]} == {4}


def test_a_decimal_of_six_places_survives_a_spreadsheet(release: Release) -> None:
    for text in ("0.333333", "0.000001", "0.999999", "1.000000"):
        assert Decimal(repr(float(text))) == Decimal(text)

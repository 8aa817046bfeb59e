"""No cell of any table that leaves the program is a formula, whatever names, titles and reasons begin with."""

import csv
import io
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin
from zipfile import ZipFile

import openpyxl
import pghistory
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from curricula import importing
from curricula.models import Import, Period
from institutions.formulas import harmless, harmless_rows, may_be_active
from institutions.models import Institution, Region, User
from reports.files.formats import cell
from reports.files.workbooks import rows_as_xlsx
from reports.reference import load_mandate
from reports.tables import Column
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.factories import make_discipline, make_institution, make_period, make_programme, make_version
from tests.reports.releases import make_release
from tests.reports.test_api_secrecy import ADDRESSES
from tests.security.planting import plant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PAYLOADS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "＝1+1", "=HYPERLINK(1)", "=cmd|' /C calc'!A0",
    "x;=1+1", "x\n=1+1", 'x";\t@SUM(1)',
]  # fmt: skip
ACTIVE = re.compile(r"[=+\-@\t\r\n\x00＝＋－＠]")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@pytest.fixture
def country() -> str:
    """Twelve universities, programmes and disciplines, each text of which is a payload; the code of one."""
    load_mandate()
    period, yesterday = make_period(), timezone.now() - timedelta(days=1)
    for number in range(len(PAYLOADS)):
        institution = make_institution(code=f"u{number}")
        discipline = make_discipline(institution, code=f"AI{number}", ai_category="core", description="x")
        core = {"discipline": discipline, "ai_category": "core"}
        programme = make_programme(institution, code=f"6B061{number:02}")
        make_version(programme, period=period, state="approved", at=yesterday, lines=[core])
    planted = plant(PAYLOADS)
    assert {"institutions.Institution.name_kk", "curricula.Programme.title_ru", "curricula.Discipline.title_en",
            "curricula.Discipline.description", "institutions.Region.name_en", "curricula.Field.name_kk",
            "reports.Requirement.name_ru"} <= planted  # fmt: skip
    make_release(notes={"kk": PAYLOADS[0], "ru": PAYLOADS[1], "en": PAYLOADS[2]})
    return "u0"


def tables(content: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """A file, or those in an archive of several."""
    if content.startswith(b"PK") and not name.endswith("xlsx"):
        with ZipFile(io.BytesIO(content)) as archive:
            for one in archive.namelist():
                yield from tables(archive.read(one), one)
    elif name.endswith(("csv", "xlsx")):
        yield name, content


def formulas(name: str, content: bytes) -> list[Any]:
    """Cells that a spreadsheet program would take for a formula."""
    if name.endswith("xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(content))
        found = [one for sheet in book for row in sheet.iter_rows() for one in row]
        assert found, name
        return [one.coordinate for one in found if one.data_type not in ("s", "n", "b", "d", "inlineStr")]
    text = content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows, name
    as_meant = [one for row in rows for one in row]
    # As where semicolons divide: no quote is one, and each line break begins a row.
    otherwise = [one.strip(' "\t') for one in re.split(r"[;\r\n]", text)]
    return [one for one in as_meant + otherwise if ACTIVE.match(one) and not NUMBER.match(one)]


def test_no_cell_that_anyone_may_read_is_a_formula(client: Client, country: str) -> None:
    taken = {}
    for address in ADDRESSES.values():
        address = address.replace("kaznu", country)
        for form in ("csv",) if "/export/" in address else ("csv", "xlsx"):
            if address != "/api/v1/":
                taken[f"{address}?format={form}"] = b"".join(client.get(f"{address}?format={form}"))
    for file in client.get("/api/v1/releases/1/").json()["files"]:
        taken[file["address"]] = client.get(file["address"]).content
    for form in ("csv", "xlsx"):
        taken[f"/en/releases/1/coverage-institution.{form}"] = b""
    taken["/en/disciplines/table.csv"] = b""
    for page in ("", f"institutions/{country}/", "regions/KZ-71/", "fields/06/"):
        shown = client.get(f"/en/{page}?release=1").content.decode().replace("&amp;", "&")
        links = re.findall(r'href="([^"]*as=(?:csv|xlsx))"', shown)
        taken |= {urljoin(f"/en/{page}", link): b"" for link in links}
    assert sum("as=" in address for address in taken) >= 6
    seen = 0
    for address, content in taken.items():
        content = content or client.get(address).content
        for name, table in tables(content, address):
            assert formulas(name, table) == [], (address, name)
            seen += any(payload.encode() in table for payload in ("=1+1", "+1+1"))
    assert seen > 10, "the payloads must be there to be harmless"


def test_no_cell_of_the_trail_is_a_formula(client: Client, auditor: User) -> None:
    region = Region.objects.create(code="KZ-10", kind="region", name_kk="x", name_ru="x", name_en="x")
    for payload in PAYLOADS:
        with pghistory.context(reason=payload, action=payload, url=payload, user=auditor.pk):
            Region.objects.filter(pk=region.pk).update(name_en=payload, name_kk=payload)
    client.force_login(auditor)
    content = b"".join(client.get("/en/admin/institutions/trailentry/trail.csv"))
    assert content.count(b"=1+1") >= 3 * 3
    assert formulas("trail.csv", content) == []


def test_no_cell_of_a_template_or_of_a_copy_with_faults_is_a_formula(
    client: Client, institution: Institution, period: Period, editor: User, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    discipline = make_discipline(institution, code="AI1")
    make_version(make_programme(institution, code="6B06101"), lines=[{"discipline": discipline}])
    plant(PAYLOADS)
    from django.core.files.uploadedfile import SimpleUploadedFile

    rows = [line(number, credits="5 ects", discipline_title=text) for number, text in enumerate(PAYLOADS, 1)]
    file = SimpleUploadedFile("a.csv", csv_text(HEADINGS, *rows).encode())
    started = importing.start_import(institution=institution, period=period, file=file, by=editor)
    importing.run_import(started.pk)
    assert Import.objects.get(pk=started.pk).state == "refused"
    client.force_login(editor)
    base = f"/en/workspace/{institution.code}/imports/"
    for address in (f"{base}template/?period={period.code}", f"{base}{started.pk}/marked/"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert formulas("a.xlsx", b"".join(answer)) == []


def test_the_sample_that_is_drawn_again_holds_codes_and_numbers_alone(
    client: Client, lead: User, everything: None
) -> None:
    from curricula.models import Sample

    client.force_login(lead)
    sample = Sample.objects.get()
    content = client.get(reverse("admin:curricula_sample_population", args=[sample.pk])).content
    assert formulas("sample.csv", content) == []


def test_negative_numbers_stay_numbers() -> None:
    assert cell(-5) == "-5"
    columns = [Column("change", None, "integer", "x"), Column("name", None, "text", "x")]
    book = openpyxl.load_workbook(io.BytesIO(rows_as_xlsx("t", columns, [[-5, "-5"]])))
    number, text = next(book["t"].iter_rows(min_row=2))
    assert (number.value, number.data_type, text.value, text.data_type) == (-5, "n", "-5", "s")


@pytest.mark.parametrize("text", ["C++; C#", "a - b", "1;2", "AI: 5 ECTS\nmore", "«=»", "x = 1", ""])
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_an_export_by_the_database_is_mended_as_the_program_does() -> None:
    texts = [
        *PAYLOADS,
        "C++; C#",
        "\n\n;;=",
        "=;=\n-",
        "'",
        'x"\n"-',
        "x; ＝1",
        "x;\u00a0=1",
        "tame",
        "",
        "\nx",
        "a,b",
    ]
    with connection.cursor() as cursor:
        written = cursor.mogrify(
            "COPY (SELECT one, one, -1 FROM unnest(%s::text[]) AS one) TO STDOUT (FORMAT csv)", [texts]
        )
        with cursor.copy(written) as copy:
            rows = [bytes(row) for row in copy]
    for many in (rows, *([row] for row in rows)):
        mended = list(csv.reader(io.StringIO(harmless_rows(many, {1}).decode(), newline="")))
        found = [row[0] for row in mended]
        assert mended == [[text, harmless(text), "-1"] for text in found]
        assert many is not rows or found == texts
    tame = b'tame,"a, b",1\n'
    assert not may_be_active(tame * 3, 3)
    assert harmless_rows([tame] * 3, {0, 1}) == tame * 3


def said_slowly(text: str) -> str:
    """What `harmless` must say, letter by letter: what opens a cell, and quotes and spaces after it, before a sign."""
    found = ""
    for place, letter in enumerate(text):
        between = re.search(r'["\s;]*$', text[:place])
        opens = between is not None and re.search(r"[;\t\r\n]", between[0])
        found += "'" * bool(letter in "=+@＝＋－＠-" and opens) + letter
    return f"'{found}" if found[:1] in tuple("=+@＝＋－＠-\t\r\n") else found


@given(st.text(st.sampled_from(";\t\r\n\"\u00a0 =-＠'xя"), max_size=12))
def test_a_sign_is_kept_from_its_place_wherever_a_cell_may_open(text: str) -> None:
    assert harmless(text) == said_slowly(text)


def test_a_million_tabs_are_looked_at_once_each() -> None:
    """From each of them to the end would be half a billion steps, for hours."""
    began = time.process_time()
    assert harmless("\t" * 1_000_000 + "=") == "'" + "\t" * 1_000_000 + "'="
    assert harmless("\n" * 1_000_000 + "x") == "'" + "\n" * 1_000_000 + "x"
    assert time.process_time() - began < 10

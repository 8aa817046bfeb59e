"""The client of docs/examples sends a real workbook to a live server, and reaches the rows that its upload reaches."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile

from curricula import importing
from curricula.importing.filled import filled_template
from curricula.models import Line, Period
from curricula.tasks import sweep
from institutions.models import Institution
from tests.api_keys import make_api_key
from tests.factories import (
    make_discipline,
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_version,
)

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)

CLIENT = configured.BASE_DIR / "docs" / "examples" / "push_curricula.py"
SECRET = "qamtu_of_the_reference_client"
CODES = ("6B06101", "6B06102", "7M06103")


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def period() -> Period:
    return make_period("2025")


def teaching(code: str, period: Period) -> Institution:
    """Two programmes with drafts, and a third that is not begun."""
    institution = make_institution(code=code)
    shared = make_discipline(
        institution, code="AI 1", title_ru="Основы ИИ, часть «1»", description="О чём.\nИ ещё."
    )
    for number, programme in enumerate(CODES):
        made = make_programme(institution, code=programme)
        if number < 2:
            own = make_discipline(institution, code=f"M-{number}", title_en="Mathematics & more")
            lines: list[dict[str, Any]] = [
                {"discipline": shared, "ai_category": "core", "credits": 4.5},
                {"discipline": own},
            ]
            make_version(made, period=period, lines=lines)
    return institution


def workbook(institution: Institution, period: Period, **over: Any) -> bytes:
    """The template as the institution downloads it, worked on in a spreadsheet program: changed, dropped, added."""
    book = openpyxl.load_workbook(
        io.BytesIO(filled_template(institution=institution, period=period, language="en"))
    )
    sheet = book.worksheets[0]
    heads = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, heads["credits"]).value = over.get("credits", 7.5)
    sheet.cell(3, heads["cycle"]).value = "ПД"
    sheet.cell(3, heads["title_kk"]).value = "Математика және т.б."
    added = {
        "programme_code": CODES[2],
        "discipline_code": "NEW 7",
        "discipline_title": "Жасанды интеллект этикасы",
        "credits": 3,
        "cycle": "general",
        "component": "elective",
        "semester": "2",
        "ai_category": "ethics",
        "evidence_url": "https://kaznu.kz/new7",
    }
    for row in range(2, sheet.max_row + 2):
        if not sheet.cell(row, heads["discipline_code"]).value:
            for name, value in added.items():
                sheet.cell(row, heads[name]).value = value
            break
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def upload(institution: Institution, period: Period, content: bytes) -> None:
    """As an editor does it in the workspace, with the yes."""
    by = make_member(institution, "editor")
    file = SimpleUploadedFile("curricula.xlsx", content)
    started = importing.start_import(institution=institution, period=period, file=file, by=by)
    importing.run_import(started.pk)
    started.refresh_from_db()
    importing.confirm_import(ready=started, fingerprint=started.fingerprint, by=by)
    importing.run_import(started.pk)
    started.refresh_from_db()
    assert started.state == "done", started.faults


def rows(institution: Institution) -> list[tuple[Any, ...]]:
    lines = Line.objects.filter(institution=institution).order_by("version__programme__code", "position")
    return list(
        lines.values_list(
            "version__programme__code", "version__number", "version__state", "version__students", "position",
            "discipline__code", "discipline__title_kk", "discipline__title_ru", "discipline__title_en",
            "discipline__description", "credits", "cycle", "component", "semester", "ai_category", "evidence_url",
        )
    )  # fmt: skip


def push(server: "LiveServer", file: Path, *options: str) -> tuple[int, str]:
    """Run the client to its end, while the worker's sweep has its turns."""
    command = [sys.executable, "-I", str(CLIENT), server.url, "2025", str(file), *options]
    environment = {**os.environ, "QAMTU_KEY": SECRET}
    client = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    while client.poll() is None:
        sweep()
        time.sleep(0.2)
    output, _nothing = client.communicate()
    return client.returncode, output


@pytest.fixture
def file(period: Period, tmp_path: Path) -> Path:
    """The same workbook is uploaded by one institution and sent by the other."""
    enu, kaznu = teaching("enu", period), teaching("kaznu", period)
    make_api_key(kaznu, secret=SECRET, name="Platonus")
    content = workbook(kaznu, period)
    upload(enu, period, content)
    assert rows(kaznu) != rows(enu)
    path = tmp_path / "curricula.xlsx"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("options", [(), ("--each",)])
def test_it_reaches_the_very_rows_that_the_upload_reaches(
    live_server: "LiveServer", file: Path, options: tuple[str, ...]
) -> None:
    enu, kaznu = Institution.objects.get(code="enu"), Institution.objects.get(code="kaznu")
    before = rows(kaznu)
    code, output = push(live_server, file, "--dry-run", *options)
    assert (code, rows(kaznu)) == (0, before), output
    code, output = push(live_server, file, *options)
    assert code == 0, output
    assert rows(kaznu) == rows(enu)
    assert len(rows(kaznu)) == 5
    saved = list(kaznu.programmes.get(code=CODES[0]).versions.values())
    assert push(live_server, file, *options)[0] == 0
    assert list(kaznu.programmes.get(code=CODES[0]).versions.values()) == saved


@pytest.mark.parametrize("options", [(), ("--each",)])
def test_it_tells_every_fault_and_ends_with_one(
    live_server: "LiveServer", file: Path, period: Period, options: tuple[str, ...]
) -> None:
    kaznu = Institution.objects.get(code="kaznu")
    file.write_bytes(workbook(kaznu, period, credits="5,5 ects"))
    code, output = push(live_server, file, *options)
    assert code == 1
    assert "lines/0/credits: “5,5 ects” is not a number. Write 5.5." in output

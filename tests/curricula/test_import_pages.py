"""Handing in a spreadsheet as an editor does, and what others may see of it: nothing, or to read."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from curricula import importing
from curricula.models import CurriculumVersion, Import, Line, Period
from institutions.models import Institution, User
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.factories import (
    make_earlier_period,
    make_import,
    make_institution,
    make_member,
    make_period,
    make_programme,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def home() -> Institution:
    home = make_institution(code="abai")
    make_programme(home, code="6B06102")
    return home


@pytest.fixture
def period(home: Institution) -> Period:
    return make_period("2025")


@pytest.fixture
def writer(home: Institution) -> User:
    return make_member(home, "editor")


@pytest.fixture
def reader(home: Institution) -> User:
    return make_member(home, "viewer")


@pytest.fixture
def other(home: Institution) -> User:
    return make_member(make_institution(code="other"), "editor", "signatory")


def address(name: str, *arguments: Any) -> str:
    with translation.override("en"):
        return reverse(name, args=["abai", *arguments])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, period: Period, *rows: list[Any], name: str = "lines.csv") -> Any:
    file = SimpleUploadedFile(name, csv_text(HEADINGS, *rows).encode())
    return client.post(address("import-new"), {"period": period.pk, "file": file})


def finished(client: Client, period: Period, *rows: list[Any]) -> Import:
    """An import that has been uploaded and carried out."""
    upload(client, period, *rows)
    found = Import.objects.latest("pk")
    importing.run_import(found.pk)
    found.refresh_from_db()
    if found.state == "ready":
        client.post(address("import-confirm", found.pk), {"fingerprint": found.fingerprint})
        importing.run_import(found.pk)
        found.refresh_from_db()
    return found


def test_an_editor_uploads_and_watches(home: Institution, period: Period, writer: User) -> None:
    client = signed_in(writer)
    assert client.get(address("import-new")).status_code == 200
    answer = upload(client, period, line(1))
    started = Import.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == address("import-detail", started.pk)
    page = client.get(address("import-detail", started.pk)).content.decode()
    assert "Waiting for its turn" in page
    assert 'http-equiv="refresh"' in page
    Import.objects.filter(pk=started.pk).update(
        state="running", phase="saving", progress_done=20, progress_total=40
    )
    bar = client.get(address("import-detail", started.pk), headers={"HX-Request": "true"})
    assert 'max="40" value="20"' in bar.content.decode()
    assert "<html" not in bar.content.decode()
    assert "HX-Refresh" not in bar


def test_the_bar_gives_way_to_the_result(home: Institution, period: Period, writer: User) -> None:
    client = signed_in(writer)
    done = finished(client, period, line(1), line(2))
    bar = client.get(address("import-detail", done.pk), headers={"HX-Request": "true"})
    assert bar["HX-Refresh"] == "true"
    page = client.get(address("import-detail", done.pk)).content.decode()
    assert "Curricula: 1 begun, 0 changed, 0 unchanged." in page
    assert "Saved" in page
    again = finished(client, period, line(1), line(2))
    assert "nothing has changed" in client.get(address("import-detail", again.pk)).content.decode()


def test_every_fault_is_shown_with_its_place_and_remedy(
    home: Institution, period: Period, writer: User
) -> None:
    client = signed_in(writer)
    refused = finished(
        client, period, line(1), line(2, credits="5,5 ects"), line(3, programme_code="6B06199")
    )
    page = client.get(address("import-detail", refused.pk)).content.decode()
    assert "Nothing was saved: there are 2 faults" in page
    for text in ("D3", "5,5 ects", "is not a number. Write 5.5.", "A4", "Did you mean 6B06102?"):
        assert text in page
    assert not CurriculumVersion.objects.exists()


def test_faults_are_told_in_the_readers_language(home: Institution, period: Period, writer: User) -> None:
    client = signed_in(writer)
    refused = finished(client, period, line(1, cycle="main"))
    with translation.override("ru"):
        page = client.get(reverse("import-detail", args=["abai", refused.pk])).content.decode()
    assert "ООД, БД, ПД" in page


def test_many_faults_come_in_pages(home: Institution, period: Period, writer: User) -> None:
    client = signed_in(writer)
    refused = finished(client, period, *(line(number, semester=0) for number in range(120)))
    first = client.get(address("import-detail", refused.pk)).content.decode()
    last = client.get(address("import-detail", refused.pk) + "?page=3").content.decode()
    assert ("G51" in first, "G52" in first) == (True, False)
    assert "G121" in last


def test_what_a_file_says_is_never_markup(home: Institution, period: Period, writer: User) -> None:
    client = signed_in(writer)
    refused = finished(
        client, period, line(1, discipline_title="x" * 301 + "<script>", credits="<script>alert(1)")
    )
    page = client.get(address("import-detail", refused.pk)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_marked_copy_and_the_original_can_be_taken_home(
    home: Institution, period: Period, writer: User
) -> None:
    client = signed_in(writer)
    refused = finished(client, period, line(1, credits="many"))
    marked = client.get(address("import-marked", refused.pk))
    assert "attachment" in marked["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(marked.streaming_content))).worksheets[0]  # type: ignore[attr-defined]
    assert "is not a number" in sheet["D2"].comment.text
    original = client.get(address("import-original", refused.pk))
    assert original["Content-Type"] == "application/octet-stream"
    assert 'filename="lines.csv"' in original["Content-Disposition"]
    assert b"".join(original.streaming_content) == csv_text(HEADINGS, line(1, credits="many")).encode()  # type: ignore[attr-defined]


def test_a_file_refused_at_the_door_is_told_beside_the_field(
    home: Institution, period: Period, writer: User
) -> None:
    client = signed_in(writer)
    answer = upload(client, period, line(1), name="lines.xlsx")
    assert answer.status_code == 422
    assert "the content is of another kind (CSV)" in answer.content.decode()
    answer = client.post(address("import-new"), {"period": period.pk})
    assert answer.status_code == 422
    assert not Import.objects.exists()


def test_no_file_for_a_closed_period(home: Institution, period: Period, writer: User) -> None:
    answer = upload(signed_in(writer), make_earlier_period("2024"), line(1))
    assert answer.status_code == 422
    assert not Import.objects.exists()


def test_the_template_comes_back_as_unchanged(home: Institution, period: Period, writer: User) -> None:
    client = signed_in(writer)
    finished(client, period, line(1), line(2, credits="4,5"))
    template = client.get(address("import-template") + "?period=2025").content
    file = SimpleUploadedFile("filled.xlsx", template)
    client.post(address("import-new"), {"period": period.pk, "file": file})
    again = Import.objects.latest("pk")
    importing.run_import(again.pk)
    again.refresh_from_db()
    assert (again.state, again.programmes_unchanged) == ("done", 1)
    assert Line.objects.count() == 2


def test_an_import_can_be_cancelled_by_a_button(home: Institution, period: Period, writer: User) -> None:
    client = signed_in(writer)
    upload(client, period, line(1))
    started = Import.objects.get()
    client.post(address("import-cancel", started.pk))
    started.refresh_from_db()
    assert started.state == "cancelled"
    assert "Cancelled: nothing was saved" in client.get(address("import-detail", started.pk)).content.decode()


READ = ["import-list", "import-template", "import-detail", "import-original", "import-marked"]
WRITE = ["import-new", "import-cancel", "import-confirm"]


def _answers(client: Client, found: Import, names: list[str], method: str) -> set[int]:
    statuses = set()
    for name in names:
        numbered = name not in {"import-list", "import-template", "import-new"}
        where = address(name, found.pk) if numbered else address(name)
        answer = getattr(client, method)(where)
        if answer.streaming:
            assert b"".join(answer.streaming_content)  # read to its end, so that its file is closed
        statuses.add(answer.status_code)
    return statuses


def test_who_may_do_what(
    home: Institution, period: Period, writer: User, reader: User, other: User, reviewer: User
) -> None:
    found = finished(signed_in(writer), period, line(1, credits="many"))
    assert _answers(Client(), found, READ, "get") == {302}
    assert _answers(Client(), found, WRITE, "post") == {302}
    assert _answers(signed_in(other), found, READ, "get") == {404}
    assert _answers(signed_in(other), found, WRITE, "post") == {404}
    assert _answers(signed_in(reader), found, READ, "get") == {200}
    assert _answers(signed_in(reader), found, WRITE, "post") == {403}
    assert _answers(signed_in(reviewer), found, READ, "get") == {404}  # the ministry works in the admin
    page = signed_in(reader).get(address("import-detail", found.pk)).content.decode()
    assert address("import-new") not in page


def test_an_import_is_not_found_under_another_institution(
    home: Institution, period: Period, writer: User
) -> None:
    elsewhere = make_import(make_institution(code="elsewhere"))
    client = signed_in(writer)
    for name in ("import-detail", "import-original", "import-marked"):
        assert client.get(address(name, elsewhere.pk)).status_code == 404
    assert client.post(address("import-cancel", elsewhere.pk)).status_code == 404


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_costs_the_same_with_one_and_with_many(
    home: Institution, period: Period, writer: User, count: int, django_assert_max_num_queries: Any
) -> None:
    for _number in range(count):
        make_import(home, by=writer)
    client = signed_in(writer)
    with django_assert_max_num_queries(8):
        page = client.get(address("import-list")).content.decode()
    assert page.count(">curricula.xlsx<") == count

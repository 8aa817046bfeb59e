"""The page of a file that has been compared: what would happen, and a yes or no to it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from curricula import importing
from curricula.models import CurriculumVersion, Import, Line, Period
from institutions.models import Institution, User
from tests.curricula.spreadsheet_files import line
from tests.curricula.test_import_previews import _uploads, colleague, home, period, saved, upload, writer
from tests.factories import make_institution, make_member, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

__all__ = ["_uploads", "colleague", "home", "period", "writer"]  # the same scene


def address(name: str, *arguments: Any) -> str:
    with translation.override("en"):
        return reverse(name, args=["abai", *arguments])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def words(client: Client, where: str, **named: Any) -> str:
    return " ".join(client.get(where, **named).content.decode().split())


def test_the_page_says_what_would_happen_and_asks(period: Period, writer: User) -> None:
    saved(period, writer, line(1), line(2))
    ready = upload(period, writer, line(1, credits=6), line(3, programme_code="7M06103"), line(4))
    page = words(signed_in(writer), address("import-detail", ready.pk))
    for text in (
        "This would happen", "1 curriculum is begun.", "1 draft is changed.", "Lines: 2 added, 1 changed, 1 removed.",
        "1 programme is not in the file and stays as it is", "6B06101", "Yes, save it", "No, drop it",
        '<span class="was">5</span>', '<span class="now">6</span>', "AI2 Introduction to AI, part 2",
    ):  # fmt: skip
        assert text in page, text
    assert CurriculumVersion.objects.get().edit_number == 1


def test_yes_saves_and_the_page_tells_it(
    period: Period, writer: User, django_capture_on_commit_callbacks: Callable
) -> None:
    client = signed_in(writer)
    ready = upload(period, writer, line(1))
    with django_capture_on_commit_callbacks() as rung:
        answer = client.post(address("import-confirm", ready.pk), {"fingerprint": ready.fingerprint})
    assert len(rung) == 1  # for a worker
    assert answer["Location"] == address("import-detail", ready.pk)
    assert "the lines are being saved" in words(client, answer["Location"])
    importing.run_import(ready.pk)
    page = words(client, answer["Location"])
    assert "<h2>Saved</h2>" in page
    assert f"by {writer}" in page
    assert "Undo" in page
    assert Line.objects.count() == 1


def test_a_page_that_was_left_open_does_not_save_what_it_does_not_show(period: Period, writer: User) -> None:
    client = signed_in(writer)
    ready = upload(period, writer, line(1))
    answer = client.post(address("import-confirm", ready.pk), {"fingerprint": "f" * 64}, follow=True)
    assert "has changed since you looked" in answer.content.decode()
    ready.refresh_from_db()
    assert ready.state == "ready"


def test_drafts_that_changed_are_told_and_compared_again_by_a_button(
    period: Period, writer: User, colleague: User
) -> None:
    client = signed_in(writer)
    ready = upload(period, writer, line(1))
    saved(period, colleague, line(2))
    page = words(client, address("import-detail", ready.pk))
    assert "The drafts have changed since the file was compared" in page
    assert "Yes, save it" not in page
    client.post(address("import-confirm", ready.pk), {"again": "1"})
    importing.run_import(ready.pk)
    page = words(client, address("import-detail", ready.pk))
    assert "Lines: 1 added, 0 changed, 1 removed." in page
    assert "Yes, save it" in page


def test_no_drops_it(period: Period, writer: User) -> None:
    client = signed_in(writer)
    ready = upload(period, writer, line(1))
    client.post(address("import-cancel", ready.pk))
    assert "Cancelled: nothing was saved" in words(client, address("import-detail", ready.pk))
    assert not Line.objects.exists()


def test_large_differences_are_asked_for_programme_by_programme(period: Period, writer: User) -> None:
    client = signed_in(writer)
    ready = upload(period, writer, *(line(number) for number in range(160)))
    page = words(client, address("import-detail", ready.pk))
    one = address("import-programme", ready.pk, "6B06102")
    assert page.count(one) == 2  # for a script, and as a link without one
    assert "AI159" not in page
    assert "AI159" in words(client, one)
    alone = words(client, one, headers={"HX-Request": "true"})
    assert "AI159" in alone
    assert "<html" not in alone
    assert client.get(address("import-programme", ready.pk, "6B06101")).status_code == 404


def test_what_a_file_says_is_never_markup(period: Period, writer: User) -> None:
    ready = upload(period, writer, line(1, discipline_title="<script>alert(1)"))
    page = words(signed_in(writer), address("import-detail", ready.pk))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_unchanged_programmes_and_other_words_can_be_looked_at(period: Period, writer: User) -> None:
    saved(period, writer, line(1), line(2, programme_code="7M06103"))
    ready = upload(
        period, writer, line(1, discipline_title="Thinking machines"), line(2, programme_code="7M06103")
    )
    client = signed_in(writer)
    page = words(client, address("import-detail", ready.pk))
    assert "1 discipline gets other words" in page
    assert '<span class="now">Thinking machines</span>' in page
    assert "No curriculum differs." in page
    assert "1 line, as it is there already" in words(
        client, address("import-detail", ready.pk) + "?show=unchanged"
    )


def test_sheets_and_columns_that_were_not_read_are_named(period: Period, writer: User) -> None:
    ready = upload(period, writer, line(1))
    Import.objects.update(
        passed_over={"sheets": {"More": 12, "Empty": 0}, "columns": ["№"], "unfilled": ["7M06103"]}
    )
    page = words(signed_in(writer), address("import-detail", ready.pk))
    assert "Sheet “More” was not read, as it has no row of headings: 12 rows with text are on it." in page
    assert "“Empty”" not in page
    assert "Columns that were not read: №." in page
    assert "1 programme stands in the file without a line and stays as it is: 7M06103." in page


def test_only_editors_of_the_institution_are_asked(home: Institution, period: Period, writer: User) -> None:
    ready = upload(period, writer, line(1))
    viewer, other = make_member(home, "viewer"), make_member(make_institution(code="other"), "editor")
    one = address("import-programme", ready.pk, "6B06102")
    page = words(signed_in(viewer), address("import-detail", ready.pk))
    assert "This would happen" in page
    assert "Yes, save it" not in page
    assert signed_in(viewer).get(one).status_code == 200
    assert signed_in(viewer).post(address("import-confirm", ready.pk)).status_code == 403
    for where in (one, address("import-detail", ready.pk)):
        assert signed_in(other).get(where).status_code == 404
        assert Client().get(where).status_code == 302
    assert signed_in(other).post(address("import-confirm", ready.pk)).status_code == 404
    assert Client().post(address("import-confirm", ready.pk)).status_code == 302
    assert signed_in(writer).get(address("import-confirm", ready.pk)).status_code == 405


@pytest.mark.parametrize("size", [1, 40])
def test_the_page_costs_the_same_with_one_programme_and_with_many(
    home: Institution, period: Period, writer: User, size: int, django_assert_max_num_queries: Any
) -> None:
    codes = [f"6B041{number:02}" for number in range(size)]
    for code in codes:
        make_programme(home, code=code)
    ready = upload(period, writer, *(line(1, programme_code=code) for code in codes))
    client = signed_in(writer)
    with django_assert_max_num_queries(15):
        page = client.get(address("import-detail", ready.pk)).content.decode()
    assert page.count('<details class="change"') == size

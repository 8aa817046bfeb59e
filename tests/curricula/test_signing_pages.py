"""Signing by whole pages: the summary, the refusals, and a receipt that says what became of everything."""

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curricula import drafting, submitting
from curricula.models import CurriculumVersion, Period, Submission
from institutions.models import Institution, User
from tests.curricula.test_drafting import CORE
from tests.factories import (
    decide,
    make_earlier_period,
    make_programme,
    make_reviewer,
    make_submission,
    make_version,
)
from tests.rules import make_requirement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


class Desk:
    """A signatory at the page where one signs."""

    def __init__(self, client: Client, institution: Institution, period: Period) -> None:
        self.client = client
        self.institution, self.period = institution, period
        self.address = reverse("sign", args=[institution.code, period.code])

    def look(self) -> str:
        return unescape(self.client.get(self.address).content.decode())

    def sign(self, **over: str) -> Any:
        seen = submitting.fingerprint(self.institution, self.period)
        data = {
            "faculty_total": "120",
            "faculty_trained": "60",
            "declaration": "on",
            "note": "",
            "seen": seen,
        }
        return self.client.post(self.address, {**data, **over})


@pytest.fixture
def desk(client: Client, institution: Institution, period: Period, signatory: User) -> Desk:
    client.force_login(signatory)
    return Desk(client, institution, period)


def test_the_summary_counts_what_is_new_changed_and_the_same(
    desk: Desk, institution: Institution, period: Period
) -> None:
    make_version(make_programme(institution), period=period)
    for other in ({"credits": 7}, {}):
        programme = make_programme(institution)
        approved = make_version(programme, period=make_earlier_period(), state="approved", lines=[{}])
        line = approved.lines.get()
        make_version(programme, period=period, lines=[{"discipline": line.discipline, **other}])
    page = desk.look()
    assert "<strong>3</strong> with 4 lines" in page
    assert "1 new, 1 changed, 1 the same" in page
    assert "1 line, in 1 of the curricula" in page


def test_the_summary_says_what_share_would_meet_each_requirement(
    desk: Desk, institution: Institution, period: Period
) -> None:
    make_requirement()
    make_version(make_programme(institution), period=period)
    make_version(make_programme(institution), period=period, students=None, lines=[{}])
    make_programme(institution)
    page = " ".join(desk.look().split())
    assert "At least one AI discipline" in page
    assert "<strong>33%</strong> <small>1 of 3</small>" in page
    assert "1 curriculum does not say how many" in page


def test_a_signature_leads_to_the_receipt(desk: Desk, institution: Institution, period: Period) -> None:
    make_version(make_programme(institution), period=period)
    answer = desk.sign(note="The rest follows.")
    assert answer["Location"] == reverse("submission", args=[institution.code, period.code, 1])
    page = unescape(desk.client.get(answer["Location"]).content.decode())
    number = f"QAMTU-2025-{institution.pk:03}-1"
    for words in ("This page is your receipt", number, "Serik (signatory@kaznu.kz)", "120, of them 60",
                  "The rest follows.", "1 curriculum and the staff figures wait for the ministry."):  # fmt: skip
        assert words in page
    submission = Submission.objects.get()
    assert len(submission.content_hash) == 64
    assert submission.content_hash in page


def test_pressing_the_button_twice_hands_in_once(
    desk: Desk, institution: Institution, period: Period
) -> None:
    make_version(make_programme(institution), period=period)
    first, second = desk.sign(), desk.sign()
    assert first["Location"] == second["Location"] == reverse("submission", args=["kaznu", period.code, 1])
    assert Submission.objects.count() == 1


def test_whoever_comes_later_is_told_that_it_is_done(
    desk: Desk, institution: Institution, period: Period
) -> None:
    make_submission(institution, period=period)
    answer = desk.sign()
    assert answer.status_code == 422
    assert "If you have just signed, it is done." in unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"declaration": ""}, "Tick the box to sign."),
        ({"faculty_total": "many"}, "Write a whole number, such as 120."),
        ({"faculty_total": ""}, "This field is required."),
        ({"faculty_total": "50"}, "60 is more than the 50 faculty. Correct one of the two."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    desk: Desk, institution: Institution, period: Period, wrong: dict[str, str], sentence: str
) -> None:
    make_version(make_programme(institution), period=period)
    page = unescape(desk.sign(note="Kept.", **wrong).content.decode())
    assert sentence in page
    assert "Kept." in page
    assert 'value="60"' in page
    assert not Submission.objects.exists()


def test_what_was_saved_meanwhile_must_be_read_first(
    desk: Desk, institution: Institution, period: Period, editor: User
) -> None:
    draft = make_version(make_programme(institution), period=period)
    seen = submitting.fingerprint(institution, period)
    drafting.save_draft(version=draft, lines=[CORE], students=1, edit_number=0, by=editor)
    page = unescape(desk.sign(seen=seen).content.decode())
    assert "Something was saved while you were reading." in page
    assert submitting.fingerprint(institution, period) in page
    assert not Submission.objects.exists()


def test_without_anything_to_hand_in_there_is_no_form(desk: Desk) -> None:
    page = desk.look()
    assert "There is nothing to hand in" in page
    assert "faculty_total" not in page


def test_the_figures_of_last_year_are_shown_and_not_filled_in(
    desk: Desk, institution: Institution, period: Period
) -> None:
    make_submission(institution, period=make_earlier_period(), faculty_total=777, faculty_trained=333)
    make_version(make_programme(institution), period=period)
    page = desk.look()
    assert "777 faculty, 333 of them" in page
    assert 'value="777"' not in page


def test_the_receipt_tells_every_decision_with_its_reason(
    client: Client, institution: Institution, period: Period, viewer: User
) -> None:
    first, second, third = (make_version(make_programme(institution), period=period) for _number in range(3))
    submission = make_submission(versions=[first, second, third])
    decide(first, "approved")
    decide(second, "returned", reason="Name the topics.")
    Submission.objects.filter(pk=submission.pk).update(
        state="returned", decided_by=make_reviewer(), decided_at=timezone.now(), reason="Count again."
    )
    client.force_login(viewer)
    address = reverse("submission", args=[institution.code, period.code, submission.number])
    page = unescape(client.get(address).content.decode())
    for words in ("1 curriculum waits for the ministry.", "1 curriculum is approved.", "1 curriculum was returned.",
                  "Name the topics.", "Count again.", "The staff figures were returned."):  # fmt: skip
        assert words in page


def test_the_history_shows_what_changed_between_versions(
    client: Client, institution: Institution, period: Period, editor: User, viewer: User
) -> None:
    returned = make_version(make_programme(institution), period=period, state="returned", reason="Mend it.")
    draft = drafting.copy_as_draft(version=returned, by=editor)
    drafting.save_draft(version=draft, lines=[CORE], students=25, edit_number=0, by=editor)
    client.force_login(viewer)
    address = reverse("programme-history", args=[institution.code, period.code, returned.programme.code])
    page = unescape(client.get(address).content.decode())
    assert "What changed since 2025/26, version 1" in page
    assert "Mend it." in page
    assert page.count("<del>") == 2
    assert page.count("<ins>") == 1
    assert "Edit for" not in page
    assert CurriculumVersion.objects.count() == 2

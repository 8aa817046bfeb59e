"""Where a submission stands, in words: after each decision, and after what was returned has been mended."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from curricula import drafting, reviewing, submitting
from curricula.following import stages, versions_of
from curricula.models import Period, Submission
from institutions.models import Institution, User
from tests.curricula.test_drafting import CORE
from tests.factories import make_programme, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def submission(institution: Institution, period: Period, signatory: User) -> Submission:
    for code in ("6B06101", "6B06102"):
        make_version(make_programme(institution, code=code), period=period)
    return sign(institution, period, signatory)


def sign(institution: Institution, period: Period, by: User) -> Submission:
    return submitting.submit(
        institution=institution, period=period, by=by, faculty_total=120, faculty_trained=60
    )


def told(submission: Submission) -> list[tuple[str, str]]:
    submission.refresh_from_db()
    return [(stage.state, stage.sentence) for stage in stages(submission, versions_of(submission))][1:]


def test_right_after_signing_all_waits(submission: Submission) -> None:
    review, outcome = told(submission)
    assert review == ("now", "2 curricula and the staff figures wait for the ministry.")
    assert outcome[0] == "ahead"


def test_each_decision_is_told_at_once_and_so_is_what_was_mended(
    submission: Submission, reviewer: User, editor: User, signatory: User
) -> None:
    first, second = submission.versions.order_by("programme__code")
    reviewing.approve(version=first, by=reviewer)
    assert told(submission) == [
        ("now", "1 curriculum and the staff figures wait for the ministry."),
        ("now", "1 curriculum is approved."),
    ]
    reviewing.return_for_correction(version=second, by=reviewer, reason="Name the topics.")
    reviewing.approve_staff_figures(submission=submission, by=reviewer)
    outcome = "1 curriculum is approved. 1 curriculum was returned. The staff figures are approved."
    assert told(submission) == [("done", "The ministry has decided on all of it."), ("now", outcome)]
    draft = drafting.latest_version(second.programme, submission.period)
    assert draft
    drafting.save_draft(version=draft, lines=[CORE], students=25, edit_number=0, by=editor)
    assert versions_of(submission)[0].since == "draft"
    again = sign(submission.institution, submission.period, signatory)
    assert told(submission)[1] == ("done", f"{outcome} All that was returned has been handed in again.")
    assert [(stage.state) for stage in stages(again, versions_of(again))] == ["done", "now", "ahead"]


def test_the_page_says_what_the_reviewer_asked_and_what_became_of_it(
    client: Client, submission: Submission, reviewer: User, editor: User
) -> None:
    version = submission.versions.get(programme__code="6B06102")
    reviewing.return_for_correction(version=version, by=reviewer, reason="Name the topics.")
    client.force_login(editor)
    address = reverse("submission", args=[submission.institution.code, submission.period.code, 1])
    page = unescape(client.get(address).content.decode())
    edit = reverse("draft-edit", args=[submission.institution.code, submission.period.code, "6B06102"])
    for words in ("Name the topics.", "Nothing has been mended yet.", edit, submission.content_hash,
                  "/kk/workspace/kaznu/2025/submissions/1/receipt.pdf"):  # fmt: skip
        assert words in page
    draft = drafting.latest_version(version.programme, submission.period)
    assert draft
    drafting.save_draft(version=draft, lines=[CORE], students=25, edit_number=0, by=editor)
    assert "A mended draft is saved" in client.get(address).content.decode()

"""Announcing: a university's system is told what the ministry decided, in the transaction of the decision."""

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from curricula import reviewing
from curricula.models import CurriculumVersion, Period, Submission
from institutions.models import Institution, User, WebhookDelivery
from tests.api_keys import Program
from tests.factories import make_institution, make_programme, make_submission, make_version
from tests.webhooks import make_webhook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def submission(institution: Institution, period: Period) -> Submission:
    drafts = [make_version(make_programme(institution, code=f"6B0610{n}"), period=period) for n in (1, 2, 3)]
    return make_submission(institution, period=period, versions=drafts)


def versions(submission: Submission) -> list[CurriculumVersion]:
    return list(submission.versions.order_by("programme__code"))


def told() -> list[dict[str, Any]]:
    return [delivery.content for delivery in WebhookDelivery.objects.order_by("pk")]


def test_a_return_is_told_with_its_reason_to_whoever_wants_it(
    submission: Submission, institution: Institution, reviewer: User, settings: Any
) -> None:
    settings.SITE_URL = "https://qamtu.example"
    make_webhook(institution)
    make_webhook(institution, wants=["curricula.approved", "release.published"])
    make_webhook(make_institution())
    first, second, _third = versions(submission)
    ids = [first.pk, second.pk]
    reviewing.return_all(
        submission=submission, by=reviewer, seen_version_ids=ids, reason="Кредиты не сходятся"
    )
    (content,) = told()
    assert content["type"] == "curricula.returned"
    assert content["data"] == {
        "institution": "kaznu",
        "period": "2025",
        "submission": 1,
        "state": "returned",
        "reason": "Кредиты не сходятся",
        "curricula": [
            {
                "programme": code,
                "version": 1,
                "state": "returned",
                "url": f"https://qamtu.example/api/v1/own/versions/?period=2025&programme={code}",
            }
            for code in ("6B06101", "6B06102")
        ],
        "staff_figures": None,
        "url": "https://qamtu.example/api/v1/own/submissions/?period=2025",
        "page": "https://qamtu.example/kk/workspace/kaznu/2025/submissions/1/",
    }
    assert WebhookDelivery.objects.get().webhook.institution == institution
    assert reviewer.email not in str(content)


def test_an_approval_is_told_and_the_staff_figures_for_themselves(
    submission: Submission, institution: Institution, reviewer: User
) -> None:
    make_webhook(institution)
    ids = [version.pk for version in versions(submission)]
    reviewing.approve_all(submission=submission, by=reviewer, seen_version_ids=ids, with_staff=True)
    curricula, staff = told()
    assert curricula["type"] == staff["type"] == "curricula.approved"
    assert [one["state"] for one in curricula["data"]["curricula"]] == ["approved"] * 3
    assert staff["data"]["curricula"] == []
    assert staff["data"]["staff_figures"] == {
        "faculty_total": 100,
        "faculty_trained": 54,
        "state": "approved",
    }


def test_single_decisions_and_returned_staff_figures_are_told(
    submission: Submission, institution: Institution, reviewer: User
) -> None:
    make_webhook(institution)
    first, second, _third = versions(submission)
    reviewing.approve(version=first, by=reviewer)
    reviewing.return_for_correction(version=second, by=reviewer, reason="No evidence")
    reviewing.return_staff_figures(submission=submission, by=reviewer, reason="Too many")
    assert [(one["type"], one["data"]["reason"]) for one in told()] == [
        ("curricula.approved", ""),
        ("curricula.returned", "No evidence"),
        ("curricula.returned", "Too many"),
    ]


def test_what_is_undone_was_never_told(
    submission: Submission, institution: Institution, reviewer: User
) -> None:
    make_webhook(institution)
    with transaction.atomic():
        reviewing.approve(version=versions(submission)[0], by=reviewer)
        transaction.set_rollback(True)
    assert told() == []


def test_history_that_is_made_up_is_not_told(
    submission: Submission, institution: Institution, reviewer: User
) -> None:
    make_webhook(institution)
    reviewing.approve(version=versions(submission)[0], by=reviewer, at=timezone.now())
    assert told() == []


def test_a_paused_webhook_is_told_later(
    submission: Submission, institution: Institution, reviewer: User
) -> None:
    make_webhook(institution, paused_at=timezone.now())
    reviewing.approve(version=versions(submission)[0], by=reviewer)
    assert WebhookDelivery.objects.outstanding().count() == 1
    assert not WebhookDelivery.objects.due().exists()


def test_the_addresses_in_a_message_are_answered_to_a_key_of_the_university(
    submission: Submission, institution: Institution, reviewer: User, settings: Any
) -> None:
    settings.SITE_URL = ""
    make_webhook(institution)
    reviewing.return_for_correction(version=versions(submission)[0], by=reviewer, reason="No evidence")
    (content,) = told()
    data = content["data"]
    program = Program(institution, "read").client
    version, draft = program.get(data["curricula"][0]["url"]).json()["results"]
    assert (version["state"], version["reason"]) == ("returned", "No evidence")
    assert draft["state"] == "draft"
    (answered,) = program.get(data["url"]).json()["results"]
    assert answered["returned"] == 1

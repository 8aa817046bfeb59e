"""Announcing: what a university's own system is told of a decision, in the transaction of the decision.

One message for what one reviewer decided at once; curricula and staff figures in one each. It holds what the university
reads on its page of the submission, and not who decided.
"""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import override

from curricula.models import CurriculumVersion, Submission
from institutions.models import Webhook
from institutions.webhooks.announcing import announce

EVENTS = {
    CurriculumVersion.State.RETURNED: Webhook.Event.RETURNED,
    CurriculumVersion.State.APPROVED: Webhook.Event.APPROVED,
}


def announce_decision(
    *, submission: Submission, versions: Collection[CurriculumVersion], state: str, reason: str = ""
) -> None:
    """After curricula of one submission have come into `state`; returned ones for one reason."""
    curricula = [
        {
            "programme": version.programme.code,
            "version": version.number,
            "state": state,
            "url": _api("api-own-versions", period=version.period.code, programme=version.programme.code),
        }
        for version in versions
    ]
    first = min(version.pk for version in versions)
    _announce(submission, state, reason, once=f"{state}:{first}", decided={"curricula": curricula})


def announce_staff_figures(*, submission: Submission) -> None:
    """After the staff figures of a submission were decided on."""
    figures = {
        "faculty_total": submission.faculty_total,
        "faculty_trained": submission.faculty_trained,
        "state": submission.state,
    }
    once = f"{submission.state}-staff:{submission.pk}"
    decided = {"curricula": [], "staff_figures": figures}
    _announce(submission, submission.state, submission.reason, once=once, decided=decided)


def _announce(submission: Submission, state: str, reason: str, *, once: str, decided: dict[str, Any]) -> None:
    def data() -> dict[str, Any]:
        institution, period = submission.institution, submission.period
        with override(settings.LANGUAGE_CODE):
            page = reverse("submission", args=[institution.code, period.code, submission.number])
        return {
            "institution": institution.code,
            "period": period.code,
            "submission": submission.number,
            "state": state,
            "reason": reason,
            "staff_figures": None,
            **decided,
            "url": _api("api-own-submissions", period=period.code),
            "page": f"{settings.SITE_URL}{page}",
        }

    announce(
        institution=submission.institution_id,
        event=EVENTS[CurriculumVersion.State(state)],
        once=once,
        at=timezone.now(),
        data=data,
    )


def _api(name: str, **narrowed: str) -> str:
    """Where the university's own programs read more, with a key of theirs."""
    return f"{settings.SITE_URL}{reverse(name)}?{urlencode(narrowed)}"

"""Where a submission stands, in plain words: signed, under review, and what came of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from curricula.models import AICategory, CurriculumVersion, Submission

State = CurriculumVersion.State


@dataclass(frozen=True)
class Stage:
    """One step of the way; `state` is done, now or ahead, `at` when it was done."""

    name: str
    sentence: str
    state: str
    at: datetime | None = None


def versions_of(submission: Submission) -> list[Any]:
    """Its curricula, what wants hands first, each with `line_count`, `ai_count` and what became of it since.

    `since` is "" where nothing newer was begun in the period, else "draft", "submitted", "approved", "returned".
    """
    newer = CurriculumVersion.objects.filter(
        programme=OuterRef("programme"), period=OuterRef("period"), number__gt=OuterRef("number")
    ).order_by("-number")
    versions: list[Any] = list(
        submission.versions.select_related("programme", "decided_by")
        .annotate(
            line_count=Count("lines"),
            ai_count=Count("lines", filter=~Q(lines__ai_category=AICategory.NONE)),
            newer_state=Subquery(newer.values("state")[:1]),
            newer_edits=Subquery(newer.values("edit_number")[:1]),
        )
        .order_by("programme__code")
    )
    for version in versions:
        untouched = version.newer_state == State.DRAFT and not version.newer_edits
        version.since = "" if untouched else version.newer_state or ""
    return sorted(versions, key=lambda version: list(ORDER).index(version.state))


ORDER = (State.RETURNED, State.SUBMITTED, State.APPROVED, State.DRAFT)


def stages(submission: Submission, versions: Sequence[Any]) -> list[Stage]:
    """The three steps of the way; asks nothing of the database."""
    counts = Counter(version.state for version in versions)
    staff_waits = submission.state == Submission.State.SUBMITTED
    waiting = counts[State.SUBMITTED] + staff_waits
    moments = [version.decided_at for version in versions if version.decided_at]
    moments += [submission.decided_at] if submission.decided_at else []
    signed = Stage(
        pgettext("a stage of a submission", "Signed"),
        _("%(person)s has signed it.") % {"person": submission.signed_by},
        "done",
        submission.signed_at,
    )
    review = Stage(
        pgettext("a stage of a submission", "Under review"),
        _waiting(counts[State.SUBMITTED], staff_waits),
        "now" if waiting else "done",
        None if waiting else max(moments, default=None),
    )
    return [signed, review, _outcome(submission, versions, counts, bool(waiting), bool(moments))]


def _waiting(curricula: int, staff: bool) -> str:
    if not curricula:
        if staff:
            return _("The staff figures wait for the ministry.")
        return _("The ministry has decided on all of it.")
    if staff:
        sentence = ngettext(
            "%(count)d curriculum and the staff figures wait for the ministry.",
            "%(count)d curricula and the staff figures wait for the ministry.",
            curricula,
        )
    else:
        sentence = ngettext(
            "%(count)d curriculum waits for the ministry.",
            "%(count)d curricula wait for the ministry.",
            curricula,
        )
    return sentence % {"count": curricula}


def _outcome(
    submission: Submission, versions: Sequence[Any], counts: Counter[str], waiting: bool, begun: bool
) -> Stage:
    name = pgettext("a stage of a submission", "Approved or returned")
    if not begun:
        return Stage(
            name,
            _(
                "What is approved counts from that moment. What is returned comes back to your tasks with the reason."
            ),
            "ahead",
        )
    returned = counts[State.RETURNED]
    sentences = []
    if approved := counts[State.APPROVED]:
        text = ngettext("%(count)d curriculum is approved.", "%(count)d curricula are approved.", approved)
        sentences.append(text % {"count": approved})
    if returned:
        text = ngettext("%(count)d curriculum was returned.", "%(count)d curricula were returned.", returned)
        sentences.append(text % {"count": returned})
    if submission.state == Submission.State.APPROVED:
        sentences.append(_("The staff figures are approved."))
    elif submission.state == Submission.State.RETURNED:
        sentences.append(_("The staff figures were returned."))
    to_mend = sum(version.state == State.RETURNED and version.since in ("", "draft") for version in versions)
    if returned and not to_mend:
        sentences.append(_("All that was returned has been handed in again."))
    return Stage(name, " ".join(sentences), "now" if to_mend or waiting else "done")

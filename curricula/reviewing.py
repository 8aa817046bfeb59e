"""Reviewing: what was submitted is approved, or returned with a reason; nobody decides twice, nor on their own.

A decision claims its rows by a conditional update in the transaction that supersedes what was valid before, so of two
reviewers who decide at once, one decides and the other is told. `at` gives a decision a past moment; only the loader
of demonstration data does that, for a snapshot may have been taken since. On what one reviewer
has taken up (`claiming`) no other decides.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curricula import announcing, claiming, drafting, telling
from curricula.errors import Refused
from curricula.models import CurriculumVersion, Submission
from institutions.bell import ring
from institutions.dates import day_and_time
from institutions.models import User
from institutions.moments import decision_moment

LONGEST_REASON = 5000


def approve(*, version: CurriculumVersion, by: User, at: datetime | None = None) -> CurriculumVersion:
    """Approve a submitted version; it is valid from now on, and the one that was valid so far until now."""
    with _decision(by, "approve"):
        (waiting,) = _waiting([version.pk], by)
        _approve([waiting], by=by, at=at)
        _tell(waiting.submission, [waiting], at)
    version.refresh_from_db()
    return version


def approve_all(
    *,
    submission: Submission,
    by: User,
    seen_version_ids: Sequence[int],
    with_staff: bool = False,
    at: datetime | None = None,
) -> int:
    """Approve exactly the versions that the reviewer has seen: all of them, or none if one is decided meanwhile.

    Returns how many. Versions of the submission that were not seen go on waiting; so do the staff figures, unless
    `with_staff`.
    """
    with _decision(by, "approve"):
        waiting = _seen(submission, seen_version_ids, by, with_staff)
        if waiting:
            _approve(waiting, by=by, at=at)
            _tell(submission, waiting, at)
        if with_staff:
            approve_staff_figures(submission=submission, by=by, at=at)
    return len(waiting)


def return_for_correction(
    *, version: CurriculumVersion, by: User, reason: str, at: datetime | None = None
) -> CurriculumVersion:
    """Return a submitted version with the reason, and give the university a new draft with the same lines.

    A draft that the university has already begun is left as it is. What was valid stays valid.
    """
    reason = _reason(reason)
    with _decision(by, "return", reason):
        (waiting,) = _waiting([version.pk], by)
        moment = at or decision_moment()
        CurriculumVersion.objects.filter(pk=waiting.pk).update(
            state=CurriculumVersion.State.RETURNED, decided_by=by, decided_at=moment, reason=reason
        )
        version.refresh_from_db()
        drafting.copy_as_draft(version=version, by=by)
        _tell(version.submission, [waiting], at, returned=reason)
    return version


def return_all(
    *,
    submission: Submission,
    by: User,
    seen_version_ids: Sequence[int],
    reason: str,
    with_staff: bool = False,
    at: datetime | None = None,
) -> int:
    """Return exactly the versions that the reviewer has seen, all for one reason, or none; `with_staff` as there."""
    reason = _reason(reason)
    with _decision(by, "return", reason):
        waiting = _seen(submission, seen_version_ids, by, with_staff)
        if waiting:
            CurriculumVersion.objects.filter(pk__in=[version.pk for version in waiting]).update(
                state=CurriculumVersion.State.RETURNED,
                decided_by=by,
                decided_at=at or decision_moment(),
                reason=reason,
            )
            drafting.copy_as_drafts(versions=waiting, by=by)
            _tell(submission, waiting, at, returned=reason)
        if with_staff:
            return_staff_figures(submission=submission, by=by, reason=reason, at=at)
    return len(waiting)


def approve_staff_figures(*, submission: Submission, by: User, at: datetime | None = None) -> Submission:
    """Approve a submission's staff figures; they supersede those that were valid in the period."""
    with _decision(by, "approve"):
        figures = _lock_waiting_figures(submission, by)
        valid = next((one for one in figures if one.state == "approved" and one.valid_to is None), None)
        if valid and valid.number > submission.number:
            raise Refused(
                _("Newer staff figures are approved already, those of submission %(number)d. Return these.")
                % {"number": valid.number},
                code="outdated",
            )
        moment = at or decision_moment()
        if valid:
            Submission.objects.filter(pk=valid.pk).update(valid_to=moment)
        Submission.objects.filter(pk=submission.pk).update(
            state=Submission.State.APPROVED, decided_by=by, decided_at=moment, valid_from=moment
        )
        _tell_of_staff_figures(submission, at)
    submission.refresh_from_db()
    return submission


def return_staff_figures(
    *, submission: Submission, by: User, reason: str, at: datetime | None = None
) -> Submission:
    """Return a submission's staff figures with the reason; the university gives new ones when it signs again."""
    reason = _reason(reason)
    with _decision(by, "return", reason):
        _lock_waiting_figures(submission, by)
        Submission.objects.filter(pk=submission.pk).update(
            state=Submission.State.RETURNED, decided_by=by, decided_at=at or decision_moment(), reason=reason
        )
        _tell_of_staff_figures(submission, at)
    submission.refresh_from_db()
    return submission


@contextmanager
def _decision(by: User, action: str, reason: str = "") -> Iterator[None]:
    """One transaction; the history of every row that it changes says who, what and why."""
    if not by.is_staff or not by.is_active:
        raise Refused(_("Only the ministry decides on what was submitted."), code="not_ministry")
    said = {"reason": reason} if reason else {}
    with pghistory.context(user=by.pk, action=action, **said), transaction.atomic():
        yield
        claiming.end_finished()
        transaction.on_commit(partial(ring, "reports.tasks.refresh_live"))


def _tell(
    submission: Submission | None,
    versions: list[CurriculumVersion],
    at: datetime | None,
    *,
    returned: str = "",
) -> None:
    """The people of the university and its systems, in the same transaction; not of decisions in a made-up past.

    `returned` is the reason if the decision was a return.
    """
    if at is None and submission is not None:
        telling.tell_of_decision(submission=submission, returned=bool(returned))
        state = CurriculumVersion.State.RETURNED if returned else CurriculumVersion.State.APPROVED
        announcing.announce_decision(submission=submission, versions=versions, state=state, reason=returned)


def _tell_of_staff_figures(submission: Submission, at: datetime | None) -> None:
    """Likewise; what the caller holds of them may be from before the decision."""
    if at is None:
        telling.tell_of_staff_figures(submission=submission)
        announcing.announce_staff_figures(submission=Submission.objects.get(pk=submission.pk))


def _reason(reason: str) -> str:
    reason = reason.replace("\x00", "").strip()  # no column can hold a NUL
    if not reason:
        raise Refused(
            _("Say what must be corrected: the university reads it."), field="reason", code="no_reason"
        )
    if len(reason) > LONGEST_REASON:
        raise Refused(
            _("Shorten the reason to %(most)d characters; it has %(length)d.")
            % {"most": LONGEST_REASON, "length": len(reason)},
            field="reason",
            code="too_long",
        )
    return reason


def _seen(submission: Submission, ids: Sequence[int], by: User, with_staff: bool) -> list[CurriculumVersion]:
    """What was chosen of a submission, locked as it still waits; refused if there is nothing or a stranger in it."""
    seen = set(ids)
    strangers = len(seen) - CurriculumVersion.objects.filter(pk__in=seen, submission=submission).count()
    if strangers or not (seen or with_staff):
        raise Refused(_("Choose curricula of this submission."), code="not_of_submission")
    return _waiting(seen, by, figures_of=submission if with_staff else None)


def _waiting(
    ids: Sequence[int] | set[int], by: User, *, figures_of: Submission | None = None
) -> list[CurriculumVersion]:
    """The versions, locked until the decision is made; refused unless every one of them waits for another's eyes.

    Whoever decides on staff figures as well locks those of the period next: curricula before submissions, always.
    """
    versions = list(
        CurriculumVersion.objects.filter(pk__in=ids)
        .select_for_update(of=("self",))
        .select_related("programme", "period", "decided_by")
        .order_by("pk")
    )
    decided = [version for version in versions if version.state != CurriculumVersion.State.SUBMITTED]
    if decided:
        raise Refused(_decided_sentence(decided), code="decided")
    if any(version.submitted_by_id == by.pk for version in versions):
        raise Refused(_own_sentence(), code="four_eyes")
    if figures_of is not None:
        _lock_figures(figures_of)
    claiming.refuse_if_held(submissions={version.submission_id for version in versions}, by=by)
    return versions


def _decided_sentence(decided: list[CurriculumVersion]) -> str:
    first = decided[0]
    if first.decided_at is None:
        return _("%(programme)s has not been submitted, so there is nothing to decide.") % {
            "programme": first.programme.code
        }
    others = len(decided) - 1
    told = {
        "programme": first.programme.code,
        "state": first.get_state_display(),
        "person": first.decided_by,
        "moment": day_and_time(first.decided_at),
        "others": others,
    }
    if not others:
        return (
            _(
                "%(programme)s was decided already: %(state)s by %(person)s on %(moment)s. Nothing was changed."
            )
            % told
        )
    return (
        ngettext(
            "%(programme)s and %(others)d other were decided already (%(state)s by %(person)s on %(moment)s)."
            " Nothing was approved: look at what still waits.",
            "%(programme)s and %(others)d others were decided already (%(state)s by %(person)s on %(moment)s)."
            " Nothing was approved: look at what still waits.",
            others,
        )
        % told
    )


def _own_sentence() -> str:
    return _("You signed this submission yourself; another person must decide on it.")


def _approve(waiting: list[CurriculumVersion], *, by: User, at: datetime | None) -> None:
    """Two statements, however many: close what was valid, then claim the new ones."""
    moment = at or decision_moment()
    by_period: dict[int, list[int]] = {}
    for version in waiting:
        by_period.setdefault(version.period_id, []).append(version.programme_id)
    for period, programmes in by_period.items():
        CurriculumVersion.objects.valid_now().filter(period=period, programme__in=programmes).update(
            valid_to=moment
        )
    claimed = (
        CurriculumVersion.objects.awaiting_review()
        .filter(pk__in=[version.pk for version in waiting])
        .update(state=CurriculumVersion.State.APPROVED, decided_by=by, decided_at=moment, valid_from=moment)
    )
    if claimed != len(waiting):
        raise Refused(_("Something was decided meanwhile. Nothing was approved: look again."), code="decided")


def _lock_figures(submission: Submission) -> list[Submission]:
    """All staff figures of the institution and period, in one order whoever asks."""
    return list(
        Submission.objects.filter(institution=submission.institution_id, period=submission.period_id)
        .select_for_update(of=("self",))
        .select_related("decided_by")
        .order_by("pk")
    )


def _lock_waiting_figures(submission: Submission, by: User) -> list[Submission]:
    """Lock the staff figures of the institution and period, and refuse unless these wait; returns them all."""
    figures = _lock_figures(submission)
    (locked,) = (one for one in figures if one.pk == submission.pk)
    if locked.decided_at is not None:
        raise Refused(
            _(
                "The staff figures were decided already: %(state)s by %(person)s on %(moment)s. Nothing was changed."
            )
            % {
                "state": locked.get_state_display(),
                "person": locked.decided_by,
                "moment": day_and_time(locked.decided_at),
            },
            code="decided",
        )
    if locked.signed_by_id == by.pk:
        raise Refused(_own_sentence(), code="four_eyes")
    claiming.refuse_if_held(submissions=[locked.pk], by=by)
    return figures

"""Claiming: one reviewer at a time works on a submission, and the others see who.

A claim is an intention, not a lock of the database: it ages out by itself, each decision of its holder renews it, and
the last decision on the submission ends it. Whoever has no claim may decide as long as nobody else has one.
"""

from collections.abc import Collection
from datetime import timedelta

import pghistory
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.errors import Refused
from curricula.models import Claim, Submission
from institutions.dates import day_and_time
from institutions.models import User

# A working day: whoever goes home and forgets keeps nobody waiting tomorrow.
HOLDS_FOR = timedelta(hours=8)
MAY_RELEASE_OTHERS = "curricula.delete_claim"


def claim(*, submission: Submission, by: User) -> Claim:
    """Take up a submission, or hold on to it for longer; refused if another holds it or nothing of it waits."""
    if not by.is_staff or not by.is_active:
        raise Refused(_("Only the ministry decides on what was submitted."), code="not_ministry")
    with pghistory.context(user=by.pk, action="claim"), transaction.atomic():
        # Of two who take it at once the second waits here, and then finds the claim of the first.
        locked = Submission.objects.select_for_update(of=("self",), no_key=True).get(pk=submission.pk)
        if locked.signed_by_id == by.pk:
            raise Refused(
                _("You signed this submission yourself; another person must decide on it."), code="four_eyes"
            )
        if not Submission.objects.awaiting_review().filter(pk=locked.pk).exists():
            raise Refused(_("Nothing of this submission waits for a decision any more."), code="decided")
        now = timezone.now()
        claims = Claim.objects.select_for_update(of=("self",)).select_related("reviewer")
        held = claims.filter(
            submission=locked
        ).first()  # locked as well, for its holder may be letting go of it
        if held is not None and held.until > now and held.reviewer_id != by.pk:
            raise Refused(_held_sentence(held), code="held")
        if held is None:
            return Claim.objects.create(submission=locked, reviewer=by, claimed_at=now, until=now + HOLDS_FOR)
        if held.reviewer_id != by.pk or held.until <= now:
            held.claimed_at = now
        held.reviewer, held.until = by, now + HOLDS_FOR
        held.save(update_fields=["reviewer", "claimed_at", "until"])
        return held


def claim_first(*, submissions: Collection[Submission], by: User) -> Submission | None:
    """The first of these that can be taken, taken; another may have been quicker with those before."""
    for submission in submissions:
        try:
            claim(submission=submission, by=by)
        except Refused:
            continue
        return submission
    return None


def release(*, submission: Submission, by: User) -> User:
    """Let go of a submission; the claim of another is the lead's to end. Returns whose claim it was."""
    with pghistory.context(user=by.pk, action="release"), transaction.atomic():
        held = (
            Claim.objects.select_for_update(of=("self",))
            .select_related("reviewer")
            .filter(submission=submission)
            .first()
        )
        if held is None or held.until <= timezone.now():
            raise Refused(_("Nobody holds this submission."), code="free")
        if held.reviewer_id != by.pk and not by.has_perm(MAY_RELEASE_OTHERS):
            raise Refused(
                _("%(person)s holds this submission; only they and the lead can release it.")
                % {"person": held.reviewer},
                code="not_yours",
            )
        held.delete()
    return held.reviewer


def refuse_if_held(*, submissions: Collection[int | None], by: User) -> None:
    """What a decision asks first, in its own transaction: refused if another holds one of these submissions.

    What `by` holds is held for longer, and nobody takes one of them up before the end of the decision: the submissions
    are locked, after the curricula and before their claims, as everywhere. Three statements.
    """
    locked = Submission.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=submissions)
    list(locked.order_by("pk").values_list("pk"))
    now = timezone.now()
    theirs = (
        Claim.objects.live(now)
        .filter(submission__in=submissions)
        .exclude(reviewer=by)
        .select_related("reviewer")
        .first()
    )
    if theirs is not None:
        raise Refused(_held_sentence(theirs), code="held")
    Claim.objects.filter(submission__in=submissions, reviewer=by).update(until=now + HOLDS_FOR)


def end_finished() -> None:
    """End the claims on submissions of which nothing waits any more; one statement, in the decision's transaction."""
    waits = Q(submission__state="submitted") | Q(submission__versions__state="submitted")
    waiting = Claim.objects.filter(waits).values("pk")
    Claim.objects.exclude(pk__in=waiting).delete()


def _held_sentence(held: Claim) -> str:
    return _(
        "%(person)s took this submission up and holds it until %(moment)s. Choose another, or ask them to release it."
    ) % {"person": held.reviewer, "moment": day_and_time(held.until)}

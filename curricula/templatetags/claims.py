"""Who has a submission, for the review screen, whose view need not ask for it."""

from dataclasses import dataclass
from typing import Any

from django import template

from curricula.claiming import MAY_RELEASE_OTHERS
from curricula.models import Claim, Submission

register = template.Library()


@dataclass(frozen=True)
class Hold:
    """`claim` is the live one, None if nobody has the submission; what the reader may do about it."""

    claim: Claim | None
    is_mine: bool
    may_take: bool
    may_release: bool


@register.simple_tag(takes_context=True)
def hold_of(context: dict[str, Any], submission: Submission) -> Hold:
    user = context["user"]
    claim: Claim | None = getattr(submission, "claim", None)
    if claim is not None and not claim.is_live:
        claim = None
    decides = user.has_perm("curricula.change_submission")
    mine = claim is not None and claim.reviewer_id == user.pk
    return Hold(
        claim=claim,
        is_mine=mine,
        may_take=decides and claim is None and submission.signed_by_id != user.pk,
        may_release=decides and claim is not None and (mine or user.has_perm(MAY_RELEASE_OTHERS)),
    )

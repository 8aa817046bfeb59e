"""Adopting: one person drafts a rule of the mandate, a second puts it into effect from a day on.

The past stays assessed by the rules of its time: a rule begins on a later day than today, and ends the one before then.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from institutions.locks import one_at_a_time
from institutions.models import User
from institutions.moments import decision_moment
from reports.errors import Refused
from reports.models import Requirement, RequirementDraft
from reports.models.rules import Rule

# What a rule says, which its draft says in the same columns.
SAID = [field.attname for field in Rule._meta.fields]


def draft(*, rule: RequirementDraft, by: User) -> RequirementDraft:
    """Save an unsaved draft of the next version of its code; nothing is in effect yet.

    Refused without a reason, and for a day on which it could not begin.
    """
    if not rule.reason.strip():
        raise Refused(_("Say why the rule is changed."), field="reason", code="no_reason")
    with _deciding(by, "draft", rule.reason):
        _refuse_day(_newest(rule.code), rule.effective_from)
        rule.drafted_by = by
        rule.drafted_at = decision_moment()
        rule.save(force_insert=True)
    return rule


def adopt(*, draft: RequirementDraft, by: User) -> Requirement:
    """Put into effect what another has drafted; the version before ends on the day the new one begins.

    Refused for the person who drafted it, for what was decided meanwhile, and if its day has come since.
    """
    with _deciding(by, "adopt", draft.reason):
        chosen = _locked(draft)
        if chosen.drafted_by_id == by.pk:
            raise Refused(
                _("You have drafted it: a second person must put it into effect."), code="same_person"
            )
        previous = _newest(chosen.code)
        _refuse_day(previous, chosen.effective_from)
        if previous is not None and (
            previous.effective_to is None or previous.effective_to > chosen.effective_from
        ):
            previous.effective_to = chosen.effective_from
            previous.save(update_fields=["effective_to"])
        chosen.adopted_by, chosen.adopted_at = by, decision_moment()
        chosen.save(update_fields=["adopted_by", "adopted_at"])
        return Requirement.objects.create(
            **{name: getattr(chosen, name) for name in SAID},
            mandate_id=chosen.mandate_id,
            number=previous.number + 1 if previous else 1,
            draft=chosen,
            adopted_by=by,
            adopted_at=chosen.adopted_at,
        )


def withdraw(*, draft: RequirementDraft, by: User, reason: str) -> RequirementDraft:
    """Take back a draft that waits; it stays as the trace, with the reason."""
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why the draft is withdrawn."), field="reason", code="no_reason")
    with _deciding(by, "withdraw", reason):
        chosen = _locked(draft)
        chosen.withdrawn_by, chosen.withdrawn_at, chosen.withdrawal_reason = by, decision_moment(), reason
        chosen.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawal_reason"])
    return chosen


@contextmanager
def _deciding(by: User, action: str, reason: str) -> Iterator[None]:
    if not by.is_staff:
        raise Refused(_("Only the ministry adopts requirements."), code="not_ministry")
    # Of two who adopt versions of one code at once the second must read what the first has made; a lock on the newest
    # version would not do, for a new code has none, and whoever waited for it would go on from the one before.
    context = pghistory.context(user=by.pk, action=action, reason=reason)
    with one_at_a_time("requirements", 0), context, transaction.atomic():
        yield


def _locked(draft: RequirementDraft) -> RequirementDraft:
    chosen = RequirementDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if chosen.adopted_at is not None:
        raise Refused(_("This draft has been put into effect already."), code="decided")
    if chosen.withdrawn_at is not None:
        raise Refused(_("This draft has been withdrawn already."), code="decided")
    return chosen


def _newest(code: str) -> Requirement | None:
    return Requirement.objects.select_for_update().filter(code=code).order_by("-number").first()


def _refuse_day(previous: Requirement | None, day: date) -> None:
    if previous is None:
        return
    if day <= previous.effective_from:
        raise Refused(
            _("Version %(number)d is in effect from %(day)s; the next must begin later.")
            % {"number": previous.number, "day": date_format(previous.effective_from, "SHORT_DATE_FORMAT")},
            field="effective_from",
            code="too_early",
        )
    # Today is too early as well: a snapshot of this morning was assessed by the version before.
    if day <= timezone.localdate() and (previous.effective_to is None or previous.effective_to > day):
        raise Refused(
            _("The rules of days that have begun stay as they are. Choose tomorrow or a later day."),
            field="effective_from",
            code="past",
        )

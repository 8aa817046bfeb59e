"""Adopting: a rule of the mandate takes effect; the past stays assessed by the rules of its time."""

from datetime import date

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from institutions.models import User
from institutions.moments import decision_moment
from reports.errors import Refused
from reports.models import Requirement


def adopt(*, requirement: Requirement, by: User) -> Requirement:
    """Save an unsaved requirement as the next version of its code; the version before ends on the day it begins.

    Refused if it would begin before the version before, or change rules of days that are over.
    """
    if not by.is_staff:
        raise Refused(_("Only the ministry adopts requirements."), code="not_ministry")
    with pghistory.context(user=by.pk, action="adopt"), transaction.atomic():
        previous = (
            Requirement.objects.select_for_update().filter(code=requirement.code).order_by("-number").first()
        )
        if previous is not None:
            _end(previous, requirement.effective_from)
        requirement.number = previous.number + 1 if previous else 1
        requirement.adopted_by = by
        requirement.adopted_at = decision_moment()
        requirement.save(force_insert=True)
    return requirement


def _end(previous: Requirement, day: date) -> None:
    if day <= previous.effective_from:
        raise Refused(
            _("Version %(number)d is in effect from %(day)s; the next must begin later.")
            % {"number": previous.number, "day": date_format(previous.effective_from, "SHORT_DATE_FORMAT")},
            field="effective_from",
            code="too_early",
        )
    if previous.effective_to is not None and previous.effective_to <= day:
        return
    # Today is too early as well: a snapshot of this morning was assessed by the version before.
    if day <= timezone.localdate():
        raise Refused(
            _("The rules of days that have begun stay as they are. Choose tomorrow or a later day."),
            field="effective_from",
            code="past",
        )
    previous.effective_to = day
    previous.save(update_fields=["effective_to"])

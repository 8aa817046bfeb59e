"""Exempting: a programme is excused from a requirement for a time, and that may be revoked; each with its reason."""

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from institutions.models import User
from institutions.moments import decision_moment
from reports.errors import Refused
from reports.models import Exemption, Requirement


def exempt(*, exemption: Exemption, by: User) -> Exemption:
    """Save an unsaved exemption: programme, requirement, reason and days are set, the rest is set here."""
    _only_ministry(by)
    if not exemption.reason.strip():
        raise Refused(_("Say why the programme is excused."), field="reason", code="no_reason")
    if exemption.ends_on <= exemption.starts_on:
        raise Refused(_("The exemption must end after it begins."), field="ends_on", code="days")
    if not Requirement.objects.filter(code=exemption.requirement_code).exists():
        raise Refused(_("There is no such requirement."), field="requirement_code", code="no_requirement")
    with pghistory.context(user=by.pk, action="exempt", reason=exemption.reason), transaction.atomic():
        exemption.institution_id = exemption.programme.institution_id
        exemption.decided_by = by
        exemption.decided_at = decision_moment()
        exemption.save(force_insert=True)
    return exemption


def revoke(*, exemption: Exemption, by: User, reason: str) -> Exemption:
    """End an exemption now; what was assessed while it held stays. The reason is kept in the history."""
    _only_ministry(by)
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why the exemption is revoked."), field="reason", code="no_reason")
    with pghistory.context(user=by.pk, action="revoke", reason=reason), transaction.atomic():
        waiting = Exemption.objects.filter(pk=exemption.pk, revoked_at=None)
        if not waiting.update(revoked_at=decision_moment()):
            raise Refused(_("This exemption was revoked already."), code="revoked")
    exemption.refresh_from_db()
    return exemption


def _only_ministry(by: User) -> None:
    if not by.is_staff:
        raise Refused(_("Only the ministry decides on exemptions."), code="not_ministry")

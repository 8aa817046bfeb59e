"""Registering: institutions open, close, open again and change their names; each step with its day and its reason.

Figures follow by themselves: the database keeps what the registry said at any moment (`InstitutionState`), and the day
decides whether an institution counts. So a step may be entered ahead of its day, and nothing has to be done on it; and
what was counted before stays counted. The code never changes: a time series goes on under it, whatever the name.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from institutions.errors import Refused
from institutions.models import FormerName, Institution, Merger, User
from institutions.moments import decision_moment

NAMES = ("name_kk", "name_ru", "name_en")


def open_institution(
    *, institution: Institution, kind: str, opened_on: date, reason: str, by: User
) -> Institution:
    """A planned institution becomes one of a kind, on the day that it opens; also moves a day that has not come."""
    with _registering(institution, "open", reason, by) as locked:
        opened = locked.opened_on is None or locked.opened_on <= timezone.localdate()
        if locked.kind != Institution.Kind.PLANNED and opened:
            raise Refused(_("%(name)s is open already.") % {"name": locked.name}, code="open")
        if kind == Institution.Kind.PLANNED:
            raise Refused(_("Choose the kind that it will be."), field="kind", code="planned")
        if locked.closed_on and locked.closed_on <= opened_on:
            raise Refused(
                _("It closes on %(day)s: it must open before.") % {"day": date_format(locked.closed_on)},
                field="opened_on",
                code="days",
            )
        locked.kind, locked.opened_on = kind, opened_on
        locked.save(update_fields=["kind", "opened_on"])
    return locked


def close_institution(*, institution: Institution, closed_on: date, reason: str, by: User) -> Institution:
    """From the day on it does not count and hands in nothing more."""
    with _registering(institution, "close", reason, by) as locked:
        _close(locked, closed_on)
    return locked


def reopen_institution(*, institution: Institution, reason: str, by: User) -> Institution:
    """A closing was a mistake, or is off: it counts again from now on."""
    with _registering(institution, "reopen", reason, by) as locked:
        if locked.closed_on is None:
            raise Refused(_("%(name)s is not closed.") % {"name": locked.name}, code="not_closed")
        merger = Merger.objects.filter(institution=locked).select_related("successor").first()
        if merger:
            raise Refused(
                _(
                    "%(name)s has become a part of %(successor)s. Enter it as a new institution if they part again."
                )
                % {"name": locked.name, "successor": merger.successor.name},
                code="merged",
            )
        locked.closed_on = None
        locked.save(update_fields=["closed_on"])
    return locked


def rename(
    *, institution: Institution, names: Mapping[str, str], since: date, reason: str, by: User
) -> FormerName:
    """A new name from a day on; the one before is kept with that day, found by searches and shown."""
    with _registering(institution, "rename", reason, by) as locked:
        old = {name: getattr(locked, name) for name in NAMES}
        new = {name: names[name].strip() for name in NAMES}
        if not all(new.values()):
            raise Refused(_("Give the name in all three languages."), field="name_kk", code="no_name")
        if new == old:
            raise Refused(_("These are the names that it has."), field="name_kk", code="same")
        if since > timezone.localdate():
            raise Refused(
                _("A name is shown from when it is entered: enter it on the day."),
                field="since",
                code="ahead",
            )
        last = locked.former_names.exclude(until=None).order_by("-until").first()
        if last and last.until and since < last.until:
            raise Refused(
                _("It has had its present name since %(day)s only.") % {"day": date_format(last.until)},
                field="since",
                code="order",
            )
        former = FormerName.objects.create(institution=locked, until=since, **old)
        for name, value in new.items():
            setattr(locked, name, value)
        locked.save(update_fields=NAMES)
    return former


def record_merger(
    *, institution: Institution, successor: Institution, merged_on: date, reason: str, by: User
) -> Merger:
    """Close the one on the day and lead to the other; in a transaction that also moves what it teaches."""
    both = Institution.objects.select_for_update(no_key=True).order_by("pk")
    there = {one.pk: one for one in both.filter(pk__in=[institution.pk, successor.pk])}
    one, other = there[institution.pk], there[successor.pk]
    if one.pk == other.pk:
        raise Refused(_("Choose another university as the successor."), field="successor", code="same")
    if one.kind == Institution.Kind.PLANNED or other.kind == Institution.Kind.PLANNED:
        raise Refused(_("A planned university has to open first."), field="successor", code="planned")
    if other.closed_on or (other.opened_on and other.opened_on > merged_on):
        raise Refused(
            _("%(name)s is not open on that day.") % {"name": other.name}, field="successor", code="closed"
        )
    _close(one, merged_on)
    return Merger.objects.create(
        institution=one,
        successor=other,
        merged_on=merged_on,
        reason=reason,
        decided_by=by,
        decided_at=decision_moment(),
    )


def only_ministry(by: User) -> None:
    if not by.is_staff:
        raise Refused(_("Only the ministry keeps the registry."), code="not_ministry")


def _close(institution: Institution, closed_on: date) -> None:
    if institution.closed_on:
        raise Refused(
            _("%(name)s closes on %(day)s already.")
            % {"name": institution.name, "day": date_format(institution.closed_on)},
            code="closed",
        )
    if institution.kind == Institution.Kind.PLANNED:
        raise Refused(_("%(name)s has not opened.") % {"name": institution.name}, code="planned")
    if institution.opened_on and closed_on <= institution.opened_on:
        raise Refused(
            _("It opened on %(day)s: it can only close later.") % {"day": date_format(institution.opened_on)},
            field="closed_on",
            code="days",
        )
    institution.closed_on = closed_on
    institution.save(update_fields=["closed_on"])


@contextmanager
def _registering(institution: Institution, action: str, reason: str, by: User) -> Iterator[Institution]:
    only_ministry(by)
    if not reason.strip():
        raise Refused(_("Say why, or by which order."), field="reason", code="no_reason")
    with pghistory.context(user=by.pk, action=action, reason=reason.strip()), transaction.atomic():
        yield Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=institution.pk)

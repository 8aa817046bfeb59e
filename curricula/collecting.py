"""Collecting: the ministry opens a period, gives more time to all or to some, closes it and opens it again.

Each step says why; the reason is kept in the history, and written to those who still have something to do. What has
been handed in, decided or published is not touched by any of them. Asking is done in `days`, not here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

import pghistory
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from curricula.errors import Refused
from curricula.models import Extension, Period
from curricula.models.collecting import ExtensionQuerySet
from curricula.reminding import tell_of_days
from institutions.models import Institution, User
from institutions.moments import decision_moment

ONE_DAY = timedelta(days=1)


def open_period(*, period: Period, by: User, reason: str = "") -> Period:
    """Enter an unsaved period with all its days; it collects from the day that it names."""
    _only_ministry(by)
    if not (period.code.isascii() and period.code.isdigit() and len(period.code) == 4):
        raise Refused(
            _("Name the period by the year in which it begins: 2027 is the academic year 2027/28."),
            field="code",
            code="code",
        )
    there = Refused(
        _("There is a period %(period)s already: extend it, or open it again.") % {"period": period.name},
        field="code",
        code="there",
    )
    if Period.objects.filter(code=period.code).exists():
        raise there
    if period.ends_on <= period.starts_on:
        raise Refused(_("The academic year must end after it begins."), field="ends_on", code="days")
    _in_order(period.opens_on, period.due_on, period.closes_on)
    try:
        with pghistory.context(user=by.pk, action="open", reason=reason.strip()), transaction.atomic():
            period.save(force_insert=True)
    except IntegrityError:  # the button was pressed twice
        if not Period.objects.filter(code=period.code).exists():
            raise
        raise there from None
    return period


def extend(*, period: Period, due_on: date, closes_on: date, reason: str, by: User) -> Period:
    """More time for all, while the period collects or before it does."""
    with _moving(period, "extend", reason, by) as locked:
        if locked.closes_on < timezone.localdate():
            raise Refused(
                _("Period %(period)s has closed: open it again instead.") % {"period": locked.name},
                code="closed",
            )
        if due_on < locked.due_on:
            raise Refused(
                _("It is due on %(day)s: an extension can only make that later.")
                % {"day": date_format(locked.due_on)},
                field="due_on",
                code="earlier",
            )
        if closes_on < locked.closes_on:
            raise Refused(
                _("It closes on %(day)s: to take less time, close the period.")
                % {"day": date_format(locked.closes_on)},
                field="closes_on",
                code="earlier",
            )
        if (due_on, closes_on) == (locked.due_on, locked.closes_on):
            raise Refused(_("These are the days that it has."), field="due_on", code="same")
        _move(locked, locked.opens_on, due_on, closes_on, reason)
    return locked


def reopen(*, period: Period, due_on: date, closes_on: date, reason: str, by: User) -> Period:
    """A period that has closed collects again, from now to a day."""
    with _moving(period, "reopen", reason, by) as locked:
        today = timezone.localdate()
        if locked.closes_on >= today:
            raise Refused(
                _("Period %(period)s has not closed: extend it instead.") % {"period": locked.name},
                code="open",
            )
        if closes_on < today:
            raise Refused(
                _("Name a day from today on: until then it is open again."), field="closes_on", code="past"
            )
        _move(locked, locked.opens_on, due_on, closes_on, reason)
    return locked


def close(*, period: Period, last_day: date, reason: str, by: User, with_extensions: bool = False) -> Period:
    """Take nothing more after `last_day`; yesterday closes it at once.

    Universities that were given more time keep it, unless `with_extensions`.
    """
    with _moving(period, "close", reason, by) as locked:
        earliest = timezone.localdate() - ONE_DAY
        if last_day < earliest:
            raise Refused(
                _("What has been taken in is taken in: name %(day)s or a later day.")
                % {"day": date_format(earliest)},
                field="last_day",
                code="past",
            )
        if last_day < locked.opens_on:
            raise Refused(
                _("It opens on %(day)s: it can't close before that.") % {"day": date_format(locked.opens_on)},
                field="last_day",
                code="before_opening",
            )
        if last_day >= locked.closes_on:
            raise Refused(
                _("It closes on %(day)s already: for a later day, extend it.")
                % {"day": date_format(locked.closes_on)},
                field="last_day",
                code="later",
            )
        if with_extensions:
            _live(locked).filter(closes_on__gt=last_day).update(ended_at=decision_moment(), ended_by=by)
        _move(locked, locked.opens_on, min(locked.due_on, last_day), last_day, reason)
    return locked


def open_early(*, period: Period, opens_on: date, reason: str, by: User) -> Period:
    """A period whose day has not come collects from an earlier day, or from a later one."""
    with _moving(period, "open", reason, by) as locked:
        today = timezone.localdate()
        if locked.opens_on <= today:
            raise Refused(_("Period %(period)s has opened.") % {"period": locked.name}, code="open")
        if opens_on < today:
            raise Refused(_("Name today or a later day."), field="opens_on", code="past")
        _move(locked, opens_on, locked.due_on, locked.closes_on, reason)
    return locked


def grant(
    *,
    period: Period,
    institutions: Sequence[Institution],
    due_on: date,
    closes_on: date,
    reason: str,
    by: User,
) -> list[Extension]:
    """Days of their own for some institutions, also after the period has closed, in the place of earlier ones.

    Whoever has these very days with this very reason keeps them: sent twice, it is done and told once.
    """
    with _moving(period, "grant", reason, by) as locked:
        if not institutions:
            raise Refused(_("Choose at least one university."), field="institutions", code="none")
        _in_order(locked.opens_on, due_on, closes_on)
        if closes_on < timezone.localdate():
            raise Refused(_("Name a day from today on."), field="closes_on", code="past")
        if due_on < locked.due_on or closes_on < locked.closes_on:
            raise Refused(
                _("All others have until %(due)s, and %(closes)s at the latest: more time is a later day.")
                % {"due": date_format(locked.due_on), "closes": date_format(locked.closes_on)},
                field="due_on" if due_on < locked.due_on else "closes_on",
                code="earlier",
            )
        days = {"due_on": due_on, "closes_on": closes_on, "reason": reason.strip()}
        kept = list(_live(locked).filter(institution__in=institutions, **days))
        have = {extension.institution_id for extension in kept}
        others = [one for one in institutions if one.pk not in have]
        moment = decision_moment()
        _live(locked).filter(institution__in=others).update(ended_at=moment, ended_by=by)
        granted = Extension.objects.bulk_create(
            Extension(institution=one, period=locked, **days, granted_by=by, granted_at=moment)
            for one in others
        )
        if others:
            tell_of_days(period=locked, reason=reason, once=moment.isoformat(), institutions=others)
    return kept + granted


def take_back(*, extension: Extension, reason: str, by: User) -> Extension:
    """From now on the institution has the days that all have."""
    with _moving(extension.period, "take_back", reason, by) as locked:
        moment = decision_moment()
        if not _live(locked).filter(pk=extension.pk).update(ended_at=moment, ended_by=by):
            raise Refused(_("This extension has ended already."), code="ended")
        tell_of_days(
            period=locked, reason=reason, once=moment.isoformat(), institutions=[extension.institution]
        )
    extension.refresh_from_db()
    return extension


@contextmanager
def _moving(period: Period, action: str, reason: str, by: User) -> Iterator[Period]:
    """The period as it is, locked: of two who move its days the second sees what the first has done."""
    _only_ministry(by)
    if not reason.strip():
        raise Refused(_("Say why: the universities read it."), field="reason", code="no_reason")
    with pghistory.context(user=by.pk, action=action, reason=reason.strip()), transaction.atomic():
        yield Period.objects.select_for_update(no_key=True).get(pk=period.pk)


def _move(period: Period, opens_on: date, due_on: date, closes_on: date, reason: str) -> None:
    _in_order(opens_on, due_on, closes_on)
    period.opens_on, period.due_on, period.closes_on = opens_on, due_on, closes_on
    period.save(update_fields=["opens_on", "due_on", "closes_on"])
    tell_of_days(period=period, reason=reason, once=decision_moment().isoformat())


def _live(period: Period) -> ExtensionQuerySet:
    return Extension.objects.live().filter(period=period)


def _in_order(opens_on: date, due_on: date, closes_on: date) -> None:
    if due_on < opens_on:
        raise Refused(_("It can't be due before it opens."), field="due_on", code="days")
    if closes_on < due_on:
        raise Refused(_("It can't close before it is due."), field="closes_on", code="days")


def _only_ministry(by: User) -> None:
    if not by.is_staff:
        raise Refused(_("Only the ministry decides on periods."), code="not_ministry")

"""Uniting: an institution goes up in another, and what it teaches goes on there, so that time series hold.

On the day the one closes and its programmes are taught by the other: the number of programmes in scope is the same the
day before and the day after (less those that both taught under one code). What the one has signed stays what it has
signed: a programme that goes on has no data until the successor hands in its curriculum. So a merger is best entered
for the first day of an academic year, where every programme begins anew; a day amid the year that has not come is
refused, for until then both would count.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

import pghistory
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from curricula.errors import Refused
from curricula.models import CurriculumVersion, Period, Programme
from institutions.models import Institution, Merger, User
from institutions.moments import decision_moment
from institutions.registering import only_ministry, record_merger

ONE_DAY = timedelta(days=1)
KEPT = ("code", "level", "direction_id", "title_kk", "title_ru", "title_en", "language", "is_ai_dedicated")


@dataclass(frozen=True)
class Foreseen:
    """What a merger would do: programmes that go on at the successor, those that it teaches under the same code, and
    how many of them have a curriculum that counts in the period of the day, and would have no data."""

    goes_on: list[Programme]
    there_already: list[Programme]
    period: Period | None
    losing_data: int
    awaiting: int

    @property
    def fingerprint(self) -> str:
        """Of what the reader has seen: the merger is carried out only as it was shown."""
        seen = (
            [one.pk for one in self.goes_on],
            [one.pk for one in self.there_already],
            self.period and self.period.pk,
            self.losing_data,
            self.awaiting,
        )
        return hashlib.sha256(repr(seen).encode()).hexdigest()


def foresee(*, institution: Institution, successor: Institution, merged_on: date) -> Foreseen:
    """Five queries."""
    codes = set(Programme.objects.filter(institution=successor).values_list("code", flat=True))
    taught = list(_taught(institution, merged_on).order_by("code"))
    period = _year_of(merged_on)
    versions = CurriculumVersion.objects.filter(institution=institution)
    counting = versions.valid_now().filter(period=period, programme__in=[one.pk for one in taught])
    return Foreseen(
        goes_on=[one for one in taught if one.code not in codes],
        there_already=[one for one in taught if one.code in codes],
        period=period,
        losing_data=counting.count() if period and period.starts_on < merged_on else 0,
        awaiting=versions.awaiting_review().count(),
    )


def unite(
    *,
    institution: Institution,
    successor: Institution,
    merged_on: date,
    reason: str,
    by: User,
    seen: str = "",
) -> Merger:
    """Carry it out; `seen` is the fingerprint of what `by` has been shown, if they have been."""
    only_ministry(by)
    if not reason.strip():
        raise Refused(_("Say why, or by which order."), field="reason", code="no_reason")
    _refuse_two_counting(merged_on)
    with pghistory.context(user=by.pk, action="merge", reason=reason.strip()), transaction.atomic():
        decision_moment()  # a snapshot either contains all of it or nothing
        merger = record_merger(
            institution=institution, successor=successor, merged_on=merged_on, reason=reason.strip(), by=by
        )
        foreseen = foresee(institution=institution, successor=successor, merged_on=merged_on)
        if seen and seen != foreseen.fingerprint:
            raise Refused(_("Something has changed since you looked. Look again."), code="changed")
        Programme.objects.bulk_create(
            Programme(
                institution=successor,
                active_from=max(one.active_from, merged_on),
                active_to=one.active_to,
                **{name: getattr(one, name) for name in KEPT},
            )
            for one in foreseen.goes_on
        )
        _teach_on(successor, foreseen.there_already, merged_on)
        _taught(institution, merged_on).update(active_to=Greatest(F("active_from"), merged_on - ONE_DAY))
    return merger


def _taught(institution: Institution, day: date) -> QuerySet[Programme]:
    """What the institution would teach on the day or later."""
    programmes = Programme.objects.filter(institution=institution)
    taught: QuerySet[Programme] = programmes.filter(Q(active_to=None) | Q(active_to__gte=day))
    return taught


def _teach_on(successor: Institution, programmes: list[Programme], merged_on: date) -> None:
    """What the successor has under the same code is taught for as long as either of the two would have been."""
    ended = {one.code: one for one in programmes}
    for there in Programme.objects.filter(institution=successor, code__in=ended):
        one = ended[there.code]
        active_from = min(there.active_from, max(one.active_from, merged_on))
        both_end = there.active_to and one.active_to
        active_to = max(there.active_to, one.active_to) if both_end else None
        if (active_from, active_to) != (there.active_from, there.active_to):
            there.active_from, there.active_to = active_from, active_to
            there.save(update_fields=["active_from", "active_to"])


def _year_of(day: date) -> Period | None:
    return Period.objects.filter(starts_on__lte=day, ends_on__gte=day).order_by("code").last()


def _refuse_two_counting(merged_on: date) -> None:
    """A programme counts in the whole academic year in which it is taught for a day: until the day of a merger amid it,
    both would."""
    ahead = merged_on > timezone.localdate()
    if ahead and not Period.objects.filter(starts_on=merged_on).exists():
        raise Refused(
            _(
                "%(day)s has not come, and no academic year begins on it: enter the merger on that day, or for the"
                " first day of a year."
            )
            % {"day": date_format(merged_on)},
            field="merged_on",
            code="amid_the_year",
        )

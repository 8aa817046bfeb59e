"""Until when a period takes what from whom: its own days, unless the ministry has granted an institution longer ones.

Every place that asks whether an institution may still begin, import or sign asks here, and every letter and page that
names a day reads it here. An institution that has closed hands in nothing more.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from curricula.models import Extension, Period
from institutions.models import Institution
from institutions.moments import database_now

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """The days of a period for one institution, all inclusive; `extended` if they are its own."""

    opens_on: date
    due_on: date
    closes_on: date
    extended: bool = False

    @property
    def is_open(self) -> bool:
        return self.open_on(timezone.localdate())

    @property
    def is_over(self) -> bool:
        return self.closes_on < timezone.localdate()

    def open_on(self, day: date) -> bool:
        return self.opens_on <= day <= self.closes_on


def days_of(institution: Institution, period: Period) -> Days:
    """One query."""
    return periods_days(period, [institution])[institution.pk]


def periods_days(period: Period, institutions: Collection[Institution]) -> dict[int, Days]:
    """The days of the period for each of the institutions; one query."""
    live = Extension.objects.live().filter(period=period, institution__in=[one.pk for one in institutions])
    own = {extension.institution_id: extension for extension in live}
    return {one.pk: _days(one, period, own.get(one.pk)) for one in institutions}


def _days(institution: Institution, period: Period, own: Extension | None) -> Days:
    due_on = max(own.due_on, period.due_on) if own else period.due_on
    closes_on = max(own.closes_on, period.closes_on) if own else period.closes_on
    extended = (due_on, closes_on) != (period.due_on, period.closes_on)
    if institution.closed_on:
        closes_on = min(closes_on, institution.closed_on - ONE_DAY)
        due_on = min(due_on, closes_on)
    return Days(period.opens_on, due_on, closes_on, extended)


def collects_from(institution: Institution, period: Period, day: date | None = None) -> bool:
    """Whether the institution may begin, import and sign on the day (today unless told).

    One query; none while the period is open to all.
    """
    day = day or timezone.localdate()
    if institution.closed_on and institution.closed_on <= day:
        return False
    return period.opens_on <= day <= period.closes_on or days_of(institution, period).open_on(day)


def collecting_from(institution: Institution) -> QuerySet[Period]:
    """The periods in which the institution may begin, import and sign today."""
    today = timezone.localdate()
    if institution.closed_on and institution.closed_on <= today:
        return Period.objects.none()
    granted = Extension.objects.live().filter(institution=institution, closes_on__gte=today)
    return Period.objects.filter(
        Q(pk__in=Period.objects.collecting(today).order_by().values("pk"))
        | Q(pk__in=granted.order_by().values("period"), opens_on__lte=today)
    )


def still_collecting(institution: str = "institution", period: str = "period") -> Q:
    """The same as a condition on rows that point to an institution and a period."""
    today = timezone.localdate(database_now())  # what has closed is ended for good
    granted = Extension.objects.live().filter(
        institution=OuterRef(institution), period=OuterRef(period), closes_on__gte=today
    )
    is_open = Q(**{f"{period}__opens_on__lte": today}) & (
        Q(**{f"{period}__closes_on__gte": today}) | Q(Exists(granted))
    )
    there = Q(**{f"{institution}__closed_on": None}) | Q(**{f"{institution}__closed_on__gt": today})
    return is_open & there

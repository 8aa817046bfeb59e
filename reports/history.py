"""Who reported when and when it was approved, as a release knows it.

Nothing that was decided after its moment, and nothing that was not approved.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curricula.models import CurriculumVersion, Period, Submission
from institutions.wall import beyond
from reports.figures import Edition, as_at
from reports.models import Release
from reports.wording import count, day


@dataclass(frozen=True)
class Reported:
    """What of one signing was approved: how many curricula, from which day to which; the day of its staff figures."""

    period: str
    signed: date
    curricula: int
    first: date | None
    last: date | None
    staff: date | None

    def __str__(self) -> str:
        """`7 curricula reported on 3 May, approved on 12 May; staff figures approved on 14 May`."""
        if not self.curricula or not self.first or not self.last:
            return _("staff figures reported on %(reported)s, approved on %(approved)s") % {
                "reported": day(self.signed),
                "approved": day(self.staff) if self.staff else "",
            }
        given = {
            "curricula": count(self.curricula),
            "reported_day": day(self.signed),
            "approved_day": day(self.first),
            "last_day": day(self.last),
        }
        if self.first == self.last:
            told = ngettext(
                "%(curricula)s curriculum reported on %(reported_day)s, approved on %(approved_day)s",
                "%(curricula)s curricula reported on %(reported_day)s, approved on %(approved_day)s",
                self.curricula,
            )
        else:
            told = ngettext(
                "%(curricula)s curriculum reported on %(reported_day)s, approved from %(approved_day)s to %(last_day)s",
                "%(curricula)s curricula reported on %(reported_day)s, approved from %(approved_day)s to %(last_day)s",
                self.curricula,
            )
        return told % given


def of_institution(release: Release, institution_id: int) -> list[Reported]:
    """Each signing of which anything was approved by the moment of the release, in its period and those before; newest
    first. One query."""
    moment = as_at(release)
    approved = Q(versions__state=CurriculumVersion.State.APPROVED, versions__valid_from__lte=moment)
    staff = Q(state=Submission.State.APPROVED, valid_from__lte=moment)
    rows = (
        Submission.objects.filter(
            institution=institution_id, period__code__lte=release.snapshot.period.code, signed_at__lte=moment
        )
        .annotate(
            curricula=Count("versions", filter=approved),
            first=Min("versions__valid_from", filter=approved),
            last=Max("versions__valid_from", filter=approved),
            staff_at=Max("valid_from", filter=staff),
        )
        .filter(Q(curricula__gt=0) | Q(staff_at__isnull=False))
        .order_by("-period__code", "-signed_at")
        .values_list("period__code", "signed_at", "curricula", "first", "last", "staff_at")
    )
    with beyond("when a university reported what was approved is public with the release"):
        return [
            Reported(
                Period(code=code).name, timezone.localtime(signed).date(), curricula, *map(local_day, days)
            )
            for code, signed, curricula, *days in rows
        ]


def local_day(moment: datetime | None) -> date | None:
    return timezone.localtime(moment).date() if moment else None


class PartReported(NamedTuple):
    """How many universities with programmes in a part had an approved curriculum, of how many; how many curricula; and
    the days of the first and the last signing of these."""

    reported: int
    universities: int
    curricula: int
    first: date | None
    last: date | None


def of_part(edition: Edition, **within: str) -> PartReported:
    """Of a region or a field, by what the release was computed from; one query."""
    found = edition.assessments.filter(**within).aggregate(
        reported=Count("institution", distinct=True, filter=Q(version__isnull=False)),
        universities=Count("institution", distinct=True),
        curricula=Count("version"),
        first=Min("version__submitted_at"),
        last=Max("version__submitted_at"),
    )
    return PartReported(**{**found, "first": local_day(found["first"]), "last": local_day(found["last"])})

"""How a period stands: which universities are silent, wait for a decision, have something to mend, are through."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Exists, Min, OuterRef, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.models import CurriculumVersion, Extension, Period, Submission
from institutions.models import Institution, Region

STATES = ("silent", "waiting", "returned", "approved")


def state_names() -> dict[str, str]:
    return {
        "silent": _("silent"),
        "waiting": _("waiting"),
        "returned": _("returned"),
        "approved": _("approved"),
    }


@dataclass(frozen=True)
class State:
    code: str
    name: str
    count: int


@dataclass(frozen=True)
class RegionStanding:
    region: Region
    total: int
    counts: list[int]

    @property
    def reported(self) -> int:
        return self.total - self.counts[0]


@dataclass(frozen=True)
class KindStanding:
    kind: str
    total: int
    counts: list[int]

    @property
    def name(self) -> str:
        return str(Institution.Kind(self.kind).label)

    @property
    def reported(self) -> int:
        return self.total - self.counts[0]


@dataclass(frozen=True)
class Standing:
    """Universities by state, in the country, by region and by kind, each counted once; and what waits.

    `late` are those that are silent though their day is over: the period's, or one of their own.
    """

    period: Period
    counts: Counter[str] = field(default_factory=Counter)
    regions: list[RegionStanding] = field(default_factory=list)
    kinds: list[KindStanding] = field(default_factory=list)
    late: int = 0
    curricula_waiting: int = 0
    waiting: int = 0
    oldest_days: int = 0

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def reported(self) -> int:
        """Universities that have signed something."""
        return self.total - self.counts["silent"]

    @property
    def states(self) -> list[State]:
        names = state_names()
        return [State(code, names[code], self.counts[code]) for code in STATES]


def standing(period: Period) -> Standing:
    """Five queries."""
    by_region: dict[int, Counter[str]] = defaultdict(Counter)
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    late = 0
    today = timezone.localdate()
    longer = Extension.objects.live().filter(institution=OuterRef("pk"), period=period, due_on__gte=today)
    rows = with_state(period).annotate(has_longer=Exists(longer)).order_by()
    for region, kind, state, has_longer in rows.values_list(
        "region", "kind", "collection_state", "has_longer"
    ):
        by_region[region][state] += 1
        by_kind[kind][state] += 1
        late += state == "silent" and period.due_on < today and not has_longer
    regions = Region.objects.in_bulk(by_region)
    waiting = Submission.objects.awaiting_review().filter(period=period)
    oldest = waiting.aggregate(oldest=Min("signed_at"))["oldest"]
    return Standing(
        period=period,
        counts=sum(by_region.values(), Counter()),
        regions=[
            RegionStanding(
                region, by_region[region.pk].total(), [by_region[region.pk][state] for state in STATES]
            )
            for region in sorted(regions.values(), key=lambda region: region.order_kk)
        ],
        kinds=[
            KindStanding(kind, by_kind[kind].total(), [by_kind[kind][state] for state in STATES])
            for kind in Institution.Kind.values
            if kind in by_kind
        ],
        late=late,
        curricula_waiting=CurriculumVersion.objects.awaiting_review().filter(period=period).count(),
        waiting=waiting.count(),
        oldest_days=(timezone.localdate() - timezone.localtime(oldest).date()).days if oldest else 0,
    )


def with_state(period: Period) -> QuerySet[Any]:
    """Institutions that count today, with their `collection_state` in the period."""
    submissions = Submission.objects.filter(institution=OuterRef("pk"), period=period)
    versions = CurriculumVersion.objects.filter(institution=OuterRef("pk"), period=period)
    # That a newer one is at least the second goes without saying, but leads to the index of what was handed in again.
    newer_versions = CurriculumVersion.objects.filter(
        programme=OuterRef("programme"), period=period, number__gt=OuterRef("number"), number__gte=2
    ).exclude(state="draft")
    newer_submissions = Submission.objects.filter(
        institution=OuterRef("institution"), period=period, number__gt=OuterRef("number")
    )
    return Institution.objects.open_now().annotate(
        collection_state=Case(
            When(~Exists(submissions), then=Value("silent")),
            When(
                Exists(submissions.filter(state="submitted")) | Exists(versions.awaiting_review()),
                then=Value("waiting"),
            ),
            When(
                Exists(versions.filter(state="returned").exclude(Exists(newer_versions)))
                | Exists(submissions.filter(state="returned").exclude(Exists(newer_submissions))),
                then=Value("returned"),
            ),
            default=Value("approved"),
            output_field=CharField(),
        )
    )

"""What a period asks of an institution, and how far it has come. Counted from the rows at each look, never kept."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy

from curricula.checking import findings
from curricula.checking.standing import open_findings
from curricula.days import Days, days_of
from curricula.models import CurriculumVersion, Import, Line, Period, Programme
from curricula.submitting import ready as ready_drafts
from curricula.submitting import staff_figures_returned
from institutions.models import Institution

# In the order in which they need somebody's hands.
STATUSES = {
    "returned": gettext_lazy("returned"),
    "none": gettext_lazy("not started"),
    "draft": gettext_lazy("draft"),
    "submitted": gettext_lazy("handed in"),
    "approved": gettext_lazy("approved"),
}
URGENCY = {status: place for place, status in enumerate(STATUSES)}


def programmes_of(institution: Institution, period: Period) -> QuerySet[Any]:
    """The programmes that the period asks for, and others that have a version in it all the same.

    Each with `status` (one of STATUSES), `urgency` (its place among them), and of its newest version `version_number`,
    `saved_at`, `students`, `line_count`, `ai_count`. A returned curriculum stays "returned" until its new draft has
    been saved. `has_before` says whether a curriculum of an earlier period is approved, to start from.
    """
    # The institution's own, said again: the planner may read them all at once, and then no others'.
    own = CurriculumVersion.objects.filter(institution=institution, programme=OuterRef("pk"))
    versions = own.filter(period=period).order_by("-number")
    lines = Line.objects.filter(version=OuterRef("version_id")).order_by().values("version")
    ai_lines = lines.exclude(ai_category=Line.AICategory.NONE)
    before = own.valid_now().filter(period__code__lt=period.code)
    asked = Programme.objects.filter(institution=institution).active_in(period)
    return (
        Programme.objects.filter(Q(pk__in=asked.values("pk")) | Exists(versions), institution=institution)
        .annotate(
            version_id=Subquery(versions.values("pk")[:1]),
            version_number=Subquery(versions.values("number")[:1]),
            saved_at=Subquery(versions.values("edited_at")[:1]),
            newest=Subquery(versions.values("state")[:1]),
            students=Subquery(versions.values("students")[:1]),
            edits=Subquery(versions.values("edit_number")[:1]),
            before=Subquery(versions.values("state")[1:2]),
            has_before=Exists(before),
        )
        .annotate(
            line_count=Coalesce(Subquery(lines.annotate(n=Count("*")).values("n")), 0),
            ai_count=Coalesce(Subquery(ai_lines.annotate(n=Count("*")).values("n")), 0),
            status=Case(
                When(newest=None, then=Value("none")),
                When(newest="draft", edits=0, before="returned", then=Value("returned")),
                default=F("newest"),
                output_field=CharField(),
            ),
        )
        .annotate(
            urgency=Case(*(When(status=name, then=place) for name, place in URGENCY.items()), default=9)
        )
    )


def returned_in(institution: Institution, period: Period) -> list[CurriculumVersion]:
    """The returned versions that nobody has mended yet, with who decided and why, oldest first."""
    newer = CurriculumVersion.objects.filter(
        programme=OuterRef("programme"), period=period, number__gt=OuterRef("number")
    )
    return list(
        CurriculumVersion.objects.filter(institution=institution, period=period, state="returned")
        .exclude(Exists(newer.filter(~Q(state="draft") | Q(edit_number__gt=0))))
        .select_related("programme", "decided_by")
        .order_by("decided_at")
    )


LACKING = {
    "lines": Q(status="none") | Q(newest="draft", line_count=0),
    "students": Q(newest="draft", line_count__gt=0, students=None),
}


@dataclass(frozen=True)
class Progress:
    """How many programmes are in which status; of the drafts, how many have lines (`ready`) and how many none.

    Of the ready ones `uncounted` do not say how many students they have; of those without a curriculum `carryable`
    had an approved one before. `faults` and `unanswered` warnings stand against signing, in the drafts `unsettled`.
    """

    period: Period
    days: Days
    counts: dict[str, int] = field(default_factory=dict)
    ready: int = 0
    empty: int = 0
    uncounted: int = 0
    carryable: int = 0
    first: Programme | None = None
    staff_returned: bool = False
    importing: int = 0
    faults: int = 0
    unanswered: int = 0
    unsettled: frozenset[int] = frozenset()

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def missing(self) -> int:
        """Programmes with no lines at all."""
        return self.counts["none"] + self.empty

    @property
    def filled(self) -> int:
        return self.total - self.missing

    @property
    def handed_in(self) -> int:
        return self.counts["submitted"] + self.counts["approved"]

    @property
    def days_left(self) -> int:
        """Until the due day, that day included; negative when it is over."""
        return (self.days.due_on - timezone.localdate()).days

    @property
    def days_late(self) -> int:
        return -self.days_left


def progress(institution: Institution, period: Period) -> Progress:
    """Five queries and those of the checks, whatever the number of programmes."""
    programmes = programmes_of(institution, period)
    counts = dict.fromkeys(STATUSES, 0)
    ready = empty = uncounted = carryable = 0
    grouped = (
        programmes.order_by()
        .values("status", "newest", "has_before", filled=_when(line_count__gt=0), told=_when(students__gte=0))
        .annotate(n=Count("pk"))
    )
    for row in grouped:
        number = row["n"]
        counts[row["status"]] += number
        if row["newest"] is None and row["has_before"]:
            carryable += number
        if row["newest"] == "draft":
            ready, empty = ready + number * row["filled"], empty + number * (not row["filled"])
            uncounted += number * (row["filled"] and not row["told"])
    against = open_findings(findings(ready_drafts(institution, period)))
    faults = sum(one.is_fault for one in against)
    in_need = programmes.filter(Q(status="returned") | LACKING["lines"])
    return Progress(
        period=period,
        days=days_of(institution, period),
        counts=counts,
        ready=ready,
        empty=empty,
        uncounted=uncounted,
        carryable=carryable,
        first=in_need.order_by("urgency", "code").first(),
        staff_returned=staff_figures_returned(institution, period),
        importing=Import.objects.outstanding().filter(institution=institution, period=period).count(),
        faults=faults,
        unanswered=len(against) - faults,
        unsettled=frozenset(one.version for one in against),
    )


def _when(**condition: Any) -> Case:
    return Case(When(**condition, then=Value(True)), default=Value(False))

"""What a period asks of an institution, how far it has come, and what it should do next."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curricula.models import CurriculumVersion, Import, Line, Period, Programme
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

# From so many programmes without a curriculum on, a spreadsheet is quicker than forms.
MANY = 5


def programmes_of(institution: Institution, period: Period) -> QuerySet[Any]:
    """The programmes that the period asks for, and others that have a version in it all the same.

    Each with `status` (one of STATUSES), `urgency` (its place among them), and of its newest version `version_number`,
    `saved_at`, `line_count`, `ai_count`. A returned curriculum stays "returned" until its new draft has been saved.
    """
    versions = CurriculumVersion.objects.filter(programme=OuterRef("pk"), period=period).order_by("-number")
    lines = Line.objects.filter(version=OuterRef("version_id")).order_by().values("version")
    ai_lines = lines.exclude(ai_category=Line.AICategory.NONE)
    asked = Programme.objects.filter(institution=institution).active_in(period)
    return (
        Programme.objects.filter(Q(pk__in=asked.values("pk")) | Exists(versions), institution=institution)
        .annotate(
            version_id=Subquery(versions.values("pk")[:1]),
            version_number=Subquery(versions.values("number")[:1]),
            saved_at=Subquery(versions.values("edited_at")[:1]),
            newest=Subquery(versions.values("state")[:1]),
            edits=Subquery(versions.values("edit_number")[:1]),
            before=Subquery(versions.values("state")[1:2]),
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


@dataclass(frozen=True)
class Progress:
    """How many programmes are in which status; of the drafts, how many have lines (`ready`) and how many none."""

    period: Period
    counts: dict[str, int] = field(default_factory=dict)
    ready: int = 0
    empty: int = 0
    first: Programme | None = None
    staff_returned: bool = False
    importing: int = 0

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
        return (self.period.due_on - timezone.localdate()).days

    @property
    def days_late(self) -> int:
        return -self.days_left


def progress(institution: Institution, period: Period) -> Progress:
    """Four queries, whatever the number of programmes."""
    programmes = programmes_of(institution, period)
    counts = dict.fromkeys(STATUSES, 0)
    ready = empty = 0
    has_lines = Case(When(line_count__gt=0, then=Value(True)), default=Value(False))
    grouped = programmes.order_by().values("status", "newest", filled=has_lines).annotate(n=Count("pk"))
    for status, newest, filled, number in grouped.values_list("status", "newest", "filled", "n"):
        counts[status] += number
        if newest == "draft":
            ready, empty = ready + number * filled, empty + number * (not filled)
    in_need = programmes.filter(Q(status__in=["returned", "none"]) | Q(status="draft", line_count=0))
    return Progress(
        period=period,
        counts=counts,
        ready=ready,
        empty=empty,
        first=in_need.order_by("urgency", "code").first(),
        staff_returned=staff_figures_returned(institution, period),
        importing=Import.objects.outstanding().filter(institution=institution, period=period).count(),
    )


@dataclass(frozen=True)
class Step:
    """The one thing to do next: what it is, in a sentence; `kind` says where its button leads, "" if nowhere."""

    sentence: str
    kind: str = ""
    button: str = ""
    programme: Programme | None = None


def next_step(now: Progress, *, may_edit: bool, may_sign: bool) -> Step:
    """What this person should do next, or for whom they wait."""
    if not now.total:
        return Step(
            _("The registry has no programme of yours for this period. Ask the ministry to add them.")
        )
    if not now.period.is_collecting:
        return Step(_("The period is closed; nothing can be changed any more. You can look at all of it."))
    if now.importing:
        return Step(_("A spreadsheet is being read."), "imports", _("See how far it is"))
    if may_edit and (now.counts["returned"] or now.missing):
        return _edit(now)
    if may_sign and (now.ready or now.staff_returned):
        return _sign(now)
    return _wait(now)


def _edit(now: Progress) -> Step:
    returned = now.counts["returned"]
    if returned and now.first:
        sentence = ngettext(
            "The ministry has returned %(count)d curriculum. Read why, and mend it.",
            "The ministry has returned %(count)d curricula. Read why, and mend them.",
            returned,
        )
        button = _("Mend %(programme)s") % {"programme": now.first.code}
        return Step(sentence % {"count": returned}, "edit", button, now.first)
    sentence = ngettext(
        "%(count)d programme has no curriculum yet.",
        "%(count)d programmes have no curriculum yet.",
        now.missing,
    ) % {"count": now.missing}
    if now.missing >= MANY or now.first is None:
        return Step(sentence, "import", _("Upload a spreadsheet"))
    return Step(sentence, "edit", _("Fill in %(programme)s") % {"programme": now.first.code}, now.first)


def _sign(now: Progress) -> Step:
    if not now.ready:
        return Step(_("The ministry has returned the staff figures."), "sign", _("Correct and sign"))
    sentence = ngettext(
        "%(count)d curriculum is ready to be handed in.",
        "%(count)d curricula are ready to be handed in.",
        now.ready,
    )
    return Step(sentence % {"count": now.ready}, "sign", _("Check and sign"))


def _wait(now: Progress) -> Step:
    if now.ready:
        return Step(_("All that is filled in waits for the signatory."))
    if now.counts["returned"] or now.missing:
        return Step(_("The editors have still something to fill in; then it can be signed."))
    if now.counts["submitted"]:
        return Step(_("All is handed in. The ministry is reviewing it; there is nothing to do."))
    return Step(_("All is approved. There is nothing to do."))

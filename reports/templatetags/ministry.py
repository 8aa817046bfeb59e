"""How far the figures are and how they move, for the ministry's home page, which has no view of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django import template
from django.utils.safestring import SafeString, mark_safe

from curricula.models import Period
from reports import daily, live
from reports.charts.drawing import tag
from reports.models import Release, ReleaseProposal, RequirementDraft, Snapshot

register = template.Library()


@dataclass(frozen=True)
class FiguresStanding:
    """The newest release, and the newest snapshot unless it is released already, and what is proposed or drafted."""

    release: Release | None
    snapshot: Snapshot | None
    proposals: list[ReleaseProposal]  # these and the drafts wait for a second person
    drafts: list[RequirementDraft]


@register.simple_tag
def figures_standing() -> FiguresStanding:
    snapshot = Snapshot.objects.select_related("period", "release").order_by("-pk").first()
    if snapshot is not None and hasattr(snapshot, "release"):
        snapshot = None
    return FiguresStanding(
        release=Release.objects.newest(),
        snapshot=snapshot,
        proposals=list(ReleaseProposal.objects.waiting().select_related("proposed_by")),
        drafts=list(RequirementDraft.objects.waiting().select_related("drafted_by")),
    )


@dataclass(frozen=True)
class LiveStanding:
    courses: list[daily.Course]
    stale_since: datetime | None


@register.simple_tag
def live_courses(period: Period) -> LiveStanding:
    return LiveStanding(daily.courses(period), live.stale_since())


WIDTH, HEIGHT, MARGIN = 240, 44, 4


@register.simple_tag
def spark(shares: Sequence[Fraction]) -> SafeString:
    """A small line of the shares, from the least to the greatest; it repeats a table and is hidden from readers."""
    if len(shares) < 2:
        return SafeString("")
    low, high = min(shares), max(shares)
    step = (WIDTH - 2 * MARGIN) / (len(shares) - 1)
    room = HEIGHT - 2 * MARGIN
    points = [
        (
            MARGIN + place * step,
            HEIGHT - MARGIN - room * float((share - low) / (high - low) if high > low else 0),
        )
        for place, share in enumerate(shares)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    drawn = tag(
        "svg",
        tag("polyline", points=line, fill="none", stroke="#00668c", stroke_width=2, class_="c-line"),
        tag("circle", cx=points[-1][0], cy=points[-1][1], r=3, fill="#00668c", class_="c-bar"),
        class_="spark", width=WIDTH, height=HEIGHT, viewBox=f"0 0 {WIDTH} {HEIGHT}", aria_hidden="true",
    )  # fmt: skip
    return mark_safe(drawn)  # noqa: S308 - numbers only

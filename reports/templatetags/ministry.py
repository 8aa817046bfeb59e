"""How far the figures are, for the ministry's home page, which has no view of its own."""

from dataclasses import dataclass

from django import template

from reports.models import Release, Snapshot

register = template.Library()


@dataclass(frozen=True)
class FiguresStanding:
    """The newest release, and the newest snapshot unless it is released already."""

    release: Release | None
    snapshot: Snapshot | None


@register.simple_tag
def figures_standing() -> FiguresStanding:
    snapshot = Snapshot.objects.select_related("period", "release").order_by("-pk").first()
    if snapshot is not None and hasattr(snapshot, "release"):
        snapshot = None
    return FiguresStanding(release=Release.objects.newest(), snapshot=snapshot)

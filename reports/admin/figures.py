"""What pages of the ministry show of a snapshot's figures: beside the last release's, what moved, what is missing."""

from typing import Any

from reports.beside import compared_with, difference, indicators, silent, tables
from reports.models import Release, Snapshot


def beside(snapshot: Snapshot, corrects: Release | None = None) -> dict[str, Any]:
    """The context of `admin/reports/_beside.html`; the number of queries does not depend on the size of the country."""
    if snapshot.as_at is None:
        return {"snapshot": snapshot, "tables": [], "indicators": []}
    last = compared_with(snapshot, corrects)
    older = last.snapshot if last else None
    shown = tables(snapshot, older)
    leading = shown[0].requirement if shown else None
    return {
        "snapshot": snapshot,
        "last": last,
        "tables": shown,
        "indicators": indicators(snapshot, older),
        "moved": difference(older, snapshot, leading.code) if older and leading else None,
        "silent": silent(snapshot, leading) if leading else [],
    }

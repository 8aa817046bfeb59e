"""Hashes of the trail that leave the house: each release carries the newest seal, so that whoever keeps a copy of it
can show later that the chain had come so far, and that nothing up to there was made anew.
"""

import json
import re

from institutions.trail import sealing
from reports.models import ReleaseFile

CARRIER = "datapackage.json"  # small, where release.json is as long as the release


def newest_anchor() -> str | None:
    """Number and hash of the newest seal, as they stand in a release."""
    seal = sealing.newest()
    return f"{seal.number}:{seal.hash}" if seal else None


def read_anchor(text: str) -> tuple[int, str] | None:
    found = re.fullmatch(r"(\d+):([0-9a-f]{64})", text.strip())
    return (int(found[1]), found[2]) if found else None


def released_anchors() -> dict[int, str]:
    """Those of all releases, by the number of the seal."""
    files = ReleaseFile.objects.filter(name=CARRIER).values_list("content", flat=True)
    carried = (json.loads(bytes(content)).get("trail") for content in files.iterator())
    return dict(anchor for text in carried if text and (anchor := read_anchor(text)))

"""The regions and institutions that ship with the program; see README.md for where they come from."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from institutions.models import Alias, FormerName, Institution, Region
from institutions.reference.merging import Merged, merge, read

HERE = Path(__file__).parent

# The institutions of the first load have been in the registry since before the first period. What a later file adds is
# new on the day it is loaded: it must not enter figures of the past.
SINCE = datetime(2024, 1, 1, tzinfo=ZoneInfo("Asia/Almaty"))

NAMES = ("name_kk", "name_ru", "name_en")


@transaction.atomic
def load() -> dict[str, Merged]:
    """Load regions and institutions; see `merging` for what happens to rows that people have edited."""
    regions = merge(Region, [{**row, **tile(row)} for row in read(HERE / "regions.csv")])
    return {
        "regions": regions,
        "institutions": load_institutions(),
        "former names": load_once(FormerName, "former_names.csv"),
        "aliases": load_once(Alias, "aliases.csv"),
    }


def tile(row: dict[str, str]) -> dict[str, int]:
    return {"tile_row": int(row["tile_row"]), "tile_col": int(row["tile_col"])}


def load_institutions() -> Merged:
    """A row whose region the ministry has taken away or given another code is left as it is."""
    regions = {region.code: region for region in Region.objects.all()}
    rows = [{"region": regions.get(row.pop("region_code")), **row} for row in read(HERE / "institutions.csv")]
    before = Institution.objects.in_bulk()
    merged = merge(
        Institution,
        [row for row in rows if row["region"]],
        new={"in_registry_since": None if before else SINCE},
    )
    for institution in Institution.objects.filter(pk__in=before):
        keep_former_name(before[institution.pk], institution)
    return merged


def keep_former_name(old: Institution, new: Institution) -> None:
    """Keep the names that a newer file has replaced, so that old documents and searches still find the institution."""
    if any(getattr(old, name) != getattr(new, name) for name in NAMES):
        FormerName.objects.create(
            institution=new, until=timezone.localdate(), **{name: getattr(old, name) for name in NAMES}
        )


def load_once(model: Any, name: str) -> Merged:
    """Names beside those of the registry: a short list without keys of its own, the ministry's once loaded."""
    rows = read(HERE / name)
    if model.pgh_event_models["insert"].objects.exists():
        return Merged(unchanged=len(rows))
    institutions = {institution.code: institution for institution in Institution.objects.all()}
    known = [row for row in rows if row["code"] in institutions]
    for row in known:
        model.objects.create(institution=institutions[row.pop("code")], **row)
    return Merged(added=len(known))

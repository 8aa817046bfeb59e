"""The classifier of training, the periods and the reason texts that ship with the program; README.md: where from."""

from datetime import date
from pathlib import Path

from django.db import transaction

from curricula.models import Field, Period, ReturnReason
from institutions.reference.merging import Merged, merge, read

HERE = Path(__file__).parent


@transaction.atomic
def load() -> dict[str, Merged]:
    """Load fields, their directions, periods and reason texts. A period that is there already is the ministry's."""
    rows = read(HERE / "fields.csv")
    fields = merge(Field, [{**row, "parent": None} for row in rows if not row["parent"]])
    parents = {field.code: field for field in Field.objects.filter(kind=Field.Kind.FIELD)}
    below = [{**row, "parent": parents.get(row["parent"])} for row in rows if row["parent"]]
    directions = merge(Field, [row for row in below if row["parent"]])
    reasons = merge(
        ReturnReason, [{**row, "position": int(row["position"])} for row in read(HERE / "reasons.csv")]
    )
    return {"fields": fields, "directions": directions, "periods": load_periods(), "reason texts": reasons}


def load_periods() -> Merged:
    there = set(Period.objects.values_list("code", flat=True))
    rows = read(HERE / "periods.csv")
    new = [row for row in rows if row["code"] not in there]
    for row in new:
        days = {name: date.fromisoformat(day) for name, day in row.items() if name != "code"}
        Period.objects.create(code=row["code"], **days)
    return Merged(added=len(new), unchanged=len(rows) - len(new))

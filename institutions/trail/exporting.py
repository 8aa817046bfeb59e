"""The trail as a table for an auditor's own tools: CSV, written while it is read, however long it is."""

import csv
import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator

from institutions.formulas import harmless
from institutions.models import TrailSeal, User
from institutions.trail.searching import Entry

COLUMNS = (
    "at", "person", "email", "key", "database_user", "address", "url", "request", "step", "reason", "kind", "row",
    "change", "before", "after", "event", "seal",
)  # fmt: skip


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def lines(entries: Iterable[Entry]) -> Iterator[str]:
    """The table line by line, its heading first."""
    write = csv.writer(Echo()).writerow
    emails = dict(User.objects.values_list("pk", "email"))
    seals = Seals()
    yield write(COLUMNS)
    for entry in entries:
        yield write([_cell(value) for value in _values(entry, emails, seals)])


class Seals:
    """Which seal covers an event: read once, looked up for each."""

    def __init__(self) -> None:
        self.ends: dict[str, list[int]] = defaultdict(list)
        self.numbers: dict[str, list[int]] = defaultdict(list)
        for table, upto, number in TrailSeal.objects.order_by("table", "upto_id").values_list(
            "table", "upto_id", "number"
        ):
            self.ends[table].append(upto)
            self.numbers[table].append(number)

    def of(self, table: str, event: int) -> int | None:
        place = bisect_left(self.ends[table], event)
        return self.numbers[table][place] if place < len(self.ends[table]) else None


def _values(entry: Entry, emails: dict[int, str], seals: Seals) -> tuple[object, ...]:
    said = entry.pgh_context
    person = said.get("user")
    before, after = _before_and_after(entry)
    return (
        entry.pgh_created_at.isoformat(),
        person,
        emails.get(person, "") if isinstance(person, int) else "",
        *(
            said.get(name, "")
            for name in ("key", "database_user", "address", "url", "request", "action", "reason")
        ),
        entry.table.model._meta.label_lower,
        entry.pgh_obj_id,
        entry.pgh_label,
        _json(before),
        _json(after),
        f"{entry.table.name}:{entry.pgh_id}",
        seals.of(entry.table.name, entry.pgh_id),
    )


def _before_and_after(entry: Entry) -> tuple[dict[str, object], dict[str, object]]:
    """What differs, by column; all of a new row, all of a deleted one."""
    if entry.pgh_label == "delete":
        return entry.pgh_data, {}
    if entry.pgh_label == "update" and entry.pgh_diff:
        was = {name: before for name, (before, _after) in entry.pgh_diff.items()}
        return was, {name: after for name, (_before, after) in entry.pgh_diff.items()}
    return {}, entry.pgh_data


def _json(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True) if values else ""


def _cell(value: object) -> str:
    """A spreadsheet program must not take a reason for a formula."""
    return "" if value is None else harmless(str(value))

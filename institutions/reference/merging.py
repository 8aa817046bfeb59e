"""Merges reference files into tables without undoing what people have changed there.

Each row remembers, in its `reference`, what the file said when it was last loaded. A column is renewed only while it
still holds that; whatever else it holds is the ministry's edit, and stays. A row that the ministry has deleted is known
by its history and does not come back.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import models

Row = dict[str, str]


@dataclass(frozen=True)
class Merged:
    """What a merge did, in rows; `edited` and `deleted` were left as people have made them."""

    added: int = 0
    renewed: int = 0
    edited: int = 0
    deleted: int = 0
    unchanged: int = 0


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def merge(
    model: type[models.Model],
    rows: Iterable[Mapping[str, Any]],
    *,
    new: Mapping[str, Any] | None = None,
    whole: bool = False,
) -> Merged:
    """Merge rows of column: value, found again by their `code`; `new` holds what only rows that are added get.

    Rows that say something only as a `whole` are left alone once any column was edited.
    """
    there = {row.code: row for row in model._default_manager.all()}  # type: ignore[attr-defined]
    counts = dict.fromkeys(("added", "renewed", "edited", "deleted", "unchanged"), 0)
    for said in rows:
        if row := there.get(said["code"]):
            counts[renew(row, said, whole=whole)] += 1
        elif was_deleted(model, said["code"]):
            counts["deleted"] += 1
        else:
            model._default_manager.create(**said, **(new or {}), reference=plain(said))
            counts["added"] += 1
    return Merged(**counts)


def renew(row: Any, said: Mapping[str, Any], *, whole: bool = False) -> str:
    """Bring one row's untouched columns up to what the file says now; returns which of the counts it belongs to."""
    held, news = plain({name: getattr(row, name) for name in said}), plain(said)
    edited = [name for name in news if held[name] != row.reference.get(name)]
    if whole and edited:
        return "unchanged" if held == news else "edited"
    stale = [name for name in news if name not in edited and held[name] != news[name]]
    for name in stale:
        setattr(row, name, said[name])
    if stale or row.reference != news:
        row.reference = news
        row.save(update_fields=[*stale, "reference"])
    if stale:
        return "renewed"
    return "edited" if any(held[name] != news[name] for name in edited) else "unchanged"


def was_deleted(model: Any, code: str) -> bool:
    """Whether a row of this code was once there: its history says so."""
    return model.pgh_event_models["insert"].objects.filter(code=code).exists()


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON keeps them, so that what was stored and what is there compare."""
    return {name: plain_value(value) for name, value in values.items()}


def plain_value(value: Any) -> str | int | None:
    if isinstance(value, models.Model):
        return str(value.code)  # type: ignore[attr-defined]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value if isinstance(value, int | None) else str(value)

"""Which tables make up the trail, found by looking at the models rather than by a list that somebody must keep."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from pghistory.models import Context, Event

CONTEXTS: str = Context._meta.db_table


@dataclass(frozen=True)
class TrailTable:
    """A history table, the model whose rows it tells of, and the columns that an event consists of.

    Not those that the database computes from others: they say nothing more, and change with their formula.
    """

    name: str
    events: type[models.Model]
    model: type[models.Model]
    columns: tuple[str, ...]

    @property
    def institution(self) -> str:
        """The column that says whose event it is, "" where a row belongs to no institution."""
        if self.model._meta.label == "institutions.Institution":
            return "pgh_obj_id"
        return "institution_id" if "institution_id" in self.columns else ""


@cache
def trail_tables() -> tuple[TrailTable, ...]:
    """All history tables, by name."""
    return tuple(sorted(map(_table, filter(_is_history, apps.get_models())), key=lambda table: table.name))


def _is_history(model: type[models.Model]) -> bool:
    return issubclass(model, Event) and model._meta.managed and not model._meta.proxy


def _table(events: Any) -> TrailTable:
    fields = [field for field in events._meta.concrete_fields if not isinstance(field, models.GeneratedField)]
    columns = tuple(sorted(field.column for field in fields))
    return TrailTable(events._meta.db_table, events, events.pgh_tracked_model, columns)

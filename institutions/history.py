"""The history of a row as people read it: who changed what, when and why, from the events that the database keeps."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format, localize
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pghistory.models import Events

from institutions.dates import day_and_time
from institutions.models import User, role_name

ACTIONS = {
    "insert": gettext_lazy("added"),
    "update": gettext_lazy("changed"),
    "delete": gettext_lazy("deleted"),
}
# What the machinery writes for itself.
HIDDEN = {"id", "reference", "search", "order_kk", "content_hash", "edit_number", "password"}


@dataclass(frozen=True)
class Detail:
    label: str
    was: str
    now: str


@dataclass(frozen=True)
class Change:
    """One change of one row; `person` is None for what was loaded or done by the system."""

    at: datetime
    action: str
    person: User | None
    reason: str
    details: list[Detail]
    address: str = ""
    key: str = ""  # of the program that did it, in the person's name


def events(row: models.Model) -> QuerySet[Any]:
    """Every change of the row, the newest first."""
    found: QuerySet[Any] = Events.objects.tracks(row).order_by("-pgh_created_at", "-pgh_id")
    return found


def told(events: Iterable[Any], model: type[models.Model]) -> list[Change]:
    """Events of one kind of row in words."""
    return told_together([(event, model) for event in events])


def told_together(events: list[tuple[Any, type[models.Model]]]) -> list[Change]:
    """Events in words, each with the model that it tells of; one query for the people, and one for each kind of row
    that they point to."""
    contexts = [event.pgh_context or {} for event, _model in events]
    people = User.objects.in_bulk({context["user"] for context in contexts if context.get("user")})
    pointed = _pointed(events)
    return [
        Change(
            at=event.pgh_created_at,
            action=str(ACTIONS.get(event.pgh_label, event.pgh_label)),
            person=people.get(context.get("user")),
            reason=context.get("reason", ""),
            details=list(_details(event, model, pointed)),
            address=str(context.get("address", "")),
            key=str(context.get("key", "")),
        )
        for (event, model), context in zip(events, contexts, strict=True)
    ]


def _changed(event: Any) -> dict[str, tuple[Any, Any]]:
    """Old and new value by column; for a new row what it began with, for a deleted one what it ended with."""
    if event.pgh_diff:
        return {name: (was, now) for name, (was, now) in event.pgh_diff.items() if name not in HIDDEN}
    if event.pgh_label not in ("insert", "delete"):
        return {}
    said = {
        name: value
        for name, value in (event.pgh_data or {}).items()
        if name not in HIDDEN and value not in (None, "", [], {})
    }
    if event.pgh_label == "delete":
        return {name: (value, None) for name, value in said.items()}
    return {name: (None, value) for name, value in said.items()}


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any] | None":
    try:
        field = model._meta.get_field(name.removesuffix("_id"))
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None


def _pointed(
    events: list[tuple[Any, type[models.Model]]],
) -> dict[type[models.Model], dict[Any, Any]]:
    """The rows that foreign keys among the changes point to, by model and key, with what their names are made of."""
    keys: dict[type[models.Model], set[Any]] = defaultdict(set)
    for event, model in events:
        for name, values in _changed(event).items():
            field = _field(model, name)
            if isinstance(field, models.ForeignKey):
                keys[field.related_model].update(value for value in values if value is not None)
    return {related: _named_rows(related).in_bulk(wanted) for related, wanted in keys.items()}


def _named_rows(model: type[models.Model]) -> QuerySet[Any]:
    """Rows whose `str` asks for nothing more, as far as it speaks of what they point to themselves."""
    keys = [
        field.name for field in model._meta.fields if isinstance(field, models.ForeignKey) and not field.null
    ]
    rows = model._default_manager.all()
    return rows.select_related(*keys) if keys else rows


def _made_by_django(model: type[models.Model]) -> bool:
    concrete: Any = model._meta.concrete_model
    return bool(concrete._meta.auto_created)


def _details(
    event: Any, model: type[models.Model], pointed: dict[type[models.Model], dict[Any, Any]]
) -> Iterator[Detail]:
    for name, (was, now) in _changed(event).items():
        field = _field(model, name)
        if field is None:
            continue
        # Columns that Django makes for many-to-many have no words but those of what they lead to.
        named: Any = field.related_model if _made_by_django(model) else None
        label = str(capfirst(named._meta.verbose_name if named else field.verbose_name))
        yield Detail(label, _value(field, was, pointed), _value(field, now, pointed))


def _value(
    field: "models.Field[Any, Any]", value: Any, pointed: dict[type[models.Model], dict[Any, Any]]
) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(field, models.ForeignKey):
        row = pointed.get(field.related_model, {}).get(value, value)
        return role_name(row) if isinstance(row, Group) else str(row)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, models.DateTimeField) and (moment := parse_datetime(str(value))):
        return day_and_time(moment)
    if isinstance(field, models.DateField) and (day := parse_date(str(value))):
        return date_format(day, "SHORT_DATE_FORMAT")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, list):
        named = dict(getattr(getattr(field, "base_field", None), "flatchoices", ()))
        return ", ".join(str(named.get(one, one)) for one in value) or "–"
    return Truncator(str(localize(value) if isinstance(value, int | float) else value)).chars(600)

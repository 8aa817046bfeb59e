"""Rows that were deleted by mistake: which they were, and one step that puts one back as it was.

The trail has every deleted row whole. So nothing needs a mark for "deleted", which every query would have to heed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pghistory
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from institutions.errors import Refused
from institutions.models import User

FOR = timedelta(days=30)


@dataclass(frozen=True)
class Deleted:
    """A row as it was when it was deleted; `row` is not in the database, `key` is the event's."""

    key: int
    row: models.Model
    at: datetime
    by: User | None

    @property
    def kind(self) -> str:
        """The model's own name, for the form that puts it back."""
        return str(self.row._meta.model_name)

    @property
    def kind_in_words(self) -> str:
        return str(capfirst(self.row._meta.verbose_name))


def can_come_back(model: type[models.Model]) -> bool:
    """Whether the trail keeps deleted rows of this kind."""
    events: Any = getattr(model, "pgh_event_model", None)
    return events is not None and any(tracker.label == "delete" for tracker in events.pgh_trackers)


def deleted(kinds: Iterable[type[models.Model]]) -> list[Deleted]:
    """What was deleted in the last 30 days and is still gone, the newest first; each row once."""
    found = [one for model in kinds for one in _deleted(model)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def put_back(*, model: type[models.Model], key: int, by: User) -> models.Model:
    """As it was, under its own number. Refuses what is there, whose place is taken, or what is too old."""
    one = next((one for one in _deleted(model) if one.key == key), None)
    if one is None:
        raise Refused(_("This row is there again, or was deleted more than 30 days ago."), code="not_deleted")
    try:
        with pghistory.context(user=by.pk, action="put back"), transaction.atomic():
            one.row.save_base(raw=True, force_insert=True)  # raw: moments are the old ones, too
    except IntegrityError as error:
        raise Refused(
            _("Another row has taken its place, or something that it belongs to is gone: enter it anew."),
            code="place_taken",
        ) from error
    return one.row


def _deleted(model: type[models.Model]) -> Iterator[Deleted]:
    events: Any = model.pgh_event_model  # type: ignore[attr-defined]
    there = model._base_manager.filter(pk=models.OuterRef("pgh_obj_id"))
    gone = (
        events.objects.filter(pgh_label="delete", pgh_created_at__gt=timezone.now() - FOR)
        .exclude(models.Exists(there))
        .select_related("pgh_context")
        .order_by("pgh_obj_id", "-pgh_id")
        .distinct("pgh_obj_id")
    )
    found = list(gone)
    by = {event: event.pgh_context and event.pgh_context.metadata.get("user") for event in found}
    people = User.objects.in_bulk({person for person in by.values() if person})
    columns = [field.attname for field in model._meta.concrete_fields if not field.generated]
    for event in found:
        row = model(**{name: getattr(event, name) for name in columns if hasattr(event, name)})
        yield Deleted(event.pgh_id, row, event.pgh_created_at, people.get(by[event]))

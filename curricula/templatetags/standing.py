"""The state of the collection and the reader's own work, for the ministry's home page, which has no view of its own."""

from dataclasses import dataclass
from typing import Any

from django import template

from curricula.models import Period, Submission
from curricula.standing import Standing, standing
from curricula.worklist import Item, Worklist, worklist

register = template.Library()

# So many submissions the home page names; the queue has the rest.
NAMED = 6


@dataclass(frozen=True)
class NamedItem:
    item: Item
    submission: Submission


@dataclass(frozen=True)
class Work:
    """The reader's work list, and what stands first in it: what they hold, then what they would take next."""

    worklist: Worklist
    held: list[NamedItem]
    next_ones: list[NamedItem]


@register.simple_tag
def period_standing() -> Standing | None:
    period = Period.objects.current()
    return standing(period) if period else None


@register.simple_tag(takes_context=True)
def work_of_reader(context: dict[str, Any]) -> Work:
    """Seven queries, however much waits."""
    found = worklist(context["user"])
    held, following = found.held[:NAMED], found.next_ones[:NAMED]
    keys = [item.submission for item in (*held, *following)]
    rows = Submission.objects.select_related("institution", "period", "claim").in_bulk(keys)
    return Work(found, _named(held, rows), _named(following, rows))


def _named(items: list[Item], rows: dict[int, Submission]) -> list[NamedItem]:
    return [NamedItem(item, rows[item.submission]) for item in items if item.submission in rows]

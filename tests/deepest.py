"""The most that a list of the API can be asked for at once: by every parameter, with as many values as each takes."""

from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.urls import resolve
from django.utils import timezone

from curricula.models import ContentArea, Field, Period
from institutions.api.listing import LARGEST_SIZE, MOST_VALUES
from reports.api import filters, urls
from reports.api.lists import TableView
from reports.models import Mandate, Release, Requirement

Row = dict[str, Any]
Ask = Callable[[str], list[Row]]  # the rows of an answer to an address


def lists() -> list[str]:
    """Every list of the public API, those that hand out whole tables aside."""
    views = [(str(one.pattern), getattr(one.callback, "cls", object)) for one in urls.urlpatterns]
    is_list = [path.rstrip("/") for path, view in views if issubclass(view, TableView)]
    return [path for path in is_list if not path.startswith("export/")]


def deepest(name: str, ask: Ask, *, values: int = MOST_VALUES) -> str:
    """An address whose conditions its own rows meet: `values` are the most of each parameter that takes several."""
    view: TableView = resolve(f"/api/v1/{name}/").func.cls()  # type: ignore[attr-defined]
    rows = ask(f"/api/v1/{name}/?page_size={LARGEST_SIZE}")
    row = max(rows, key=lambda one: sum(map(bool, one.values())))
    parameters = [*view.filterset_class.base_filters.items()]
    asked = [("page_size", str(LARGEST_SIZE)), ("ordering", f"-{[*view.orderings][-1]}")]
    if "requirement" in view.parameters and "requirement" not in dict(parameters):
        asked.append(("requirement", Requirement.objects.values_list("code", flat=True)[0]))
    if view.is_of_release and "as_at" not in dict(parameters):
        newest = Release.objects.latest("number").number
        asked.append(("release", str(newest) if view.is_of_one_release else "all"))
    for parameter, one in parameters:
        asked += [(parameter, value) for value in islice(values_of(parameter, one, row, rows), values)]
    return f"/api/v1/{name}/?{urlencode(asked)}"


def values_of(parameter: str, one: django_filters.Filter, row: Row, rows: list[Row]) -> Iterator[str]:
    """What may be given for it, with what the row has first."""
    if choices := one.extra.get("choices"):
        yield from dict.fromkeys([*own(parameter, row), *(value for value, _name in choices)])
    elif isinstance(one, filters.Several):
        known = [value for other in [row, *rows] for value in own(parameter, other)]
        yield from dict.fromkeys(known or OTHERWISE[parameter]())
        yield from (f"none-{number}" for number in count())
    elif isinstance(one, filters.Search):
        yield next(row[name] for name in ("name_en", "title_en", "code") if name in row)[:3]
    elif isinstance(one, filters.Day):
        yield "2000-01-01" if parameter.endswith("_from") else timezone.localdate().isoformat()
    elif parameter.endswith(("_min", "_max")):
        yield ("0" if parameter.endswith("_min") else str(one.extra["max_value"]))
    else:
        yield str(row[parameter])


def own(parameter: str, row: Row) -> list[str]:
    value = row.get(parameter)
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one is not None]


def codes(queryset: Any) -> list[str]:
    return [*queryset.values_list("code", flat=True)]


# What stands in no column of the list.
OTHERWISE: dict[str, Callable[[], list[str]]] = {
    "area": lambda: [*ContentArea.values],
    "direction": lambda: codes(Field.objects.filter(kind=Field.Kind.DIRECTION)),
    "mandate": lambda: codes(Mandate.objects),
    "parent": lambda: codes(Field.objects.filter(kind=Field.Kind.FIELD)),
    "period": lambda: codes(Period.objects),
}

"""Pages by what the last row was, not by how many rows came before: stable while rows are added, and never slower."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from institutions.api.problems import BadParameters, Fault

Order = Sequence[tuple[str, bool]]  # lookups, each with whether it descends; the last ones make a row unique


def write_cursor(values: Sequence[Any], scope: str) -> str:
    """Signed, so that only what we wrote comes back, and only to the list that it was written for."""
    return signing.Signer(salt=scope).sign_object([str(value) for value in values])


def read_cursor(text: str, scope: str, length: int) -> list[str]:
    try:
        values: list[str] = signing.Signer(salt=scope).unsign_object(text)
    except (signing.BadSignature, ValueError) as error:
        raise BadParameters(
            Fault("cursor", _("cursor: follow the address in `next`, or leave it out to begin anew."))
        ) from error
    if len(values) != length:
        raise BadParameters(Fault("cursor", _("cursor: leave it out to begin anew.")))
    return values


def after(queryset: QuerySet[Any], order: Order, values: Sequence[Any]) -> QuerySet[Any]:
    """The rows that follow the one whose `order` columns had these values."""
    later = Q()
    same = Q()
    for (lookup, descends), value in zip(order, values, strict=True):
        later |= same & Q(**{f"{lookup}__{'lt' if descends else 'gt'}": value})
        same &= Q(**{lookup: value})
    return queryset.filter(later)


def address(base: str, given: Sequence[tuple[str, str]], **changed: str) -> str:
    """The same list with other parameters."""
    kept = [(name, value) for name, value in given if name not in changed]
    return f"{base}?{urlencode([*kept, *changed.items()])}"

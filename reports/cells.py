"""A cell of the figures: a key of a dimension, or of several at once; its name, and the programmes that it holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from curricula.models import Field, Programme
from institutions.models import Institution, Region

LOOKUPS = {
    "region": "region_code",
    "institution": "institution__code",
    "field": "field_code",
    "level": "level",
    "kind": "kind",
    "language": "language",
}
CHOICES: dict[str, Any] = {
    "level": Programme.Level,
    "kind": Institution.Kind,
    "language": Programme.Language,
}
NAMED: dict[str, Any] = {"region": Region, "institution": Institution, "field": Field}
KEY = re.compile(r"[0-9A-Za-z_-]{1,60}")


@dataclass(frozen=True)
class Cell:
    """`region` and `KZ-71`; `region,field` and `KZ-71,06`; the nation has an empty key."""

    dimension: str = "nation"
    key: str = ""

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self | None:
        """What an address names; the nation unless told, None if there is no such cell."""
        cell = cls(parameters.get("dimension") or "nation", parameters.get("key", ""))
        if cell.dimension == "nation":
            return None if cell.key else cell
        names, keys = cell.dimension.split(","), cell.key.split(",")
        known = len(set(names)) == len(names) == len(keys) and set(names) <= set(LOOKUPS)
        return cell if known and all(KEY.fullmatch(key) for key in keys) else None

    def part(self, dimension: str, key: str) -> "Cell":
        """The cell within this one."""
        if self.dimension == "nation":
            return Cell(dimension, key)
        return Cell(f"{self.dimension},{dimension}", f"{self.key},{key}")

    @property
    def parts(self) -> dict[str, str]:
        if self.dimension == "nation":
            return {}
        return dict(zip(self.dimension.split(","), self.key.split(","), strict=True))

    @property
    def lookups(self) -> dict[str, str]:
        """What assessments of the cell are found by."""
        return {LOOKUPS[name]: key for name, key in self.parts.items()}

    @property
    def query(self) -> str:
        """What an address names it by."""
        return urlencode({"dimension": self.dimension, "key": self.key}, safe=",") if self.key else ""

    def label(self) -> str:
        """Its name in the reader's language; a query for each part that is a row."""
        return " · ".join(_name(name, key) for name, key in self.parts.items()) or _("Nation")


NATION = Cell()


def _name(dimension: str, key: str) -> str:
    if dimension in CHOICES:
        choices = CHOICES[dimension]
        return str(choices(key).label).capitalize() if key in choices.values else key
    found = NAMED[dimension].objects.filter(code=key).first()
    return str(found.name) if found else key

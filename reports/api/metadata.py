"""What each public figure is, over the API: the words of the methodology page."""

from typing import Any

from drf_spectacular.utils import extend_schema_view

from reports import tables
from reports.api import filters, schema
from reports.api.counted import CountedView
from reports.api.rows import Row
from reports.metadata import METADATA


class Metadata(CountedView):
    table = tables.METADATA
    filterset_class = filters.MetadataFilter
    orderings = {"key": "key"}
    steady = ("key",)
    is_of_one_release = False
    is_of_release = False
    is_generated = False

    def counted(self, asked: dict[str, Any]) -> list[Row]:
        chosen = [one for one in METADATA if one.key in (asked["key"] or [one.key])]
        return [{name: str(getattr(one, name)) for name in self.table.names} for one in chosen]


extend_schema_view(get=schema.described_list(Metadata))(Metadata)

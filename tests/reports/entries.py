"""Entries on the national AI effort."""

from typing import Any

from django.utils import timezone

from reports.models import EffortEntry
from tests.factories import three_titles


def make_effort_entry(code: str = "cloud", **over: Any) -> EffortEntry:
    """Read today in a source that anybody can open."""
    return EffortEntry.objects.create(
        **{
            "code": code,
            "section": "computing",
            **three_titles("A national cloud"),
            "text_kk": "Бұлт", "text_ru": "Облако", "text_en": "It computes.",
            "source_kk": "Газет", "source_ru": "Газета", "source_en": "The Gazette",
            "source_url": "https://gazette.example/cloud",
            "read_on": timezone.localdate(),
            **over,
        }
    )  # fmt: skip

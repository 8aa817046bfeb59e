"""What fields of education train for: the ministry's links with occupations, and the scores that were published."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from institutions.admin.base import MinistryAdmin, ReadOnlyAdmin
from reports.models import FieldOccupation, Occupation


@admin.register(FieldOccupation)
class FieldOccupationAdmin(MinistryAdmin):
    """Which work a direction trains for is a judgement: the ministry's, once it has changed what was shipped."""

    deletable = True
    list_display = ("field", "group", "note")
    list_display_links = ("field", "group")
    list_select_related = ("field",)
    search_fields = ("code", "note")

    def get_readonly_fields(self, request: HttpRequest, obj: FieldOccupation | None = None) -> list[str]:
        return ["field", "group"] if obj else []

    def save_model(self, request: HttpRequest, obj: FieldOccupation, form: Any, change: bool) -> None:
        obj.code = obj.pair
        super().save_model(request, obj, form, change)


@admin.register(Occupation)
class OccupationAdmin(ReadOnlyAdmin):
    list_display = ("code", "title_en", "mean_score", "sd", "gradient")
    list_display_links = ("code", "title_en")
    list_filter = ("gradient",)
    search_fields = ("code", "title_en")

"""What others have stated about the national AI effort: entries that the ministry keeps, each with its source."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from institutions.admin.base import MinistryAdmin
from institutions.models import Institution
from institutions.names import LANGUAGES
from reports.admin.mandate import DAY
from reports.models import EffortEntry


def universities() -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in Institution.objects.only("code", "name_kk", "name_ru", "name_en")]


class EntryForm(forms.ModelForm):
    institutions = forms.MultipleChoiceField(
        label=_("Universities"),
        choices=universities,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "long"}),
        help_text=_("Those that the source names, for example as having access."),
    )

    class Meta:
        model = EffortEntry
        fields = ("institutions",)
        widgets = {"starts_on": DAY, "ends_on": DAY, "read_on": DAY}


@admin.register(EffortEntry)
class EffortEntryAdmin(MinistryAdmin):
    """Read the source again, write what it says now, and set the day: a year later the page marks it as old."""

    form = EntryForm
    deletable = True
    list_display = ("title", "section", "order", "status", "verified", "read_on", "shown")
    list_filter = ("section", "status", "verified", "shown")
    ordering = ("section", "order", "code")
    search_fields = ("code", "title_kk", "title_ru", "title_en")
    fieldsets = [
        (None, {"fields": ("code", ("section", "order"), "shown")}),
        (
            _("What is stated"),
            {"fields": tuple(f"{part}_{code}" for code in LANGUAGES for part in ("title", "text"))},
        ),
        (
            _("What it amounts to"),
            {
                "fields": (
                    "status", ("starts_on", "ends_on"), "value", ("unit_kk", "unit_ru", "unit_en"), "partners",
                    "institutions",
                )
            },
        ),
        (
            _("Where it is from"),
            {"fields": ("source_kk", "source_ru", "source_en", "source_url", "verified", "read_on")},
        ),
    ]  # fmt: skip

    @admin.display(description=_("title"))
    def title(self, entry: EffortEntry) -> str:
        return entry.title

    def get_readonly_fields(self, request: HttpRequest, obj: EffortEntry | None = None) -> Any:
        return ["code"] if obj else []

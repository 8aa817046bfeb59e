"""Spreadsheets that universities handed in: to look at, when they ask what went wrong."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from curricula.importing.recording import faults_of
from curricula.models import Import
from institutions.admin.base import ReadOnlyAdmin

SHOWN = 200


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = (
        "file_name", "institution", "period", "state", "uploaded_at", "rows_read", "rows_accepted", "rows_rejected",
        "rows_blank",
    )  # fmt: skip
    list_filter = ("state", "period")
    list_select_related = ("institution", "period")
    search_fields = ("file_name",)
    search_column = "institution__search"
    search_help_text = _("By university.")
    exclude = ("file", "attempts", "phase", "progress_done", "progress_total", "cancel_requested", "faults")
    readonly_fields = ("faults_in_words",)

    @admin.display(description=_("faults"))
    def faults_in_words(self, obj: Import) -> str:
        return (
            format_html_join("", "<p>{}</p>", ((fault.sentence,) for fault in faults_of(obj)[:SHOWN])) or "–"
        )

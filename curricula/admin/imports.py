"""Spreadsheets that universities handed in: to look at, when they ask what went wrong."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from curricula.models import Import
from institutions.admin.base import ReadOnlyAdmin


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
    exclude = ("file", "attempts", "phase", "progress_done", "progress_total", "cancel_requested")

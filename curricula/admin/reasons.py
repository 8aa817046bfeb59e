"""The list of reason texts, which the ministry keeps: with what a return may begin."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from curricula.models import ReturnReason
from institutions.admin.base import MinistryAdmin


@admin.register(ReturnReason)
class ReturnReasonAdmin(MinistryAdmin):
    list_display = ("title", "about", "position", "text")
    list_filter = ("about",)
    search_fields = ("code", "title_kk", "title_ru", "title_en", "text_kk", "text_ru", "text_en")
    deletable = True
    fields = (
        "about", "position", "code", "title_kk", "text_kk", "title_ru", "text_ru", "title_en", "text_en",
    )  # fmt: skip

    @admin.display(description=_("title"))
    def title(self, reason: ReturnReason) -> str:
        return reason.title

    @admin.display(description=_("text"))
    def text(self, reason: ReturnReason) -> str:
        return reason.text

    def get_readonly_fields(self, request: HttpRequest, obj: ReturnReason | None = None) -> list[str]:
        # By its code a text is found again when the reference data are loaded anew.
        return ["code"] if obj else []

"""The classifier, programmes and disciplines."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from curricula.models import Discipline, Field, Programme, ProgrammeState
from institutions.admin.base import MinistryAdmin, ReadOnlyAdmin, ReadOnlyInline


@admin.register(Field)
class FieldAdmin(MinistryAdmin):
    list_display = ("code", "name", "kind", "parent", "isced_f")
    list_display_links = ("code", "name")
    list_filter = ("kind", ("parent", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("parent",)
    search_fields = ("code", "name_kk", "name_ru", "name_en")
    list_per_page = 100

    @admin.display(description=_("name"))
    def name(self, field: Field) -> str:
        return field.name

    def get_readonly_fields(self, request: HttpRequest, obj: Field | None = None) -> list[str]:
        # Figures read the field of education that the registry of programmes has recorded.
        return ["code", "kind", "parent"] if obj else []


class States(ReadOnlyInline):
    """What counted when, as figures of the past read it."""

    model = ProgrammeState
    fields = (
        "valid_from",
        "valid_to",
        "level",
        "field_code",
        "language",
        "is_ai_dedicated",
        "active_from",
        "active_to",
    )
    ordering = ("-valid_from",)
    verbose_name_plural = _("what the registry said before")


@admin.register(Programme)
class ProgrammeAdmin(MinistryAdmin):
    list_display = ("code", "title", "institution", "language", "is_ai_dedicated", "active_from", "active_to")
    list_display_links = ("code", "title")
    list_filter = (
        "level",
        ("direction__parent", admin.RelatedOnlyFieldListFilter),
        "language",
        "is_ai_dedicated",
    )
    list_select_related = ("institution",)
    search_fields = ("code",)
    search_column = "search"
    search_help_text = _("By code or title.")
    inlines = (States,)
    fields = (
        "institution", "code", "level", "direction", "title_kk", "title_ru", "title_en", "language", "is_ai_dedicated",
        "active_from", "active_to",
    )  # fmt: skip

    @admin.display(description=_("title"))
    def title(self, programme: Programme) -> str:
        return programme.title

    def get_readonly_fields(self, request: HttpRequest, obj: Programme | None = None) -> list[str]:
        return ["institution", "code", "level", "direction"] if obj else []

    def get_inline_instances(
        self, request: HttpRequest, obj: Programme | None = None
    ) -> list[admin.options.InlineModelAdmin]:
        return super().get_inline_instances(request, obj) if obj else []


@admin.register(Discipline)
class DisciplineAdmin(ReadOnlyAdmin):
    """Universities name their own disciplines; the ministry looks."""

    list_display = ("code", "title", "institution")
    list_display_links = ("code", "title")
    list_select_related = ("institution",)
    search_fields = ("code",)
    search_column = "search"
    search_help_text = _("By code or title.")
    fields = ("institution", "code", "title_kk", "title_ru", "title_en", "description")

    @admin.display(description=_("title"))
    def title(self, discipline: Discipline) -> str:
        return discipline.title

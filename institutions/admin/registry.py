"""Regions and institutions. What an institution was before is kept by the database itself, and shown.

Days of opening and closing, and names, move by steps that say why; the form corrects what was mistyped.
"""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from institutions.admin.base import MinistryAdmin, ReadOnlyAdmin, ReadOnlyInline
from institutions.admin.registering import RegistryPages
from institutions.models import Alias, FormerName, Institution, InstitutionState, Region
from institutions.names import LANGUAGES, localized


@admin.register(Region)
class RegionAdmin(MinistryAdmin):
    list_display = ("code", "name", "kind")
    list_display_links = ("code", "name")
    list_filter = ("kind",)
    search_fields = ("code", "name_kk", "name_ru", "name_en")

    @admin.display(description=_("name"), ordering="order_kk")
    def name(self, region: Region) -> str:
        return region.name

    def get_readonly_fields(self, request: HttpRequest, obj: Region | None = None) -> list[str]:
        return ["code"] if obj else []


class OtherNames(admin.TabularInline):
    extra = 0

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """The headings of the table name the fields to the eye only."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs["aria-label"] = capfirst(db_field.verbose_name)
        return field


class FormerNames(OtherNames):
    model = FormerName
    fields = ("name_kk", "name_ru", "name_en", "until")


class Aliases(OtherNames):
    """By which people look for it; initials such as КазНУ are formed by rule and need no row."""

    model = Alias
    fields = ("name",)


class States(ReadOnlyInline):
    """What counted when: region, kind and days of opening, as figures of the past read them."""

    model = InstitutionState
    fields = ("valid_from", "valid_to", "kind", "region_code", "opened_on", "closed_on")
    ordering = ("-valid_from",)
    verbose_name_plural = _("what the registry said before")


@admin.register(Institution)
class InstitutionAdmin(RegistryPages, MinistryAdmin):
    list_display = ("name", "code", "kind", "region", "city", "opened_on", "closed_on")
    list_filter = ("kind", "region")
    list_select_related = ("region",)
    search_fields = ("code",)
    search_column = "search"
    inlines = (FormerNames, Aliases, States)
    fieldsets = (
        (
            None,
            {
                "fields": ("code", "kind", "name_kk", "name_ru", "name_en"),
                "description": _(
                    "Correct here what was mistyped. A new name, an opening, a closing or a merger has a page of its"
                    " own, above: it keeps the day, the reason and the former name."
                ),
            },
        ),
        (_("Where"), {"fields": ("region", "city", "website")}),
        (
            _("When"),
            {
                "fields": ("opened_on", "closed_on", "in_registry_since"),
                "description": _(
                    "Figures of the past keep what was true then; a change counts from the moment it is saved."
                ),
            },
        ),
    )

    @admin.display(description=_("name"), ordering="order_kk")
    def name(self, institution: Institution) -> str:
        return institution.name

    def get_readonly_fields(self, request: HttpRequest, obj: Institution | None = None) -> list[str]:
        if obj is None:
            return ["closed_on", "in_registry_since"]
        planned = obj.kind == Institution.Kind.PLANNED
        return ["code", "closed_on", "in_registry_since", *(["kind", "opened_on"] if planned else [])]

    def get_urls(self) -> list[URLPattern]:
        return [*self.registry_urls(), *super().get_urls()]

    def get_inline_instances(self, request: HttpRequest, obj: Institution | None = None) -> list[Any]:
        return super().get_inline_instances(request, obj) if obj else []


@admin.register(InstitutionState)
class InstitutionStateAdmin(ReadOnlyAdmin):
    list_display = ("university", "kind", "region", "opened_on", "closed_on", "valid_from", "valid_to")
    fields = list_display
    readonly_fields = list_display
    list_filter = ("kind",)
    list_select_related = ("institution",)
    search_fields = ("institution__code",)
    search_column = "institution__search"
    ordering = ("-valid_from",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[InstitutionState]:
        region = Region.objects.filter(code=OuterRef("region_code"))
        names = {f"region_{language}": Subquery(region.values(f"name_{language}")) for language in LANGUAGES}
        return super().get_queryset(request).select_related("institution").annotate(**names)

    @admin.display(description=_("institution"), ordering="institution__order_kk")
    def university(self, state: InstitutionState) -> str:
        return state.institution.name

    @admin.display(description=_("region"), ordering="region_code")
    def region(self, state: InstitutionState) -> str:
        return localized(state, "region") or state.region_code

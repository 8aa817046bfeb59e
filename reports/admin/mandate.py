"""The mandate: its requirements with their versions, targets, and what was said in public."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.models import AICategory, Component, Field, Programme
from institutions.admin.base import MinistryAdmin
from institutions.models import Institution
from reports.admin.imagining import imagined
from reports.models import Mandate, ReferenceValue, Requirement, Target

NAMES = ("name_kk", "name_ru", "name_en")
LISTS = ("levels", "fields", "kinds", "categories", "components")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def fields_of_education() -> list[tuple[str, str]]:
    return [(field.code, str(field)) for field in Field.objects.filter(kind=Field.Kind.FIELD)]


def words(name: str, value: Any) -> str:
    choices: dict[str, Any] = {
        "levels": dict(Programme.Level.choices),
        "kinds": dict(Institution.Kind.choices),
        "categories": dict(AICategory.choices),
        "components": dict(Component.choices),
        "fields": dict(fields_of_education()) if name == "fields" and value else {},
    }
    if name not in choices:
        return str(value)
    return ", ".join(str(choices[name].get(key, key)) for key in value) or _("all")


def in_words(name: str) -> Any:
    """A column of a page that names what Django would show as keys."""
    label = Requirement._meta.get_field(name).verbose_name  # type: ignore[union-attr]

    @admin.display(description=label)
    def shown(_page: Any, requirement: Requirement) -> str:
        return words(name, getattr(requirement, name))

    return shown


@admin.register(Mandate)
class MandateAdmin(MinistryAdmin):
    list_display = ("code", "name", "legal_reference")

    @admin.display(description=gettext_lazy("name"))
    def name(self, mandate: Mandate) -> str:
        return mandate.name

    def get_readonly_fields(self, request: HttpRequest, obj: Mandate | None = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(Requirement)
class RequirementAdmin(MinistryAdmin):
    """Adopted from a draft and never edited, but for names and the legal reference; a change is the next version."""

    list_display = (
        "code",
        "number",
        "name",
        "effective_from",
        "effective_to",
        "min_disciplines",
        "min_credits",
    )
    list_display_links = ("code", "name")
    ordering = ("code", "-number")
    editable = (*NAMES, "legal_reference")
    exclude = LISTS  # told in words instead, and never a field of the form
    named_levels = in_words("levels")
    named_fields = in_words("fields")
    named_kinds = in_words("kinds")
    named_categories = in_words("categories")
    named_components = in_words("components")

    def get_urls(self) -> list[URLPattern]:
        page = path("what-if/", self.admin_site.admin_view(self.what_if), name="reports_requirement_what_if")
        return [page, *super().get_urls()]

    def what_if(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts, **imagined(request.GET)}
        return TemplateResponse(request, "admin/reports/requirement/what_if.html", context)

    @admin.display(description=gettext_lazy("name"))
    def name(self, requirement: Requirement) -> str:
        return requirement.name

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Requirement | None = None) -> list[str]:
        names = [field.name for field in Requirement._meta.fields if field.name != "id"]
        return [f"named_{name}" if name in LISTS else name for name in names if name not in self.editable]


@admin.register(Target)
class TargetAdmin(MinistryAdmin):
    deletable = True
    list_display = ("name", "requirement_code", "due_on", "share")

    @admin.display(description=gettext_lazy("name"))
    def name(self, target: Target) -> str:
        return target.name


@admin.register(ReferenceValue)
class ReferenceValueAdmin(MinistryAdmin):
    deletable = True
    list_display = ("code", "value", "unit", "stated_on", "statement")

    @admin.display(description=gettext_lazy("statement"))
    def statement(self, value: ReferenceValue) -> str:
        return value.text

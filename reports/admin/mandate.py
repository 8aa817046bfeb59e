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
from institutions.admin.steps import StepAdmin
from institutions.models import Institution, User
from reports.admin.imagining import imagined
from reports.adopting import adopt
from reports.models import Mandate, ReferenceValue, Requirement, Target

NAMES = ("name_kk", "name_ru", "name_en")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


@admin.register(Mandate)
class MandateAdmin(MinistryAdmin):
    list_display = ("code", "name", "legal_reference")

    @admin.display(description=gettext_lazy("name"))
    def name(self, mandate: Mandate) -> str:
        return mandate.name

    def get_readonly_fields(self, request: HttpRequest, obj: Mandate | None = None) -> list[str]:
        return ["code"] if obj else []


def fields_of_education() -> list[tuple[str, str]]:
    return [(field.code, str(field)) for field in Field.objects.filter(kind=Field.Kind.FIELD)]


def several(label: Any, choices: Any, *, required: bool = False) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=required, widget=forms.CheckboxSelectMultiple
    )


class RequirementForm(forms.ModelForm):
    """One version of a rule. Of the scope, nothing chosen means all."""

    levels = several(gettext_lazy("Levels (none chosen: all)"), Programme.Level.choices)
    # Named as its column, which happens to be the name under which forms keep their fields.
    fields = several(  # type: ignore[assignment]
        gettext_lazy("Fields of education (none chosen: all)"), fields_of_education
    )
    kinds = several(
        gettext_lazy("Kinds of institutions (none chosen: all)"),
        [choice for choice in Institution.Kind.choices if choice[0] != Institution.Kind.PLANNED],
    )
    categories = several(
        gettext_lazy("Accepted AI categories"),
        [choice for choice in AICategory.choices if choice[0] != AICategory.NONE],
        required=True,
    )
    components = several(gettext_lazy("Accepted components"), Component.choices, required=True)

    class Meta:
        model = Requirement
        fields = (
            "mandate", "code", *NAMES, "legal_reference", "effective_from", "min_disciplines", "min_credits",
            "categories", "components", "levels", "fields", "kinds",
        )  # fmt: skip
        widgets = {"effective_from": DAY}


@admin.register(Requirement)
class RequirementAdmin(StepAdmin):
    """Adopted and never edited, but for names and the legal reference; a change is the next version."""

    step_form = RequirementForm
    step_title = gettext_lazy("Adopt a requirement")
    step_button = gettext_lazy("Adopt")
    step_lead = gettext_lazy(
        "Once adopted it is not edited: the next version of the same code takes over on the day it begins, and the "
        "days before stay assessed by the rules of their time."
    )
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

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return MinistryAdmin.has_change_permission(self, request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Requirement | None = None) -> list[str]:
        names = [field.name for field in Requirement._meta.fields if field.name != "id"]
        return [name for name in names if name not in self.editable]

    def step_initial(self, request: HttpRequest) -> dict[str, Any]:
        """`?after=<key>` begins with what the version before says."""
        key = request.GET.get("after", "")
        before = Requirement.objects.filter(pk=key if key.isdecimal() else 0).values().first()
        if before is None:
            return {}
        said = {name: value for name, value in before.items() if not name.startswith("effective")}
        return {**said, "mandate": before["mandate_id"]}

    def carry_out(self, form: Any, by: User) -> tuple[Requirement, str]:
        adopted = adopt(requirement=form.save(commit=False), by=by)
        return adopted, _("Version %(number)d of %(code)s is adopted.") % {
            "code": adopted.code,
            "number": adopted.number,
        }


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

"""Who decides on what: the lead assigns regions and kinds of universities to reviewers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curricula.admin.narrowing import listed
from curricula.assigning import assign, reviewers, unassign
from curricula.models import Assignment
from institutions.admin.base import actor
from institutions.admin.steps import StepAdmin
from institutions.models import Institution, Region, User

KINDS = [choice for choice in Institution.Kind.choices if choice[0] != Institution.Kind.PLANNED]


class AssignForm(forms.Form):
    reviewer = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Reviewer"))
    regions = forms.ModelMultipleChoiceField(
        Region.objects.all(),
        label=gettext_lazy("Regions"),
        help_text=gettext_lazy("None chosen: all regions."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    kinds = forms.MultipleChoiceField(
        choices=KINDS,
        label=gettext_lazy("Kinds of universities"),
        help_text=gettext_lazy("None chosen: all kinds."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].queryset = reviewers()  # type: ignore[attr-defined]


class AssignmentList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """How much waits of each assignment, from the work list."""
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        for row in rows:
            row.waiting = sum(
                row.region_id in (None, item.region) and row.kind in ("", item.kind)
                for item in listed(request).items
            )
        self.result_list = rows


@admin.register(Assignment)
class AssignmentAdmin(StepAdmin):
    step_form = AssignForm
    step_title = gettext_lazy("Assign to a reviewer")
    step_button = gettext_lazy("Assign")
    step_lead = gettext_lazy(
        "What is chosen stands first in the reviewer's list. Others may still take it, so that nothing is left lying."
    )
    deletable = True
    change_list_template = "admin/curricula/assignment/list.html"
    list_display = ("reviewer", "region_name", "kind_name", "waits", "assigned_by", "assigned_at")
    list_filter = (("reviewer", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("reviewer", "region", "assigned_by")
    ordering = ("reviewer__first_name", "reviewer", "region__order_kk", "kind")
    fields = ("reviewer", "region_name", "kind_name", "assigned_by", "assigned_at")
    readonly_fields = ("region_name", "kind_name")

    def carry_out(self, form: Any, by: User) -> tuple[Assignment, str]:
        made = assign(**form.cleaned_data, by=by)
        said = ngettext(
            "%(count)d assignment to %(person)s holds from now on.",
            "%(count)d assignments to %(person)s hold from now on.",
            len(made),
        )
        return made[0], said % {"count": len(made), "person": form.cleaned_data["reviewer"]}

    def after_step(self, row: Any) -> str:
        return reverse("admin:curricula_assignment_changelist")

    def delete_model(self, request: HttpRequest, obj: Assignment) -> None:
        unassign(assignment=obj, by=actor(request))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        work = listed(request) if self.has_view_permission(request) else None
        return super().changelist_view(
            request, {"title": _("Who decides on what"), "work": work, **(extra_context or {})}
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AssignmentList

    @admin.display(description=gettext_lazy("region"), ordering="region__order_kk")
    def region_name(self, assignment: Assignment) -> str:
        return assignment.region.name if assignment.region else _("all regions")

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def kind_name(self, assignment: Assignment) -> str:
        return str(assignment.get_kind_display()) if assignment.kind else _("all kinds")

    @admin.display(description=gettext_lazy("submissions that wait"))
    def waits(self, assignment: Any) -> int:
        return assignment.waiting

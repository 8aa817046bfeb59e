"""Exemptions: given with a reason, revoked with a reason, never edited."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.models import Programme
from institutions.admin.base import actor
from institutions.admin.steps import StepAdmin
from institutions.models import Institution, User
from reports.admin.mandate import DAY
from reports.exempting import exempt, revoke
from reports.models import Exemption, Requirement


def requirements() -> list[tuple[str, str]]:
    """Each code once, with the name of its newest version."""
    return list(
        {row.code: f"{row.code}: {row.name}" for row in Requirement.objects.order_by("number")}.items()
    )


class ExemptionForm(forms.Form):
    institution = forms.ModelChoiceField(Institution.objects.all(), label=gettext_lazy("Institution"))
    programme_code = forms.CharField(label=gettext_lazy("Code of the programme"), max_length=7)
    requirement_code = forms.ChoiceField(label=gettext_lazy("Requirement"), choices=requirements)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )
    starts_on = forms.DateField(label=gettext_lazy("From"), widget=DAY)
    ends_on = forms.DateField(
        label=gettext_lazy("Until"), widget=DAY, help_text=gettext_lazy("The first day without it.")
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "institution" in data and "programme_code" in data:
            programmes = Programme.objects.filter(institution=data["institution"])
            data["programme"] = programmes.filter(code=data["programme_code"].strip().upper()).first()
            if data["programme"] is None:
                self.add_error("programme_code", _("This institution has no programme with this code."))
        return data


class RevokeForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why it is revoked"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )


@admin.register(Exemption)
class ExemptionAdmin(StepAdmin):
    step_form = ExemptionForm
    step_title = gettext_lazy("Excuse a programme")
    step_button = gettext_lazy("Excuse")
    step_lead = gettext_lazy("While it holds, the programme counts neither for nor against the share.")
    list_display = (
        "programme", "institution", "requirement_code", "starts_on", "ends_on", "decided_by", "revoked_at",
    )  # fmt: skip
    list_filter = ("requirement_code", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("programme", "institution", "decided_by")
    search_fields = ("programme__code",)
    search_column = "programme__search"

    def carry_out(self, form: Any, by: User) -> tuple[Exemption, str]:
        names = ("programme", "requirement_code", "reason", "starts_on", "ends_on")
        exemption = exempt(exemption=Exemption(**{name: form.cleaned_data[name] for name in names}), by=by)
        return exemption, _("%(programme)s is excused.") % {"programme": exemption.programme.code}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.revoke_view)
        return [path("<int:pk>/revoke/", view, name="reports_exemption_revoke"), *super().get_urls()]

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("reports.change_exemption"):
            raise PermissionDenied
        exemption = self.row_at(request, pk, "programme")
        return self.step_on(
            request,
            exemption,
            RevokeForm(request.POST or None),
            partial(revoke, exemption=exemption, by=actor(request)),
            lambda _done: _("The exemption is revoked."),
            title=_("Revoke the exemption"),
            button=_("Revoke"),
            lead=_("From now on the programme counts again. What was released meanwhile stays."),
            undo=_("It can’t be undone: excuse the programme again, from that day on."),
        )

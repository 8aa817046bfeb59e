"""Snapshots: asked for, looked at with their figures and their verification, and released from here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.models import Period
from institutions.admin.steps import StepAdmin
from institutions.models import User
from reports import snapshots
from reports.admin.figures import beside
from reports.models import Release, ReleaseProposal, Snapshot

SHOWN_DIFFERENCES = 50


class SnapshotForm(forms.Form):
    period = forms.ModelChoiceField(Period.objects.all(), label=gettext_lazy("Period"), empty_label=None)


@admin.register(Snapshot)
class SnapshotAdmin(StepAdmin):
    step_form = SnapshotForm
    step_title = gettext_lazy("Take a snapshot")
    step_button = gettext_lazy("Take it now")
    step_lead = gettext_lazy(
        "All figures of a period as they stand now. They are computed twice, by two programs that share no code; "
        "only a snapshot on which both agree can be released."
    )
    list_display = (
        "number",
        "period",
        "state",
        "as_at",
        "programmes",
        "verified_at",
        "released_as",
        "demonstration",
    )
    list_filter = ("state", "period")
    list_select_related = ("period",)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Snapshot]:
        return super().get_queryset(request).select_related("period", "requested_by", "release")

    @admin.display(description=gettext_lazy("No."), ordering="pk")
    def number(self, snapshot: Snapshot) -> int:
        return snapshot.pk

    @admin.display(description=gettext_lazy("release"), empty_value="–")
    def released_as(self, snapshot: Snapshot) -> int | None:
        release = released(snapshot)
        return release.number if release else None

    def carry_out(self, form: Any, by: User) -> tuple[Snapshot, str]:
        snapshot = snapshots.request(period=form.cleaned_data["period"], by=by)
        return snapshot, _("Snapshot %(number)d is being taken.") % {"number": snapshot.pk}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        snapshot = self.row_to_see(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            **beside(snapshot),
            "opts": self.opts,
            "title": _("Snapshot %(number)d of %(period)s")
            % {"number": snapshot.pk, "period": snapshot.period},
            "release": released(snapshot),
            "proposal": ReleaseProposal.objects.standing().filter(snapshot=snapshot).first(),
            "differences": snapshot.differences[:SHOWN_DIFFERENCES],
            "may_propose": request.user.has_perm("reports.add_releaseproposal"),
        }
        return TemplateResponse(request, "admin/reports/snapshot/snapshot.html", context)


def released(snapshot: Snapshot) -> Release | None:
    found: Release | None = getattr(snapshot, "release", None)
    return found

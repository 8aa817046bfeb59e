"""Mergers: what one would do is shown first, and carried out only as it was shown."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.uniting import foresee, unite
from institutions.admin.base import actor
from institutions.admin.registering import ReasonForm, day_field
from institutions.admin.steps import StepAdmin, attempt
from institutions.models import Institution, Merger


class MergerForm(ReasonForm):
    institution = forms.ModelChoiceField(
        label=gettext_lazy("The university that goes up in another"), queryset=Institution.objects.none()
    )
    successor = forms.ModelChoiceField(
        label=gettext_lazy("The university that goes on"), queryset=Institution.objects.none()
    )
    merged_on = day_field(
        gettext_lazy("Day of the merger"),
        gettext_lazy(
            "The first day on which only the second counts: best the first day of an academic year."
        ),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("institution", "successor", "merged_on", "reason", "seen")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name in ("institution", "successor"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
            field.queryset = Institution.objects.exclude(kind=Institution.Kind.PLANNED).filter(closed_on=None)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("institution") and data.get("institution") == data.get("successor"):
            self.add_error("successor", _("Choose another university as the successor."))
        return data


@admin.register(Merger)
class MergerAdmin(StepAdmin):
    step_form = MergerForm
    step_title = gettext_lazy("Merge two universities")
    list_display = ("institution", "successor", "merged_on", "decided_by")
    list_select_related = ("institution", "successor", "decided_by")
    search_fields = ("institution__code",)
    search_column = "institution__search"
    fields = ("institution", "successor", "merged_on", "reason", "decided_by", "decided_at")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The first press shows what it would do, the second does it, unless that has changed meanwhile."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {"merged_on": timezone.localdate(), **request.GET.dict()}
        form = MergerForm(request.POST or None, initial=initial)
        foreseen = None
        if request.method == "POST" and form.is_valid():
            said = dict(form.cleaned_data)
            seen = said.pop("seen")
            if seen:
                done = attempt(form, lambda: unite(**said, by=actor(request), seen=seen))
                if done:
                    messages.success(request, united(done))
                    return HttpResponseRedirect(self.after_step(done))
            foreseen = foresee(**{name: said[name] for name in ("institution", "successor", "merged_on")})
            form.data = {**request.POST.dict(), "seen": foreseen.fingerprint}
        lead = _(
            "The first closes on the day; its programmes go on at the second, where they are handed in anew."
        )
        words = {
            "lead": lead,
            "button": _("Merge") if foreseen else _("Show what it would do"),
            "foreseen": foreseen,
            "preview": "admin/institutions/merger/_foreseen.html",
            "undo": _("It can’t be undone: what it would do is shown first, and done only as it was shown."),
        }
        return self.render_step(request, form, {**words, **(extra_context or {})})

    def after_step(self, row: Merger) -> str:
        return reverse("admin:institutions_institution_change", args=[row.institution_id])


def united(merger: Merger) -> str:
    said = _("%(institution)s goes up in %(successor)s on %(day)s.")
    return said % {
        "institution": merger.institution.name,
        "successor": merger.successor.name,
        "day": date_format(merger.merged_on),
    }

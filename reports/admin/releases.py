"""Releases: a verified snapshot made public, with notes, at a time; afterwards only to be read."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from institutions.admin.steps import StepAdmin
from institutions.models import User
from reports.models import Release, Snapshot
from reports.releasing import release

NOTES = forms.Textarea(attrs={"rows": 3})


class SnapshotChoice(forms.ModelChoiceField):
    def label_from_instance(self, snapshot: Any) -> str:
        return _("Snapshot %(number)d of %(period)s, %(programmes)d programmes") % {
            "number": snapshot.pk,
            "period": snapshot.period,
            "programmes": snapshot.programmes,
        }


class ReleaseChoice(forms.ModelChoiceField):
    def label_from_instance(self, release: Any) -> str:
        return _("Release %(number)d of %(period)s") % {
            "number": release.number,
            "period": release.snapshot.period,
        }


class ReleaseForm(forms.Form):
    snapshot = SnapshotChoice(
        Snapshot.objects.verified().filter(release=None).select_related("period").order_by("-pk"),
        label=gettext_lazy("Snapshot"),
        empty_label=gettext_lazy("choose a snapshot"),
        help_text=gettext_lazy("Those that are verified and not released yet."),
    )
    publish_at = forms.DateTimeField(
        label=gettext_lazy("Public from"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Left empty: at once."),
    )
    notes_kk = forms.CharField(
        label=gettext_lazy("Notes in Kazakh"), required=False, max_length=5000, widget=NOTES
    )
    notes_ru = forms.CharField(
        label=gettext_lazy("Notes in Russian"), required=False, max_length=5000, widget=NOTES
    )
    notes_en = forms.CharField(
        label=gettext_lazy("Notes in English"), required=False, max_length=5000, widget=NOTES
    )
    corrects = ReleaseChoice(
        Release.objects.select_related("snapshot__period"),
        label=gettext_lazy("Corrects"),
        required=False,
        empty_label=gettext_lazy("no release: these are new figures"),
    )
    correction_reason = forms.CharField(
        label=gettext_lazy("What was wrong"),
        required=False,
        max_length=5000,
        widget=NOTES,
        help_text=gettext_lazy("Only for a correction; the public reads it."),
    )


@admin.register(Release)
class ReleaseAdmin(StepAdmin):
    step_form = ReleaseForm
    step_title = gettext_lazy("Release figures")
    step_button = pgettext_lazy("button", "Release")
    step_lead = gettext_lazy(
        "What is released stays: a mistake is corrected by a newer release that says what was wrong."
    )
    list_display = ("number", "period", "as_at", "publish_at", "released_by", "corrects", "files_ready_at")
    list_select_related = ("snapshot__period", "released_by", "corrects")
    readonly_fields = ("files_ready_at",)

    @admin.display(description=gettext_lazy("period"))
    def period(self, release: Release) -> str:
        return release.snapshot.period.name

    @admin.display(description=gettext_lazy("as at"))
    def as_at(self, release: Release) -> Any:
        return release.snapshot.as_at

    def view_on_site(self, release: Release) -> str:  # type: ignore[override]
        return reverse("release", args=[release.number])

    def carry_out(self, form: Any, by: User) -> tuple[Release, str]:
        data = form.cleaned_data
        made = release(
            snapshot=data["snapshot"],
            by=by,
            publish_at=data["publish_at"],
            notes={language: data[f"notes_{language}"] for language in ("kk", "ru", "en")},
            corrects=data["corrects"],
            correction_reason=data["correction_reason"] if data["corrects"] else "",
        )
        return made, _("Release %(number)d is made; its files follow in a moment.") % {"number": made.number}

    def after_step(self, row: Any) -> str:
        return reverse("admin:reports_release_changelist")

    def step_initial(self, request: HttpRequest) -> dict[str, Any]:
        return {name: request.GET[name] for name in ("snapshot", "corrects") if name in request.GET}

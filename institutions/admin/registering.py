"""Pages by which an institution opens, closes, opens again or changes its name: each a form, a step, a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from institutions import registering
from institutions.admin.base import actor
from institutions.admin.steps import StepPages
from institutions.models import Institution, User

MAY = "institutions.change_institution"


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, widget=widget)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Why, or by which order; it is kept in the history."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class OpenForm(ReasonForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[choice for choice in Institution.Kind.choices if choice[0] != Institution.Kind.PLANNED],
    )
    opened_on = day_field(
        gettext_lazy("Opens on"), gettext_lazy("It counts from this day on, by itself; the day may be ahead.")
    )
    field_order = ("kind", "opened_on", "reason")


class CloseForm(ReasonForm):
    closed_on = day_field(
        gettext_lazy("Closes on"), gettext_lazy("The first day on which it no longer counts.")
    )
    field_order = ("closed_on", "reason")


class RenameForm(ReasonForm):
    name_kk = forms.CharField(label=gettext_lazy("Name in Kazakh"), max_length=300)
    name_ru = forms.CharField(label=gettext_lazy("Name in Russian"), max_length=300)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=300)
    since = day_field(gettext_lazy("Since"), gettext_lazy("The first day of the new name; today or earlier."))
    field_order = (*registering.NAMES, "since", "reason")


def rename(*, institution: Institution, by: User, since: Any, reason: str, **names: str) -> Institution:
    registering.rename(institution=institution, names=names, since=since, reason=reason, by=by)
    institution.refresh_from_db()
    return institution


def opened(institution: Institution) -> str:
    assert institution.opened_on  # noqa: S101 - the step has set it
    return _("%(name)s counts from %(day)s on.") % {
        "name": institution.name,
        "day": date_format(institution.opened_on),
    }


def closed(institution: Institution) -> str:
    assert institution.closed_on  # noqa: S101 - the step has set it
    said = _("%(name)s does not count from %(day)s on. If that is a mistake, open it again.")
    return said % {"name": institution.name, "day": date_format(institution.closed_on)}


@dataclass(frozen=True)
class RegistryStep:
    title: Any
    lead: Any
    button: Any
    form: type[forms.Form]
    carry_out: Callable[..., Institution]
    said: Callable[[Institution], str]
    undo: Any = ""


STEPS: Mapping[str, RegistryStep] = {
    "open": RegistryStep(
        gettext_lazy("Open the university"),
        gettext_lazy(
            "A planned university is in no figure. From the day that it opens it counts as what it is then."
        ),
        gettext_lazy("Open"),
        OpenForm,
        registering.open_institution,
        opened,
    ),
    "close": RegistryStep(
        gettext_lazy("Close the university"),
        gettext_lazy(
            "From the day on it is in no figure and hands in nothing more. Figures of the days before stay as they are."
            " If another university takes its programmes over, enter a merger instead."
        ),
        gettext_lazy("Close"),
        CloseForm,
        registering.close_institution,
        closed,
        gettext_lazy("It can be undone: open it again."),
    ),
    "reopen": RegistryStep(
        gettext_lazy("Open the university again"),
        gettext_lazy(
            "The closing is taken back: it counts again from now on. What was released meanwhile stays."
        ),
        gettext_lazy("Open again"),
        ReasonForm,
        registering.reopen_institution,
        lambda institution: _("%(name)s counts again.") % {"name": institution.name},
    ),
    "rename": RegistryStep(
        gettext_lazy("Give a new name"),
        gettext_lazy(
            "The present name is kept as a former one, with its last day, and is still found by searches. The code"
            " stays, so its figures go on in one series."
        ),
        gettext_lazy("Rename"),
        RenameForm,
        rename,
        lambda institution: _("The university is now called %(name)s.") % {"name": institution.name},
        gettext_lazy("It can be undone: give it the old name again."),
    ),
}


class RegistryPages(StepPages):
    """Adds the steps' pages to the institution, and tells its own page which of them there is something to do for."""

    def registry_urls(self) -> list[URLPattern]:
        return [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(partial(self.registry_step, name=name)),
                name=f"institutions_institution_{name}",
            )
            for name in STEPS
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        found = Institution.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        today = timezone.localdate()
        ahead = found and found.opened_on and found.opened_on > today
        stage = {
            "may_open": bool(found and (found.kind == Institution.Kind.PLANNED or ahead)),
            "may_close": bool(found and not found.closed_on and found.kind != Institution.Kind.PLANNED),
            "may_reopen": bool(found and found.closed_on and not hasattr(found, "merger")),
            "merger": getattr(found, "merger", None),
        }
        return super().change_view(request, object_id, form_url, {**stage, **(extra_context or {})})

    def registry_step(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        institution = self.row_at(request, pk)
        step = STEPS[name]
        today = timezone.localdate()
        names = {field: getattr(institution, field) for field in registering.NAMES}
        days = {"opened_on": institution.opened_on or today, "closed_on": today, "since": today}
        return self.step_on(
            request,
            institution,
            step.form(request.POST or None, initial={**names, **days}),
            partial(step.carry_out, institution=institution, by=actor(request)),
            step.said,
            title=step.title,
            button=step.button,
            lead=step.lead,
            undo=step.undo,
        )

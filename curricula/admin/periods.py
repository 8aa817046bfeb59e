"""Periods: opened, extended, closed and opened again by steps that say why; whom they leave silent is reminded here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curricula import collecting
from curricula.admin.reminders import RemindPage
from curricula.models import Extension, Period
from institutions.admin.base import MinistryAdmin, ReadOnlyAdmin, ReadOnlyInline, actor
from institutions.admin.steps import StepAdmin
from institutions.models import Institution, User

MAY = "curricula.change_period"


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def reason_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy(
            "It is kept, and written to the universities that still have something to do."
        ),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


IN_ORDER = (
    ("starts_on", "ends_on", gettext_lazy("The academic year must end after it begins.")),
    ("opens_on", "due_on", gettext_lazy("It can't be due before it opens.")),
    ("due_on", "closes_on", gettext_lazy("It can't close before it is due.")),
)


class OpenForm(forms.ModelForm):
    class Meta:
        model = Period
        fields = ("code", "starts_on", "ends_on", "opens_on", "due_on", "closes_on")
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            for name in fields
            if name != "code"
        }
        help_texts = {
            "code": gettext_lazy("The year in which it begins: 2027 is the academic year 2027/28."),
            "due_on": gettext_lazy("Universities are reminded 14, 3 and 1 days before."),
            "closes_on": gettext_lazy("The last day on which anything is taken."),
        }

    def clean(self) -> Any:
        """Days out of order are told at the field; the database's constraint could only give its own name."""
        said = super().clean() or {}
        for earlier, later, message in IN_ORDER:
            first, second = said.get(earlier), said.get(later)
            if first and second and (second < first or (later == "ends_on" and second == first)):
                self.add_error(later, message)
        return said


class ExtendForm(forms.Form):
    due_on = day_field(gettext_lazy("Due on"))
    closes_on = day_field(
        gettext_lazy("Collection closes on"), gettext_lazy("The last day on which anything is taken.")
    )
    reason = reason_field()


class GrantForm(ExtendForm):
    institutions = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Universities"),
        queryset=Institution.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("institutions", "due_on", "closes_on", "reason")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        chosen = self.fields["institutions"]
        assert isinstance(chosen, forms.ModelMultipleChoiceField)  # noqa: S101 - for the type checker
        chosen.queryset = Institution.objects.open_now()


class CloseForm(forms.Form):
    last_day = day_field(
        gettext_lazy("The last day on which anything is taken"), gettext_lazy("Yesterday closes it at once.")
    )
    with_extensions = forms.BooleanField(
        label=gettext_lazy("End the extensions of single universities too"), required=False
    )
    reason = reason_field()


class OpenEarlyForm(forms.Form):
    opens_on = day_field(gettext_lazy("Collection opens on"))
    reason = reason_field()


class TakeBackForm(forms.Form):
    reason = reason_field()


@dataclass(frozen=True)
class PeriodStep:
    """One step of a period as a page: its words, its form, and the function that carries it out."""

    title: Any
    lead: Any
    button: Any
    form: type[forms.BaseForm]
    carry_out: Callable[..., Any]
    undo: Any = ""


STEPS = {
    "extend": PeriodStep(
        gettext_lazy("Give all more time"),
        gettext_lazy("All universities get the new days; those with something left to do are written to."),
        gettext_lazy("Extend"),
        ExtendForm,
        collecting.extend,
    ),
    "grant": PeriodStep(
        gettext_lazy("Give some universities more time"),
        gettext_lazy(
            "Only the universities chosen get these days, also where the period has closed for all others. They are"
            " written to."
        ),
        gettext_lazy("Grant"),
        GrantForm,
        collecting.grant,
    ),
    "close": PeriodStep(
        gettext_lazy("Close the period"),
        gettext_lazy(
            "After the last day nothing is begun, imported or signed. What was handed in goes on being reviewed."
        ),
        gettext_lazy("Close"),
        CloseForm,
        collecting.close,
        gettext_lazy("It can be undone: open the period again."),
    ),
    "reopen": PeriodStep(
        gettext_lazy("Open the period again"),
        gettext_lazy("All universities can begin, import and sign again, from now to the day that you name."),
        gettext_lazy("Open again"),
        ExtendForm,
        collecting.reopen,
    ),
    "open-early": PeriodStep(
        gettext_lazy("Move the opening"),
        gettext_lazy("The period has not opened yet: it collects from the day that you name."),
        gettext_lazy("Move"),
        OpenEarlyForm,
        collecting.open_early,
    ),
}


def told(period: Period) -> str:
    return _("%(period)s: opens on %(opens)s, due on %(due)s, closes on %(closes)s.") % {
        "period": period.name,
        "opens": date_format(period.opens_on, "SHORT_DATE_FORMAT"),
        "due": date_format(period.due_on, "SHORT_DATE_FORMAT"),
        "closes": date_format(period.closes_on, "SHORT_DATE_FORMAT"),
    }


class Extensions(ReadOnlyInline):
    """Whom the ministry has given days of their own; each leads to where it can be taken back."""

    model = Extension
    fields = ("institution", "due_on", "closes_on", "reason", "granted_by", "granted_at", "ended_at")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("institution", "granted_by", "period")


@admin.register(Period)
class PeriodAdmin(RemindPage, StepAdmin):
    """The days move by steps; the academic year itself can be corrected until something was signed for it."""

    step_form = OpenForm
    step_title = gettext_lazy("Open a period")
    step_button = gettext_lazy("Open")
    step_lead = gettext_lazy("It collects from the day that it opens on; nothing else has to be done then.")
    list_display = ("name", "starts_on", "ends_on", "opens_on", "due_on", "closes_on", "is_collecting")
    fields = ("code", "starts_on", "ends_on", "opens_on", "due_on", "closes_on")
    inlines = (Extensions,)

    @admin.display(description=gettext_lazy("academic year"), ordering="code")
    def name(self, period: Period) -> str:
        return period.name

    @admin.display(description=gettext_lazy("collecting"), boolean=True)
    def is_collecting(self, period: Period) -> bool:
        return period.is_collecting

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return MinistryAdmin.has_change_permission(self, request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Period | None = None) -> list[str]:
        moved_by_steps = ["code", "opens_on", "due_on", "closes_on"]
        signed = obj is not None and obj.versions.exclude(state="draft").exists()
        return [*moved_by_steps, "starts_on", "ends_on"] if signed else moved_by_steps

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(partial(self.period_step, name=name)),
                name=f"curricula_period_{name.replace('-', '_')}",
            )
            for name in STEPS
        ]
        return [*pages, *self.remind_urls(), *super().get_urls()]

    def carry_out(self, form: Any, by: User) -> tuple[Period, str]:
        period = collecting.open_period(period=form.save(commit=False), by=by)
        return period, told(period)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With what can be done to it now, for its links."""
        period = Period.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        today = timezone.localdate()
        stage = {
            "is_ahead": bool(period and today < period.opens_on),
            "is_over": bool(period and period.closes_on < today),
        }
        return super().change_view(request, object_id, form_url, {**stage, **(extra_context or {})})

    def period_step(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        period = self.row_at(request, pk)
        step = STEPS[name]
        return self.step_on(
            request,
            period,
            step.form(request.POST or None, initial=self.initial_of(request, period, name)),
            partial(step.carry_out, period=period, by=actor(request)),
            granted if name == "grant" else told,
            title=step.title,
            button=step.button,
            lead=step.lead,
            undo=step.undo,
            now=told(period),
        )

    def initial_of(self, request: HttpRequest, period: Period, name: str) -> dict[str, Any]:
        """What stands now; for a period that has closed, days from today on."""
        today = timezone.localdate()
        due_on, closes_on = max(period.due_on, today), max(period.closes_on, today)
        days = {"due_on": due_on, "closes_on": closes_on, "opens_on": today}
        if name == "close":
            days["last_day"] = today
        chosen = [int(key) for key in request.GET.getlist("institution") if key.isdecimal()]
        return {**days, "institutions": chosen}


def granted(extensions: list[Extension]) -> str:
    names = ", ".join(extension.institution.name for extension in extensions[:3])
    more = len(extensions) - 3
    until = {"names": names, "day": date_format(extensions[0].closes_on, "SHORT_DATE_FORMAT")}
    if more <= 0:
        return _("More time until %(day)s: %(names)s.") % until
    return ngettext(
        "More time until %(day)s: %(names)s and %(more)d other.",
        "More time until %(day)s: %(names)s and %(more)d others.",
        more,
    ) % {**until, "more": more}


@admin.register(Extension)
class ExtensionAdmin(ReadOnlyAdmin, StepAdmin):
    """What was granted to whom, and why; one that still holds can be taken back."""

    list_display = ("institution", "period", "due_on", "closes_on", "granted_by", "granted_at", "ended_at")
    list_filter = ("period", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("institution", "period", "granted_by")
    search_fields = ("institution__code",)
    search_column = "institution__search"
    search_help_text = gettext_lazy("By university.")
    fields = (
        "institution", "period", "due_on", "closes_on", "reason", "granted_by", "granted_at", "ended_by", "ended_at",
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.take_back_view)
        return [path("<int:pk>/take-back/", view, name="curricula_extension_take_back"), *super().get_urls()]

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        extension = self.row_at(request, pk, "institution", "period")
        said = _("%(institution)s has the days of all others again.")
        return self.step_on(
            request,
            extension,
            TakeBackForm(request.POST or None),
            partial(collecting.take_back, extension=extension, by=actor(request)),
            lambda _done: said % {"institution": extension.institution.name},
            title=_("Take the extension back"),
            button=_("Take back"),
            lead=_("From now on it has the days that all have. What it has handed in stays."),
            undo=_("It can be undone: grant it again."),
        )

    def after_step(self, row: Extension) -> str:
        return reverse("admin:curricula_period_change", args=[row.period_id])

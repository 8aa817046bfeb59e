"""Reminding universities of a period by hand: who would get the letter is seen, and can be changed, before it goes."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curricula.models import SentReminder
from curricula.reminding import SILENT, UNFINISHED, Addressee, addressees, remind
from institutions.admin.base import MinistryAdmin, ReadOnlyAdmin, actor
from institutions.admin.steps import attempt


class RemindForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Words of your own"),
        help_text=gettext_lazy(
            "The letter names the university, the day and how many programmes are left, in the reader's language. What"
            " you write here is added to it as it is."
        ),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    institutions = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Universities"),
        coerce=int,
        error_messages={"required": gettext_lazy("Choose at least one university.")},
    )

    def __init__(self, *arguments: Any, there: list[Addressee], **named: Any) -> None:
        super().__init__(*arguments, **named)
        choices = [(str(one.institution.pk), one.institution.name) for one in there if one.can_be_reminded]
        self.fields["institutions"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> set[str]:
        """Everybody who can be reminded, until somebody has chosen."""
        if self.is_bound:
            return set(self.data.getlist("institutions"))  # type: ignore[attr-defined]
        return {key for key, _name in self.fields["institutions"].choices}  # type: ignore[attr-defined]


class RemindPage(MinistryAdmin):
    """The page of a period by which its silent universities are reminded."""

    def remind_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.remind_view)
        return [path("<int:pk>/remind/", view, name="curricula_period_remind")]

    def remind_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("curricula.change_period"):
            raise PermissionDenied
        period = self.row_at(request, pk)
        which = UNFINISHED if request.GET.get("which") == UNFINISHED else SILENT
        there = addressees(period, which)
        form = RemindForm(request.POST or None, there=there)
        if request.method == "POST" and form.is_valid():
            done = attempt(form, lambda: remind(period=period, by=actor(request), **form.cleaned_data))
            if done:
                messages.success(request, reminded(done))
                return HttpResponseRedirect(reverse("admin:curricula_period_change", args=[pk]))
        chosen = form.chosen
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Remind universities"),
            "period": period,
            "which": which,
            "form": form,
            "rows": [(one, str(one.institution.pk) in chosen) for one in there],
        }
        return TemplateResponse(
            request, "admin/curricula/period/remind.html", context, status=422 if form.errors else 200
        )


def reminded(sent: list[SentReminder]) -> str:
    people = sum(one.people for one in sent)
    universities = ngettext("%(count)d university", "%(count)d universities", len(sent)) % {
        "count": len(sent)
    }
    return ngettext(
        "Reminded: %(universities)s. The letter is on its way to %(people)d person.",
        "Reminded: %(universities)s. The letters are on their way to %(people)d people.",
        people,
    ) % {"universities": universities, "people": people}


@admin.register(SentReminder)
class SentReminderAdmin(ReadOnlyAdmin):
    list_display = ("institution", "period", "sent_on", "sent_by", "people")
    list_filter = ("period",)
    list_select_related = ("institution", "period", "sent_by")
    search_fields = ("institution__code",)
    search_column = "institution__search"
    search_help_text = gettext_lazy("By university.")
    fields = ("institution", "period", "sent_on", "sent_by", "words", "people")

"""Drafts of requirements: one person drafts, both read what it would change, a second puts it into effect."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from curricula.models import AICategory, Component, Programme
from institutions.admin.base import actor, is_key
from institutions.admin.steps import StepAdmin, WithdrawForm
from institutions.models import Institution, User
from reports.admin.imagining import tables
from reports.admin.mandate import DAY, NAMES, fields_of_education, words
from reports.adopting import adopt, draft, withdraw
from reports.errors import Refused
from reports.models import Requirement, RequirementDraft
from reports.previewing import preview


def several(label: Any, choices: Any, *, required: bool = False) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=required, widget=forms.CheckboxSelectMultiple
    )


class DraftForm(forms.ModelForm):
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
        model = RequirementDraft
        fields = (
            "mandate", "code", *NAMES, "legal_reference", "effective_from", "min_disciplines", "min_credits",
            "categories", "components", "levels", "fields", "kinds", "reason",
        )  # fmt: skip
        widgets = {"effective_from": DAY, "reason": forms.Textarea(attrs={"rows": 4})}


@admin.register(RequirementDraft)
class RequirementDraftAdmin(StepAdmin):
    step_form = DraftForm
    step_title = gettext_lazy("Draft a requirement")
    step_button = gettext_lazy("Save the draft")
    step_lead = gettext_lazy(
        "The next page shows what it would change. A second person puts it into effect from its day on; the days "
        "before stay assessed by the rules of their time."
    )
    list_display = ("code", "name", "effective_from", "state", "drafted_by", "adopted_by", "withdrawn_by")
    list_display_links = ("code", "name")
    list_filter = (
        ("adopted_at", admin.EmptyFieldListFilter),
        ("withdrawn_at", admin.EmptyFieldListFilter),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[RequirementDraft]:
        related = ("mandate", "drafted_by", "adopted_by", "withdrawn_by", "requirement")
        return super().get_queryset(request).select_related(*related)

    @admin.display(description=gettext_lazy("name"))
    def name(self, draft: RequirementDraft) -> str:
        return draft.name

    @admin.display(description=gettext_lazy("state"))
    def state(self, draft: RequirementDraft) -> str:
        return state(draft)[1]

    def step_initial(self, request: HttpRequest) -> dict[str, Any]:
        """`?after=<key>` begins with what a version says, `?again=<key>` with what a draft said."""
        after, again = request.GET.get("after", ""), request.GET.get("again", "")
        rows: Any = RequirementDraft.objects if again else Requirement.objects
        key = again or after
        before = rows.filter(pk=key if is_key(key) else 0).values().first()
        if before is None:
            return {}
        said = {name: value for name, value in before.items() if again or not name.startswith("effective")}
        return {**said, "mandate": before["mandate_id"]}

    def carry_out(self, form: Any, by: User) -> tuple[RequirementDraft, str]:
        made = draft(rule=form.save(commit=False), by=by)
        return made, _("It is drafted. A second person puts it into effect on this page.")

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        adopting = guarded(require_POST(self.adopt_view))
        return [
            path("<int:pk>/adopt/", adopting, name="reports_requirementdraft_adopt"),
            path("<int:pk>/withdraw/", guarded(self.withdraw_view), name="reports_requirementdraft_withdraw"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        chosen = self.row_to_see(request, object_id)
        user = actor(request)
        key, label = state(chosen)
        found = preview(chosen) if chosen.is_waiting else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": chosen.name,
            "draft": chosen,
            "state": key,
            "state_label": label,
            "says": list(said(chosen)),
            "preview": found,
            "tables": tables(found) if found else [],
            "is_mine": chosen.drafted_by_id == user.pk,
            "may_adopt": user.has_perm("reports.adopt_requirementdraft"),
            "may_withdraw": chosen.is_waiting and user.has_perm("reports.change_requirementdraft"),
            "may_draft": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/reports/requirementdraft/draft.html", context)

    def adopt_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("reports.adopt_requirementdraft"):
            raise PermissionDenied
        chosen = self.row_at(request, pk)
        try:
            made = adopt(draft=chosen, by=actor(request))
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            done = {
                "code": made.code,
                "number": made.number,
                "day": date_format(made.effective_from, "SHORT_DATE_FORMAT"),
            }
            messages.success(
                request, _("Version %(number)d of %(code)s is adopted, in effect from %(day)s.") % done
            )
        return HttpResponseRedirect(self.after_step(chosen))

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("reports.change_requirementdraft"):
            raise PermissionDenied
        chosen = self.row_at(request, pk)
        return self.step_on(
            request,
            chosen,
            WithdrawForm(request.POST or None),
            partial(withdraw, draft=chosen, by=actor(request)),
            lambda _done: _("The draft is withdrawn."),
            title=_("Withdraw the draft"),
            button=_("Withdraw"),
            lead=_("It never takes effect. What was drafted, by whom, and why it was withdrawn is kept."),
            undo=_("It can’t be undone: draft it again; what it said is kept."),
        )


def state(draft: RequirementDraft) -> tuple[str, str]:
    """Where a draft is on its way, as a word for the style sheet and one for people."""
    if draft.withdrawn_at is not None:
        return "returned", _("withdrawn")
    if draft.adopted_at is not None:
        return "approved", _("adopted")
    return "submitted", _("waits for a second person")


def said(draft: RequirementDraft) -> Any:
    """What the rule says, (label, words) for each part, beside what the version before says where it differs."""
    before = Requirement.objects.filter(code=draft.code).exclude(draft=draft).order_by("-number").first()
    for name in ("levels", "fields", "kinds", "min_disciplines", "min_credits", "categories", "components"):
        label = RequirementDraft._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        now = words(name, getattr(draft, name))
        was = words(name, getattr(before, name)) if before else now
        yield label, now, was if was != now else ""

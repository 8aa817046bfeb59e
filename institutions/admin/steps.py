"""Pages that carry out a step of the flow: a form, the step's function, and its refusal shown at the field."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from institutions.admin.base import MinistryAdmin, actor
from institutions.errors import Refused
from institutions.models import User


class WithdrawForm(forms.Form):
    """For what one person has proposed, and nobody shall carry out any more."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is withdrawn"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )


class StepPages(MinistryAdmin):
    """Pages that carry out a step: a form, the step, and the sentence that says what was done."""

    step_title: Any = ""
    step_button: Any = ""
    step_lead: Any = ""

    def after_step(self, row: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def step_on(
        self,
        request: HttpRequest,
        row: Any,
        form: forms.BaseForm,
        step: Callable[..., Any],
        said: Callable[[Any], str],
        **words: Any,
    ) -> HttpResponse:
        """A step on a row that is there, which takes what the form was filled with; whoever asks may carry it out."""
        if request.method == "POST" and form.is_valid():
            done = attempt(form, lambda: step(**form.cleaned_data))
            if done:
                messages.success(request, said(done))
                return HttpResponseRedirect(self.after_step(row))
        return self.render_step(request, form, {**words, "original": row})

    def render_step(
        self, request: HttpRequest, form: forms.BaseForm, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": self.step_title,
            "lead": self.step_lead,
            "button": self.step_button,
            "form": form,
            **(extra_context or {}),
        }
        return TemplateResponse(
            request, "admin/step_form.html", context, status=422 if form.errors and form.is_bound else 200
        )


class StepAdmin(StepPages):
    """Rows are added by a step and never edited here. A subclass says by which form, and carries it out."""

    step_form: ClassVar[type[forms.BaseForm]]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def carry_out(self, form: Any, by: User) -> tuple[Any, str]:
        """The new row, and the sentence that says what was done; may raise Refused."""
        raise NotImplementedError

    def step_initial(self, request: HttpRequest) -> dict[str, Any]:
        return dict(request.GET.items())

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.step_form(request.POST or None, initial=self.step_initial(request))
        if request.method == "POST" and form.is_valid():
            done = attempt(form, lambda: self.carry_out(form, actor(request)))
            if done:
                row, said = done
                messages.success(request, said)
                return HttpResponseRedirect(self.after_step(row))
        return self.render_step(request, form, extra_context)


def attempt(form: forms.BaseForm, step: Any) -> Any:
    """What the step gives, or None with its refusal written to the form, at the field if it names one."""
    try:
        return step()
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return None

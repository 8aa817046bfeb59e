"""A person's own account: preferences, the password, and a new one by letter."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from institutions.forms.passwords import ChangePasswordForm, ForgottenForm, NewPasswordForm
from institutions.forms.preferences import PreferencesForm
from institutions.guessing import address_of, allow_attempt
from institutions.models import SecondFactor, User
from institutions.passkeys import are_possible
from institutions.proving import is_required
from institutions.sessions import opened

# From one address in a quarter of an hour: many, since a whole university may have one.
LETTERS_AT_MOST = 30


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required has let nobody else in
    form = PreferencesForm(
        request.POST if request.method == "POST" else None, initial=PreferencesForm.initial_of(user)
    )
    if request.method == "POST" and form.is_valid():
        form.save(user)
        messages.success(request, _("Saved. Letters come as you have chosen."))
        return redirect("preferences")
    memberships = user.memberships.select_related("institution").order_by("institution__order_kk", "role")
    context = {
        "form": form,
        "memberships": memberships,
        "second_factor_required": is_required(user),
        "has_app": user.second_factor_since and SecondFactor.objects.filter(user=user).exists(),
        "passkeys": user.passkeys.order_by("made_at"),
        "passkeys_possible": are_possible(),
        "sessions": opened(user, here=request.session.session_key),
    }
    return render(request, "institutions/preferences.html", context, status=422 if form.errors else 200)


class ChangePassword(auth.PasswordChangeView):
    form_class = ChangePasswordForm
    template_name = "institutions/password_change.html"
    success_url = reverse_lazy("preferences")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "address": address_of(self.request)}

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your password has been changed. Other devices are signed out."))
        return super().form_valid(form)


class Forgotten(auth.PasswordResetView):
    form_class = ForgottenForm
    template_name = "institutions/password_forgotten.html"
    success_url = reverse_lazy("password-reset-sent")

    def form_valid(self, form: Any) -> HttpResponse:
        if not allow_attempt("a letter for a new password", address_of(self.request), limit=LETTERS_AT_MOST):
            form.add_error(
                None, _("Too many letters were asked for from here. Try again in a quarter of an hour.")
            )
            return self.form_invalid(form)
        return super().form_valid(form)


class LetterOnItsWay(auth.PasswordResetDoneView):
    template_name = "institutions/password_letter.html"


class NewPassword(auth.PasswordResetConfirmView):
    """Django keeps the token in the session and leads on to an address without it."""

    form_class = NewPasswordForm
    template_name = "institutions/password_new.html"
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your new password is set. Sign in with it."))
        return super().form_valid(form)

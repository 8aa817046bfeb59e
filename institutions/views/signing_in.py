"""Signing in, and where one is led then."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from institutions import passkeys
from institutions.access import institutions_of
from institutions.errors import Refused
from institutions.forms.signing_in import SignInForm
from institutions.models import User
from institutions.views.second_factor import enter, let_in


class SignIn(LoginView):
    """The one way in, for universities and the ministry alike."""

    form_class = SignInForm
    template_name = "institutions/sign_in.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        remember_language(user)
        return enter(self.request, user, self.get_redirect_url() or home_of(user))

    def get_initial(self) -> dict[str, Any]:
        """Who shows once more who it is need not type that."""
        user = self.request.user
        return {"username": user.email} if is_asked_again(self.request) and isinstance(user, User) else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        again, possible = is_asked_again(self.request), passkeys.are_possible()
        return super().get_context_data(again=again, passkeys_possible=possible, **kwargs)


@never_cache
@require_POST
def by_passkey(request: HttpRequest) -> HttpResponse:
    """With a passkey alone, which is two factors by itself: having it, and a finger, a face or a PIN. Asked first
    without an answer, by the page's script, then with it."""
    answer = request.POST.get("passkey", "")
    if not answer:
        return HttpResponse(passkeys.ask_for_proof(request.session, None), content_type="application/json")
    following = request.POST.get("next", "")
    try:
        user = passkeys.prove(request.session, answer, None).user
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('sign-in')}?{urlencode({'next': following})}")
    remember_language(user)
    let_in(request, user)
    is_ours = url_has_allowed_host_and_scheme(
        following, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(following if is_ours else home_of(user))


def remember_language(user: User) -> None:
    """Whoever has not chosen yet gets letters in the language in which they sign in first."""
    User.objects.filter(pk=user.pk, language="").update(language=get_language() or "")


def is_asked_again(request: HttpRequest) -> bool:
    return "again" in request.GET and request.user.is_authenticated


def home_of(user: User) -> str:
    """Where somebody goes who wanted nothing else: members to their work, the ministry to its own."""
    if user.is_staff and not institutions_of(user).exists():
        return reverse("admin:index")
    return reverse("workspace")

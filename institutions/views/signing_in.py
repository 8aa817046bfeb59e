"""Signing in, and where one is led then."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from institutions.access import institutions_of
from institutions.forms.signing_in import SignInForm
from institutions.models import User
from institutions.proving import is_asked_of
from institutions.views.second_factor import wait_for_code


class SignIn(LoginView):
    """The one way in, for universities and the ministry alike."""

    form_class = SignInForm
    template_name = "institutions/sign_in.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Whoever has not chosen yet gets letters in the language in which they sign in first."""
        user = form.get_user()
        User.objects.filter(pk=user.pk, language="").update(language=get_language() or "")
        if is_asked_of(user):
            return wait_for_code(self.request, user, self.get_redirect_url() or home_of(user))
        return super().form_valid(form)

    def get_default_redirect_url(self) -> str:
        return home_of(self.request.user)


def home_of(user: User | AnonymousUser) -> str:
    """Where somebody goes who wanted nothing else: members to their work, the ministry to its own."""
    if user.is_staff and not institutions_of(user).exists():
        return reverse("admin:index")
    return reverse("workspace")

"""Signing in, and where one is led then."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from institutions.access import institutions_of
from institutions.forms.signing_in import SignInForm
from institutions.models import User


class SignIn(LoginView):
    """The one way in, for universities and the ministry alike."""

    form_class = SignInForm
    template_name = "institutions/sign_in.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Whoever has not chosen yet gets letters in the language in which they sign in first."""
        User.objects.filter(pk=form.get_user().pk, language="").update(language=get_language() or "")
        return super().form_valid(form)

    def get_default_redirect_url(self) -> str:
        """Where somebody goes who wanted nothing else: members to their work, the ministry to its own."""
        user = self.request.user
        if user.is_staff and not institutions_of(user).exists():
            return reverse("admin:index")
        return reverse("workspace")

"""Signing in, and where one is led then."""

from django.contrib.auth.views import LoginView
from django.urls import reverse

from institutions.access import institutions_of
from institutions.forms import SignInForm


class SignIn(LoginView):
    """The one way in, for universities and the ministry alike."""

    form_class = SignInForm
    template_name = "institutions/sign_in.html"

    def get_default_redirect_url(self) -> str:
        """Where somebody goes who wanted nothing else: members to their work, the ministry to its own."""
        user = self.request.user
        if user.is_staff and not institutions_of(user).exists():
            return reverse("admin:index")
        return reverse("workspace")

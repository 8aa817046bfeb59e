"""Where a person is signed in: ending a session, or all but this one; and showing once more who one is."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from institutions import proving, sessions
from institutions.models import User


@login_required
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """One of one's own, also this one; whose it is not, finds nothing to end."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required has let nobody else in
    if sessions.end(user, request.POST.get("session", "")):
        messages.success(request, _("That session is ended."))
    else:
        messages.info(request, _("That session was over already."))
    return redirect("preferences")


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """Everywhere but here."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required has let nobody else in
    proving.sign_out_everywhere(user=user, by=user)
    update_session_auth_hash(request, user)
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("preferences")


def ask_again(request: HttpRequest, *, following: str = "") -> HttpResponse | None:
    """To signing in once more, unless that was just now: who finds a computer unlocked adds no way in of their own."""
    if sessions.is_recent(request):
        return None
    return redirect(f"{reverse('sign-in')}?{urlencode({'next': following or request.path, 'again': 1})}")

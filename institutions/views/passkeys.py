"""Passkeys of a person: made, and taken away again. Signing in with one is in `signing_in` and `second_factor`."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from institutions import passkeys, proving
from institutions.errors import Refused
from institutions.forms.second_factor import PasskeyForm
from institutions.models import User
from institutions.sessions import in_words
from institutions.views.second_factor import begin_again, let_in, setting_up, show_codes
from institutions.views.sessions import ask_again


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Between the two steps of signing in, as the first second factor; or one more for somebody who is signed in."""
    found = setting_up(request)
    if isinstance(found, HttpResponse):
        return found
    user, following = found
    if not passkeys.are_possible():
        return begin_again(request)
    form = PasskeyForm(
        request.POST if request.method == "POST" else None,
        initial={"name": in_words(request.headers.get("User-Agent", ""))},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = proving.add_passkey(
                user=user,
                name=said["name"],
                session=request.session,
                answer=said["passkey"],
                further=request.user.is_authenticated,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            let_in(request, user)
            messages.success(request, _("The passkey is set up."))
            return show_codes(request, made, following) if made else HttpResponseRedirect(following)
    context = {"form": form, "who": user.email, "options": passkeys.ask_for_new(request.session, user)}
    return render(request, "institutions/passkey_new.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """A passkey, or the app, where another second factor is left."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required has let nobody else in
    if again := ask_again(request, following=reverse("preferences")):
        return again
    which = request.POST.get("way", "")
    number = int(which) if which.isascii() and which.isdigit() and len(which) < 19 else 0
    try:
        proving.remove(user=user, number=None if which == "app" else number)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Removed: nobody signs in with it any more."))
    return redirect("preferences")

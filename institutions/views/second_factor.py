"""The second step of signing in, and the pages on which a person keeps their second factor.

Between the two steps nobody is signed in: the session says whose password was right, and for ten minutes.
"""

import time
from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from institutions import codes, passkeys, proving, sessions
from institutions.errors import Refused
from institutions.forms.second_factor import CodeForm, SignInCodeForm
from institutions.models import SecondFactor, User
from institutions.sealing import seal, unseal
from institutions.views.sessions import ask_again

PENDING, NEW_SECRET, NEW_CODES = "second_factor_pending", "second_factor_new", "second_factor_codes"
MINUTES = 10
ISSUER = "Qamtu"


def enter(request: HttpRequest, user: User, following: str) -> HttpResponse:
    """After the right password: in, or on to the second step."""
    if proving.is_asked_of(user):
        return wait_for_code(request, user, following)
    sessions.begin(request, user)
    return HttpResponseRedirect(following)


def wait_for_code(request: HttpRequest, user: User, following: str) -> HttpResponse:
    """After the right password of somebody who needs more than that: on to the second step. Whoever was signed in on
    this computer is so no more; what a visitor has begun, such as an invitation, goes on."""
    if SESSION_KEY in request.session:
        logout(request)
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "next": following,
        "at": int(time.time()),
    }
    return redirect("second-factor" if user.second_factor_since else "second-factor-new")


def pending(request: HttpRequest) -> tuple[User, str] | None:
    """Whose password was right a moment ago, and where they want to go; None for anybody else."""
    said = request.session.get(PENDING)
    if not said or not 0 <= time.time() - said["at"] <= MINUTES * 60:
        return None
    user = User.objects.filter(pk=said["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != said["hash"]:
        return None
    return user, said["next"]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The code, after the password."""
    found = pending(request)
    if found is None or found[0].second_factor_since is None:
        return begin_again(request)
    user, following = found
    form = SignInCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            recovery = proving.prove(user=user, **proof(request, form))
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            let_in(request, user)
            if recovery:
                tell_what_is_left(request, user)
            return HttpResponseRedirect(following)
    return page(request, "second_factor", {"form": form, "who": user.email, **ways(request, user)})


def proof(request: HttpRequest, form: SignInCodeForm) -> dict[str, Any]:
    """What was typed, or what a passkey has answered, for `proving.prove`."""
    said = form.cleaned_data
    return {"typed": said["code"], "session": request.session, "answer": said["passkey"]}


def ways(request: HttpRequest, user: User) -> dict[str, Any]:
    """What a page must know that asks for a proof: the app, and what passkeys are asked, if there are any."""
    has_passkeys = passkeys.are_possible() and user.passkeys.exists()
    return {
        "options": passkeys.ask_for_proof(request.session, user) if has_passkeys else "",
        "has_app": SecondFactor.objects.filter(user=user).exists(),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Scan, type a code, done: between the two steps of signing in, or for somebody who is signed in."""
    found = setting_up(request)
    if isinstance(found, HttpResponse):
        return found
    user, following = found
    if SecondFactor.objects.filter(user=user).exists():
        messages.info(request, _("An app is set up already."))
        return redirect("preferences")
    secret = secret_of(request, user)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = proving.set_up(
                user=user,
                secret=secret,
                typed=form.cleaned_data["code"],
                further=request.user.is_authenticated,
            )
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            request.session.pop(NEW_SECRET, None)
            let_in(request, user)
            return show_codes(request, made, following) if made else HttpResponseRedirect(following)
    return page(request, "second_factor_new", new_context(form, user, secret))


def setting_up(request: HttpRequest) -> tuple[User, str] | HttpResponse:
    """Who may set up a second factor now, and where they want to go: whoever has just signed in; or, as their first,
    whoever can't come in without. Else the way there."""
    if isinstance(request.user, User):
        return ask_again(request) or (request.user, reverse("preferences"))
    found = pending(request)
    if found is None:
        return begin_again(request)
    return redirect("second-factor") if found[0].second_factor_since else found


def new_context(form: CodeForm, user: User, secret: str) -> dict[str, Any]:
    uri = codes.uri(secret, account=user.email, issuer=ISSUER)
    picture = segno.make(uri, error="m").svg_inline(
        scale=5,
        border=4,
        light="#fff",
        svgclass="qr",
        lineclass=None,
        title=_("Picture for the app"),
        omitsize=False,
    )
    return {
        "form": form,
        "who": user.email,
        "picture": mark_safe(picture),  # noqa: S308 - drawn here, of our own words
        "uri": uri,
        "key": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "required": proving.is_required(user),
        "passkeys_possible": passkeys.are_possible(),
    }


def secret_of(request: HttpRequest, user: User) -> str:
    """The secret that the page shows: the same while it is tried, and another person's never."""
    kept = request.session.get(NEW_SECRET) or {}
    secret = unseal(kept.get("secret", "")) if kept.get("user") == user.pk else None
    if secret is None:
        secret = codes.new_secret()
        request.session[NEW_SECRET] = {"user": user.pk, "secret": seal(secret)}
    return secret


def let_in(request: HttpRequest, user: User) -> None:
    """Signed in, and proved; a session that was open stays the same person's under a new key."""
    request.session.pop(PENDING, None)
    sessions.begin(request, user)
    request.session[proving.SESSION_KEY] = proving.mark(user)


def show_codes(request: HttpRequest, made: list[str], following: str) -> HttpResponse:
    request.session[NEW_CODES] = {"codes": seal("\n".join(made)), "next": following}
    return redirect("recovery-codes")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New ones are shown until one goes on; else how many are left, and how to have new ones."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required has let nobody else in
    new = request.session.get(NEW_CODES)
    if request.method == "POST" and "kept" in request.POST:
        request.session.pop(NEW_CODES, None)
        return HttpResponseRedirect(new["next"] if new else reverse("preferences"))
    if user.second_factor_since is None:
        return redirect("second-factor-new")
    form = SignInCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = proving.renew_recovery_codes(user=user, **proof(request, form))
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            return show_codes(request, made, reverse("preferences"))
    shown = (unseal(new["codes"]) or "").split() if new else []
    left = user.recovery_codes.filter(used_at=None).count()
    context = {"form": form, "codes": shown, "left": left, **ways(request, user)}
    return page(request, "recovery_codes", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest) -> HttpResponse:
    """Without a second factor again, after a code of it."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required has let nobody else in
    if user.second_factor_since is None or proving.is_required(user):
        return redirect("preferences")
    form = SignInCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            proving.give_up(user=user, **proof(request, form))
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("Your password alone lets you in again."))
            return redirect("preferences")
    return page(request, "second_factor_give_up", {"form": form, **ways(request, user)})


def tell_what_is_left(request: HttpRequest, user: User) -> None:
    left = user.recovery_codes.filter(used_at=None).count()
    said = ngettext(
        "That recovery code is used up; %(count)d is left. Make new ones on the page of your account.",
        "That recovery code is used up; %(count)d are left. Make new ones on the page of your account.",
        left,
    )
    messages.warning(request, said % {"count": left})


def page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].errors else 200
    return render(request, f"institutions/{name}.html", context, status=status)


def begin_again(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("preferences")
    messages.info(request, _("Sign in with your e-mail and password first."))
    return redirect("sign-in")

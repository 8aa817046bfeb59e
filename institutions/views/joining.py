"""From the link in the letter to a member: two addresses, so that the second, which people stay at, has no secret."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from institutions.errors import Refused
from institutions.forms.joining import JoinForm
from institutions.inviting import digest_of
from institutions.joining import accept, account_of, is_new, join
from institutions.models import Invitation, User
from institutions.proving import is_proven
from institutions.views.second_factor import enter, wait_for_code
from institutions.wall import beyond

KEY = "invitation"


@never_cache
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Remember in the session which invitation it is (its hash, not its token), and go where the address is plain.

    Nothing is accepted by opening a link: the programs that look through mail for harm open every one.
    """
    request.session[KEY] = digest_of(token)
    answer = redirect("invitation")
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@beyond("whoever holds the letter joins an institution that is not theirs yet")
def invitation(request: HttpRequest) -> HttpResponse:
    found = (
        Invitation.objects.filter(token_hash=request.session.get(KEY, ""))
        .select_related("institution", "invited_by")
        .first()
    )
    if found is None:
        return ended(request, None, "unknown", status=404)
    if found.state != Invitation.State.OPEN:
        mine = found.accepted_by_id is not None and found.accepted_by_id == request.user.pk
        return ended(request, found, found.state, status=200 if mine else 410)
    if request.method == "POST" and request.POST.get("invitation") != str(found.pk):
        return ended(request, None, "another", status=409)
    account = account_of(found)
    if is_new(account) and not request.user.is_authenticated:
        return welcome(request, found)
    return confirm(request, found, account)


def welcome(request: HttpRequest, found: Invitation) -> HttpResponse:
    """A person who has no account yet makes it."""
    form = JoinForm(request.POST if request.method == "POST" else None, email=found.email)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            user = join(
                invitation=found,
                first_name=said["first_name"],
                last_name=said["last_name"],
                password=said["password1"],
                language=said["language"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return enter(request, user, joined(request, found, said["language"]))
    context = {"invitation": found, "form": form}
    return render(request, "institutions/join.html", context, status=422 if form.errors else 200)


def confirm(request: HttpRequest, found: Invitation, account: User | None) -> HttpResponse:
    """A person who has an account signs in with it, and says yes."""
    is_theirs = request.user.is_authenticated and account is not None and account.pk == request.user.pk
    context: dict[str, Any] = {"invitation": found, "account": account, "is_theirs": is_theirs}
    if request.method == "POST" and isinstance(request.user, User):
        try:
            accept(invitation=found, by=request.user)
        except Refused as refusal:
            context["faults"] = [str(refusal)]
        else:
            following = joined(request, found)
            account = User.objects.get(pk=request.user.pk)  # with the new roles
            if not is_proven(account, request.session):
                return wait_for_code(request, account, following)
            return HttpResponseRedirect(following)
    return render(request, "institutions/accept.html", context, status=422 if "faults" in context else 200)


def joined(request: HttpRequest, found: Invitation, language: str = "") -> str:
    """Where the work is, in the language that was chosen; else in that of the page."""
    request.session.pop(KEY, None)
    with override(language or get_language()):
        said = _("You work for %(institution)s now. Your roles: %(roles)s.")
        messages.success(request, said % {"institution": found.institution.name, "roles": found.role_names})
        return reverse("workspace-institution", args=[found.institution.code])


def ended(request: HttpRequest, found: Invitation | None, state: str, *, status: int) -> HttpResponse:
    """What has become of the invitation, and what to do."""
    context = {"invitation": found, "state": state, "mine": status == 200}
    return render(request, "institutions/invitation_ended.html", context, status=status)

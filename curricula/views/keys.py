"""The keys of the institution's own programs: everybody of it sees which there are, its signatories make and revoke."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from curricula.views.places import Place, place_of
from institutions import keys
from institutions.access import SIGNATORY
from institutions.errors import Refused
from institutions.forms.keys import MEANINGS, KeyForm
from institutions.models import ApiKey
from institutions.sealing import seal, unseal

NEW_KEY = "new_key"  # in the session, sealed, from the click to the page that shows it


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def listing(request: HttpRequest, code: str) -> HttpResponse:
    """A fixed number of queries, however many keys. A new one's secret is on the first page after it was made."""
    place = place_of(request, code, role=SIGNATORY if request.method == "POST" else "")
    form = KeyForm(request.POST if request.method == "POST" else None) if place.may_sign else None
    if request.method == "POST" and form is not None and form.is_valid() and _made(request, place, form):
        return _back(place)
    own = ApiKey.objects.for_user(place.user).filter(institution=place.institution)
    context = {
        "place": place,
        "form": form,
        "keys": own.with_maker().select_related("made_by", "revoked_by"),
        "new": _new(request, place),
        "meanings": MEANINGS.values(),
    }
    return render(request, "curricula/keys.html", context, status=422 if form and form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def revoke(request: HttpRequest, code: str, key: int) -> HttpResponse:
    """The question first: a program stops working with it."""
    place = place_of(request, code, role=SIGNATORY)
    found = ApiKey.objects.for_user(place.user).filter(institution=place.institution, pk=key).first()
    if found is None:
        raise Http404(_("There is no such key."))
    if request.method == "POST":
        keys.revoke(key=found, by=place.user)
        messages.success(request, _("The key of %(name)s opens nothing any more.") % {"name": found.name})
        return _back(place)
    return render(request, "curricula/key_revoke.html", {"place": place, "key": found})


def _made(request: HttpRequest, place: Place, form: KeyForm) -> bool:
    """False, and the reason in the form, if it was refused."""
    said = form.cleaned_data
    try:
        key, secret = keys.make(
            institution=place.institution,
            name=said["name"],
            scopes=said["scopes"],
            days=said["days"],
            by=place.user,
        )
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    request.session[NEW_KEY] = {"institution": place.institution.pk, "name": key.name, "secret": seal(secret)}
    return True


def _new(request: HttpRequest, place: Place) -> dict[str, str | None] | None:
    """The name and the secret of the key that was made just now; asked for a second time, nothing."""
    kept = request.session.get(NEW_KEY)
    if request.method != "GET" or kept is None or kept["institution"] != place.institution.pk:
        return None
    del request.session[NEW_KEY]
    return {"name": kept["name"], "secret": unseal(kept["secret"])}


def _back(place: Place) -> HttpResponse:
    return redirect(f"{reverse('keys', args=[place.institution.code])}?period={place.period.code}")

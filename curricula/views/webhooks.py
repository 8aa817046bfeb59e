"""Webhooks in the workspace: everybody of the university sees them and what was sent, its signatories change them."""

import json
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from curricula.views.places import Place, place_of
from institutions.access import SIGNATORY
from institutions.errors import Refused
from institutions.forms.webhooks import WebhookForm
from institutions.models import Webhook, WebhookDelivery
from institutions.models.webhooks import MOST
from institutions.webhooks import managing, signing

PAGE = 50


@never_cache
@require_safe
@login_required
def index(request: HttpRequest, code: str) -> HttpResponse:
    place = place_of(request, code)
    webhooks = list(Webhook.objects.filter(institution=place.institution))
    context = {"place": place, "webhooks": webhooks, "may_add": place.may_sign and len(webhooks) < MOST}
    return render(request, "curricula/webhooks.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest, code: str) -> HttpResponse:
    place = place_of(request, code, role=SIGNATORY)
    form = WebhookForm(request.POST or None, initial={"events": Webhook.Event.values})
    if request.method == "POST" and form.is_valid():
        try:
            added = managing.add(institution=place.institution, by=place.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(
                request, _("The webhook is added. Take over its secret, then send a test message.")
            )
            return redirect("webhook", code, added.number)
    return _form(request, place, form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, code: str, number: int) -> HttpResponse:
    place = place_of(request, code, role=SIGNATORY)
    webhook = _webhook(place, number)
    form = WebhookForm(
        request.POST if request.method == "POST" else None, initial=WebhookForm.initial_of(webhook)
    )
    if request.method == "POST" and form.is_valid():
        try:
            managing.change(webhook=webhook, by=place.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("The webhook is changed."))
            return redirect("webhook", code, number)
    return _form(request, place, form, webhook)


def _form(
    request: HttpRequest, place: Place, form: WebhookForm, webhook: Webhook | None = None
) -> HttpResponse:
    context = {"place": place, "form": form, "webhook": webhook}
    return render(request, "curricula/webhook_form.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
@login_required
def detail(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The webhook, and what was sent to it, the newest first; a fixed number of queries."""
    place = place_of(request, code)
    webhook = _webhook(place, number)
    sent = webhook.deliveries.select_related("webhook").prefetch_related("attempts").defer("body")
    page = Paginator(sent, PAGE).get_page(request.GET.get("page"))
    context = {"place": place, "webhook": webhook, "page_obj": page}
    return render(request, "curricula/webhook.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def secret(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Shown, or renewed and shown, when asked for by a button: never by opening an address."""
    place = place_of(request, code, role=SIGNATORY)
    webhook = _webhook(place, number)
    faults, shown = [], ""
    if request.method == "POST":
        try:
            if "renew" in request.POST:
                managing.renew_secret(webhook=webhook, by=place.user)
                webhook = _webhook(place, number)
            shown = signing.secret_of(webhook)
        except Refused as refusal:
            faults.append(str(refusal))
        except signing.Unreadable:
            faults.append(_("The secret can't be read any more. Renew it."))
    context = {"place": place, "webhook": webhook, "secret": shown, "faults": faults}
    return render(request, "curricula/webhook_secret.html", context, status=422 if faults else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def remove(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The question first; nothing is removed by opening the page."""
    place = place_of(request, code, role=SIGNATORY)
    webhook = _webhook(place, number)
    faults = []
    if request.method == "POST":
        try:
            managing.remove(webhook=webhook, by=place.user)
        except Refused as refusal:
            faults.append(str(refusal))
        else:
            messages.success(
                request, _("Nothing is sent to %(address)s any more.") % {"address": webhook.address}
            )
            return redirect("webhooks", code)
    context = {"place": place, "webhook": webhook, "faults": faults}
    return render(request, "curricula/webhook_remove.html", context, status=422 if faults else 200)


@never_cache
@require_POST
@login_required
def pause(request: HttpRequest, code: str, number: int) -> HttpResponse:
    said = _("The webhook is paused. What comes up is kept, and sent when you resume it.")
    return _switched(request, code, number, managing.pause, said)


@never_cache
@require_POST
@login_required
def resume(request: HttpRequest, code: str, number: int) -> HttpResponse:
    said = _("The webhook is on. What was waiting is on its way.")
    return _switched(request, code, number, managing.resume, said)


def _switched(
    request: HttpRequest, code: str, number: int, step: Callable[..., None], said: str
) -> HttpResponse:
    place = place_of(request, code, role=SIGNATORY)
    try:
        step(webhook=_webhook(place, number), by=place.user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("webhook", code, number)


@never_cache
@require_POST
@login_required
def ping(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A test message; its page shows what came of it."""
    place = place_of(request, code, role=SIGNATORY)
    webhook = _webhook(place, number)
    try:
        sent = managing.try_out(webhook=webhook, by=place.user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("webhook", code, number)
    return redirect("webhook-delivery", code, number, sent.pk)


@never_cache
@require_safe
@login_required
def delivery(request: HttpRequest, code: str, number: int, delivery: int) -> HttpResponse:
    place = place_of(request, code)
    found = _delivery(place, number, delivery)
    attempts = list(found.attempts.order_by("-at", "-pk"))
    # A message that fails waits for minutes and hours; only for its first attempt somebody sits and looks.
    running = found.is_outstanding and not found.tries and found.may_be_sent_again
    context = {
        "place": place,
        "webhook": found.webhook,
        "delivery": found,
        "attempts": attempts,
        "running": running,
        "body": json.dumps(found.content, ensure_ascii=False, indent=2),
    }
    return render(request, "curricula/webhook_delivery.html", context)


@never_cache
@require_POST
@login_required
def again(request: HttpRequest, code: str, number: int, delivery: int) -> HttpResponse:
    place = place_of(request, code, role=SIGNATORY)
    found = _delivery(place, number, delivery)
    try:
        managing.send_again(delivery=found, by=place.user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("webhook-delivery", code, number, found.pk)


def _webhook(place: Place, number: int) -> Webhook:
    found = (
        Webhook.objects.for_user(place.user)
        .filter(institution=place.institution, number=number)
        .select_related("institution", "made_by")
        .first()
    )
    if found is None:
        raise Http404(_("There is no such webhook."))
    return found


def _delivery(place: Place, number: int, delivery: int) -> WebhookDelivery:
    found = (
        WebhookDelivery.objects.filter(
            webhook__institution=place.institution, webhook__number=number, pk=delivery
        )
        .select_related("webhook__institution")
        .first()
    )
    if found is None:
        raise Http404(_("There is no such message. Messages are kept for 30 days."))
    return found

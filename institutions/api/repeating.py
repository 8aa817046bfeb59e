"""A write that is sent twice is done once: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).

The answer is a row of the same transaction as the write: there is never one without the other. What was refused has
changed nothing, leaves no row, and may be mended and sent again under the same name.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from institutions.api.problems import Problem
from institutions.locks import Busy, one_at_a_time
from institutions.models import ApiKey, GivenAnswer

HEADER = "Idempotency-Key"
KEPT = timedelta(days=1)
NAME = re.compile(r"[\x21-\x7e]{1,255}")
SAID_AGAIN = ("ETag", "Location", "Content-Location")


def once(request: Request, key: ApiKey, write: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """What `write` answers, in one transaction; asked again under the same name within a day, the same without it."""
    name = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if name is None:
        with transaction.atomic():
            return write()
    if not NAME.fullmatch(name):
        raise Problem(
            400,
            _("%(header)s: give 1 to 255 letters, digits or signs of ASCII without spaces, such as a UUID.")
            % {"header": HEADER},
            code="idempotency_key",
        )
    said = hashlib.sha256(
        b"\0".join([str(request.method).encode(), request.get_full_path().encode(), request.body])
    ).hexdigest()
    with _alone(key, name), transaction.atomic():
        given = GivenAnswer.objects.filter(key=key, name=name).first()
        if given and given.given_at < timezone.now() - KEPT:
            given.delete()
            given = None
        if given:
            return _again(given, said)
        response = write()
        _keep(response, key=key, name=name, said=said)
    return response


def forget_answers() -> int:
    """Those of more than a day ago."""
    count, _by_model = GivenAnswer.objects.filter(given_at__lt=Now() - KEPT).delete()
    return count


@contextmanager
def _alone(key: ApiKey, name: str) -> Iterator[None]:
    try:
        with one_at_a_time(f"answer {name}", key.pk, wait=False):
            yield
    except Busy as error:
        raise Problem(
            409,
            _("A request with this %(header)s is still at work. Ask again in a second.") % {"header": HEADER},
            code="at_work",
            headers={"Retry-After": "1"},
        ) from error


def _again(given: GivenAnswer, said: str) -> HttpResponse:
    if given.request_hash != said:
        sentence = _("Another request was sent with this %(header)s. Give each request a name of its own.")
        raise Problem(422, sentence % {"header": HEADER}, code="idempotency_key_reused")
    response = HttpResponse(given.body, status=given.status, content_type="application/json")
    for name, value in {**given.headers, "Idempotency-Replayed": "true"}.items():
        response[name] = value
    return response


def _keep(response: HttpResponseBase, *, key: ApiKey, name: str, said: str) -> None:
    """What was answered, as it will be said again; a refusal that was not raised is no answer to keep."""
    if not 200 <= response.status_code < 300:
        return
    body = response.data if isinstance(response, Response) else None
    GivenAnswer.objects.create(
        key=key,
        name=name,
        request_hash=said,
        status=response.status_code,
        headers={name: response[name] for name in SAID_AGAIN if response.has_header(name)},
        body="" if body is None else JSONRenderer().render(body).decode(),
        given_at=timezone.now(),
    )

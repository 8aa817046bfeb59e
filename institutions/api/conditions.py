"""Of two who write the same the second is told: `ETag`, and `If-Match` on every write of what is there already."""

from collections.abc import Callable
from typing import Any

from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.request import Request

from institutions.api.problems import BadParameters, Fault, Problem


def tags_of(request: Request) -> list[str]:
    """What `If-Match` names, if it is there. A proxy that compresses makes a tag weak: it names the same state."""
    said = request.headers.get("If-Match")
    tags = [tag.removeprefix("W/") for tag in parse_etags(said or "")]
    if said is not None and not tags:
        sentence = _("If-Match: write the ETag as it was answered, in its quotes.")
        raise BadParameters(Fault("If-Match", sentence))
    return tags


def wants_nothing_there(request: Request) -> bool:
    return request.headers.get("If-None-Match", "").strip() == "*"


def require_match(request: Request, etag: str, current: Callable[[], Any]) -> None:
    """412 with what there is now unless `If-Match` names `etag`; 428 where it is missing. `etag` "" is: not there.

    `If-None-Match: *` asks that nothing be there yet. Ask within the transaction, with the row locked.
    """
    wanted = tags_of(request)
    if not etag:
        if wanted:
            raise Problem(
                412, _("There is nothing here yet. Leave If-Match out to make it."), code="not_there"
            )
        return
    if not wanted and not wants_nothing_there(request):
        raise Problem(
            428,
            _("This is there already. Read it, and send its ETag along as If-Match."),
            code="if_match_missing",
        )
    if not {"*", etag} & set(wanted):
        raise changed(etag, current())


def changed(etag: str, current: Any) -> Problem:
    """Somebody was faster: what there is now, and its tag, to compare and send again."""
    return Problem(
        412,
        _(
            "It says something else by now: compare “current” with yours, and send it again with the new ETag."
        ),
        code="changed",
        headers={"ETag": etag},
        more={"etag": etag, "current": current},
    )

"""Of two who write the same the second is told: `ETag`, and `If-Match` on every write of what is there already."""

import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from institutions.api.problems import Problem

TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def require_match(request: Request, etag: str, current: Callable[[], Any]) -> None:
    """412 with what there is now unless `If-Match` names `etag`; 428 where it is missing. `etag` "" is: not there.

    `If-None-Match: *` asks that nothing be there yet. Ask within the transaction, with the row locked.
    """
    wanted = request.META.get("HTTP_IF_MATCH")
    if not etag:
        if wanted is not None:
            raise Problem(
                412, _("There is nothing here yet. Leave If-Match out to make it."), code="not_there"
            )
        return
    if wanted is None and request.META.get("HTTP_IF_NONE_MATCH", "").strip() != "*":
        raise Problem(
            428,
            _("This is there already. Read it, and send its ETag along as If-Match."),
            code="if_match_missing",
        )
    if wanted is None or (wanted.strip() != "*" and etag not in TAG.findall(wanted)):
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

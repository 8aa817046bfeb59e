"""Many curricula at once, in the background: sent, watched, cancelled, undone."""

import zlib
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from curricula import importing, telling, undoing
from curricula.api import describing_imports as describing
from curricula.api.asking import flag, period_of, told
from curricula.errors import Refused
from curricula.importing.recording import faults_of
from curricula.models import Batch, Import
from institutions.api.base import KeyView
from institutions.api.listing import check_parameters
from institutions.api.parsing import raw
from institutions.api.problems import Problem

LISTED = 100
UNPACKED_LIMIT = 50 * 1024 * 1024
# Refusals that no other body would mend.
NOT_NOW = {"nothing", "period_closed", "already_running", "ended", "undone_already", "discipline_gone"}


class Imports(KeyView):
    """All that was sent and uploaded, and where more is sent."""

    parser_classes = tuple(map(raw, describing.KINDS))  # type: ignore[assignment]
    largest_body = settings.MAX_BODY
    unpacks = True

    @describing.LIST
    def get(self, request: Request) -> Response:
        check_parameters(request, ())
        newest = _rows(self.institution.pk).order_by("-uploaded_at", "-pk")[:LISTED]
        return Response({"results": _summaries(list(newest))})

    @describing.POST
    def post(self, request: Request) -> Response:
        asked = check_parameters(request, ("period", "dry_run"))
        period, dry_run = period_of(asked), flag(asked, "dry_run")
        media_type = request.content_type.partition(";")[0].strip().lower()
        if media_type not in describing.KINDS:  # where there is no body, no parser has looked
            raise exceptions.UnsupportedMediaType(media_type)
        content = request.data if isinstance(request.data, bytes) else b""
        try:
            started = importing.start_sent(
                institution=self.institution,
                period=period,
                content=_unpacked(content, request.headers.get("Content-Encoding", "")),
                file_name=self.key.name + describing.KINDS[media_type],
                key=self.key,
                dry_run=dry_run,
            )
        except Refused as refusal:
            raise _not_now(refusal) from refusal
        where = request.build_absolute_uri(reverse("api-own-import", args=[started.pk]))
        [summary] = _summaries([started])
        return Response(summary, status=202, headers={"Location": where, "Retry-After": "1"})


class OneImport(KeyView):
    """How far it is, and what came of it."""

    @describing.GET
    def get(self, request: Request, number: int) -> Response:
        check_parameters(request, ())
        found = _found(self.institution.pk, number)
        if found.finished_at:
            telling.saw(ended=found, by=self.person)
        return Response({**_summaries([found])[0], "errors": list(map(told, faults_of(found)))})

    @describing.CANCEL
    def delete(self, request: Request, number: int) -> Response:
        check_parameters(request, ())
        try:
            importing.cancel_import(running=_found(self.institution.pk, number), by=self.person)
        except Refused as refusal:
            raise _not_now(refusal) from refusal
        return Response(_summaries([_found(self.institution.pk, number)])[0])


class Undo(KeyView):
    """An import is taken back, as on its page."""

    @describing.UNDO
    def post(self, request: Request, number: int) -> Response:
        check_parameters(request, ())
        batch = Batch.objects.filter(imported=_found(self.institution.pk, number)).first()
        if batch is None:
            nothing = Refused(_("It has changed nothing, so there is nothing to undo."), code="nothing")
            raise _not_now(nothing)
        try:
            result = undoing.undo(batch=batch, by=self.person)
        except Refused as refusal:
            raise _not_now(refusal) from refusal
        return Response({"restored": result.restored, "kept": [programme.code for programme in result.kept]})


def _found(institution: int, number: int) -> Import:
    found: Import | None = _rows(institution).filter(pk=number).first()
    if found is None:
        raise Problem(404, _("There is no such import."))
    return found


def _rows(institution: int) -> Any:
    found = Import.objects.filter(institution=institution).select_related("period", "batch", "uploaded_by")
    return found.defer("discipline_texts")


def _summaries(found: list[Import]) -> list[dict[str, Any]]:
    batches = {one.pk: one.batch for one in found if hasattr(one, "batch")}
    undoable = undoing.undoable_among(batches.values())
    return [_summary(one, batches.get(one.pk), undoable) for one in found]


def _summary(one: Import, batch: Batch | None, undoable: set[int]) -> dict[str, Any]:
    done, total = (one.progress_done, one.progress_total) if one.phase else (one.rows_read, one.rows_read)
    return {
        "number": one.pk,
        "period": one.period.code,
        "name": one.file_name,
        "dry_run": one.dry_run,
        "state": one.state,
        "phase": one.phase,
        "progress": {"done": done, "total": total},
        "sent_at": one.uploaded_at,
        "finished_at": one.finished_at,
        "rows": {
            "read": one.rows_read,
            "accepted": one.rows_accepted,
            "rejected": one.rows_rejected,
            "blank": one.rows_blank,
        },
        "curricula": {
            "added": one.programmes_added,
            "changed": one.programmes_changed,
            "unchanged": one.programmes_unchanged,
        },
        "lines": {"added": one.lines_added, "changed": one.lines_changed, "removed": one.lines_removed},
        "disciplines": {"added": one.disciplines_added, "changed": one.disciplines_changed},
        "can_be_undone": batch is not None and batch.pk in undoable,
        "undone_at": batch.undone_at if batch else None,
        "failure": _(one.failure) if one.failure else "",
    }


def _unpacked(content: bytes, coding: str) -> bytes:
    """The body as it was before its sender compressed it; 413 if it grows past the limit."""
    if coding.strip().lower() in ("", "identity"):
        return content
    if coding.strip().lower() != "gzip":
        raise Problem(415, _("Send the body as it is, or compressed by gzip."), code="coding")
    try:
        unpacker = zlib.decompressobj(wbits=31)
        unpacked = unpacker.decompress(content, UNPACKED_LIMIT)
    except zlib.error as error:
        raise Problem(
            400, _("The body is not compressed by gzip, as its header says."), code="coding"
        ) from error
    if unpacker.unconsumed_tail:
        limit = {"limit": UNPACKED_LIMIT // (1024 * 1024)}
        raise Problem(
            413,
            _("Unpacked, the body has more than %(limit)d MB. Send it in parts, by programme.") % limit,
            title=_("The body is too large"),
            code="too_large",
        )
    if not unpacker.eof or unpacker.unused_data:
        raise Problem(400, _("The body is not compressed by gzip, as its header says."), code="coding")
    return unpacked


def _not_now(refusal: Refused) -> Exception:
    if refusal.code in NOT_NOW:
        return Problem(409, str(refusal), title=_("It can't be changed now"), code=refusal.code)
    return refusal

"""Keeping what is typed into the form of a curriculum until it is saved or let go.

One row a person and curriculum, replaced by the newer state; nothing here is a draft, and nobody else sees it.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.errors import Refused
from curricula.forms.made_from import MadeFrom
from curricula.forms.rows import HEAD, as_sent, rows_of
from curricula.models import Period, Programme, Typing
from institutions.access import EDITOR, has_role
from institutions.models import User
from institutions.wall import beyond

# Of the JSON. A full curriculum has about 150,000 characters.
SIZE_LIMIT = 600_000


def keep(
    *, programme: Programme, period: Period, data: Mapping[str, Any], by: User, mark: str = ""
) -> Typing:
    """Keep the form's fields as they are; what the form does not have is left out."""
    head = {name: str(data.get(name) or "").replace("\0", "") for name in HEAD}
    rows = [{name: text.replace("\0", "") for name, text in row.items()} for row in rows_of(data)]
    fields = as_sent(head, rows)
    if len(json.dumps(fields)) > SIZE_LIMIT:
        raise Refused(_("This is too much to be kept by itself. Press “Save”."), code="too_large")
    values = {
        "institution_id": programme.institution_id,
        "data": fields,
        "mark": mark[:40],
        "kept_at": timezone.now(),
    }
    kept, _made = Typing.objects.update_or_create(
        programme=programme, period=period, user=by, defaults=values
    )
    return kept


def kept(*, programme: Programme, period: Period, by: User) -> Typing | None:
    return Typing.objects.filter(programme=programme, period=period, user=by).first()


def let_go(*, programme: Programme, period: Period, by: User, before: datetime | None = None) -> None:
    """Forget it: it is saved, or not wanted. With a moment only if nothing newer has been kept since."""
    found = Typing.objects.filter(programme=programme, period=period, user=by)
    (found if before is None else found.filter(kept_at__lt=before)).delete()


@beyond("what came without a session is for whom the form was made for")
def keep_for_its_owner(*, data: Mapping[str, Any], programme_code: str, period_code: str) -> User | None:
    """Keep what came without a session for the person whom the form was made for; None if that can't be told.

    The form says so itself, signed (`MadeFrom`). It must be theirs to edit still.
    """
    origin = MadeFrom.read(str(data.get("made_from", "")))
    if origin is None:
        return None
    programme = Programme.objects.select_related("institution").filter(pk=origin.programme).first()
    period = Period.objects.filter(pk=origin.period).first()
    owner = User.objects.filter(pk=origin.by, is_active=True).first()
    if not (programme and period and owner):
        return None
    if (programme.code, str(period.code)) != (programme_code, period_code):
        return None
    if not has_role(owner, programme.institution, EDITOR):
        return None
    try:
        keep(programme=programme, period=period, data=data, by=owner, mark=str(data.get("mark", "")))
    except Refused:
        return None
    return owner

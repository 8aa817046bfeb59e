"""The list of disciplines that an institution teaches: written once, used in many curricula.

A save names what was on the screen before (`seen`): of two people who change the same discipline the second is shown
what the first has written, and decides.
"""

import hashlib
import json
from typing import Any

import pghistory
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from curricula.errors import Refused
from curricula.models import AICategory, CurriculumVersion, Discipline, Line, Period
from curricula.suggesting import fill
from institutions.models import Institution, User

COLUMNS = (
    "code", "title_kk", "title_ru", "title_en", "description", "credits", "language", "ai_category", "evidence_url",
    "evidence_file_id",
)  # fmt: skip
SUGGESTED = ("suggested_category", "suggested_areas", "suggested_terms", "suggested_by")


class Changed(Refused):
    """Somebody has changed the discipline meanwhile; `current` is what it says now."""

    def __init__(self, current: Discipline) -> None:
        super().__init__(_("Somebody else has changed this discipline meanwhile."), code="changed")
        self.current = current


def fingerprint(discipline: Discipline) -> str:
    """Of all that people enter of it; empty for one that is not saved yet."""
    return "" if discipline.pk is None else _said(discipline)


def _said(discipline: Discipline) -> str:
    said = [str(getattr(discipline, column) or "") for column in COLUMNS]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def disciplines_of(institution: Institution, period: Period) -> QuerySet[Any]:
    """AI disciplines first, with `programmes`: in how many programmes' newest versions of the period each stands."""
    newer = CurriculumVersion.objects.filter(
        programme=OuterRef("version__programme"), period=period, number__gt=OuterRef("version__number")
    )
    newest = Line.objects.filter(
        ~Exists(newer), institution=institution, discipline=OuterRef("pk"), version__period=period
    )
    counted = newest.order_by().values("discipline").annotate(n=Count("version__programme", distinct=True))
    return (
        Discipline.objects.filter(institution=institution)
        .annotate(programmes=counted.values("n")[:1], is_plain=Q(ai_category=AICategory.NONE))
        .select_related("evidence_file")
        .defer("description", "search")
        .order_by("is_plain", "code")
    )


def with_evidence() -> Q:
    """Of disciplines: those that prove themselves, by a link or a file."""
    return ~Q(evidence_url="") | Q(evidence_file__isnull=False)


def is_signed(discipline: Discipline) -> bool:
    """Whether a curriculum that was handed in has it: its code then stays, and so do the titles that were signed."""
    return Line.objects.filter(discipline=discipline).exclude(version__state="draft").exists()


def save_discipline(*, discipline: Discipline, seen: str, by: User) -> Discipline:
    """Add or change a discipline; Changed if it says something else by now than `seen` was made from.

    Saving what is there already is not a change. A changed link to evidence goes along into the lines of drafts that
    had the old one.
    """
    fill([discipline])
    try:
        with pghistory.context(user=by.pk, action="save"), transaction.atomic():
            if discipline.pk is None:
                discipline.save(force_insert=True)
                return discipline
            there = Discipline.objects.select_for_update(no_key=True).get(pk=discipline.pk)
            if fingerprint(there) == fingerprint(discipline):
                return there
            if fingerprint(there) != seen:
                raise Changed(there)
            discipline.save(update_fields=[column.removesuffix("_id") for column in (*COLUMNS, *SUGGESTED)])
            _carry_link(there, discipline)
            return discipline
    except IntegrityError as error:
        twin = Discipline.objects.filter(institution=discipline.institution, code=discipline.code).first()
        if discipline.pk is None and twin and _said(twin) == _said(discipline):
            return twin  # the button was pressed twice
        raise Refused(_reason(error), field="code", code="code") from error


def _carry_link(was: Discipline, now: Discipline) -> None:
    if was.evidence_url == now.evidence_url:
        return
    lines = Line.objects.filter(discipline=now, evidence_url=was.evidence_url, version__state="draft")
    touched = CurriculumVersion.objects.drafts().filter(lines__in=lines).values_list("pk", flat=True)
    drafts = list(touched.distinct().order_by("pk"))
    if was.evidence_url and drafts:
        list(CurriculumVersion.objects.filter(pk__in=drafts).select_for_update(no_key=True).order_by("pk"))
        lines.update(evidence_url=now.evidence_url)
        CurriculumVersion.objects.drafts().filter(pk__in=drafts).update(edit_number=F("edit_number") + 1)


def _reason(error: IntegrityError) -> str:
    if "stays_once_submitted" in str(error) or "part of its hash" in str(error):
        return _(
            "This code is part of curricula that were handed in, so it stays. Add a new discipline instead."
        )
    return _("Your university has a discipline with this code already.")

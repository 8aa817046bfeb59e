"""The template of an institution, filled with what it has: to be corrected and imported again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Q
from django.utils.translation import override

from curricula.models import CurriculumVersion, Discipline, Line, Period, Programme
from curricula.spreadsheets.columns import plain
from curricula.spreadsheets.rows import LineRow
from curricula.spreadsheets.template import write_template
from institutions.models import Institution


def filled_template(*, institution: Institution, period: Period, language: str) -> bytes:
    """Of each programme its lines of the period, else those approved last. Four queries, however many there are.

    Imported unchanged it changes nothing of the period, and has no fault.
    """
    with override(language):
        taught = list(Programme.objects.filter(institution=institution).active_in(period).order_by("code"))
        known = Discipline.objects.filter(institution=institution).order_by("code")
        return write_template(
            language=language,
            programmes=[(programme.code, plain(programme.title)) for programme in taught],
            disciplines=[(discipline.code, plain(discipline.title)) for discipline in known],
            rows=_rows(taught, period),
        )


def _rows(taught: Iterable[Programme], period: Period) -> Iterator[LineRow]:
    approved_before = Q(state="approved", valid_to=None, period__code__lt=period.code)
    newest = (
        CurriculumVersion.objects.filter(Q(period=period) | approved_before, programme__in=taught)
        .order_by("programme_id", "-period__code", "-number")
        .distinct("programme_id")
    )
    lines = (
        Line.objects.filter(version__in=list(newest.values_list("pk", flat=True)))
        .select_related("discipline", "version__programme")
        .order_by("version__programme__code", "position", "pk")
    )
    for number, line in enumerate(lines, start=2):
        discipline = line.discipline
        yield LineRow(
            row=number,
            programme_code=line.version.programme.code,
            discipline_code=discipline.code,
            discipline_title=plain(discipline.title),
            credits=line.credits,
            cycle=line.cycle,
            component=line.component,
            semester=line.semester,
            ai_category=line.ai_category,
            evidence_url=line.evidence_url,
            programme_title=plain(line.version.programme.title),
            title_kk=plain(discipline.title_kk),
            title_ru=plain(discipline.title_ru),
            title_en=plain(discipline.title_en),
            description=plain(discipline.description, lines=True),
        )

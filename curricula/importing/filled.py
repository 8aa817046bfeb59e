"""The template of an institution, filled with what it has: to be corrected and imported again."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import override

from curricula.models import CurriculumVersion, Line, Period, Programme
from curricula.spreadsheets.rows import LineRow
from curricula.spreadsheets.template import write_template
from institutions.models import Institution


def filled_template(*, institution: Institution, period: Period, language: str) -> bytes:
    """Imported unchanged, it changes nothing. Three queries, whatever the number of programmes."""
    with override(language):
        taught = Programme.objects.filter(institution=institution).active_in(period).order_by("code")
        programmes = [(programme.code, programme.title) for programme in taught]
        return write_template(language=language, programmes=programmes, rows=_rows(institution, period))


def _rows(institution: Institution, period: Period) -> Iterator[LineRow]:
    newest = (
        CurriculumVersion.objects.filter(institution=institution, period=period)
        .order_by("programme_id", "-number")
        .distinct("programme_id")
    )
    lines = (
        Line.objects.filter(version__in=list(newest.values_list("pk", flat=True)))
        .select_related("discipline", "version__programme")
        .order_by("version__programme__code", "position", "pk")
    )
    for number, line in enumerate(lines, start=2):
        taught = line.discipline
        yield LineRow(
            row=number,
            programme_code=line.version.programme.code,
            discipline_code=taught.code,
            discipline_title=taught.title,
            credits=line.credits,
            cycle=line.cycle,
            component=line.component,
            semester=line.semester,
            ai_category=line.ai_category,
            evidence_url=line.evidence_url,
            programme_title=line.version.programme.title,
            title_kk=taught.title_kk,
            title_ru=taught.title_ru,
            title_en=taught.title_en,
            description=taught.description,
        )

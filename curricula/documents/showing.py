"""A curriculum as a document: what a program reads, and may put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from curricula.importing.plans import current_of, versions_of
from curricula.models import CurriculumVersion, Discipline, Line, Period, Programme
from curricula.spreadsheets.columns import plain
from institutions.api.bodies import etag_of


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is now. The tag is of what the document says, in whichever way it came to say so."""

    document: dict[str, Any]
    state: str
    etag: str


def present(*, programme: Programme, period: Period, lock: bool = False) -> Shown | None:
    """The draft, else what awaits review, else what was approved last in the period; None if nothing. Three queries.

    `lock` keeps its versions, and the words of its disciplines, as they are to the end of the transaction.
    """
    versions = versions_of(programme.institution_id, period.pk, [programme.pk], lock=lock)
    current = current_of(versions.get(programme.pk, []))
    if current is None:
        return None
    version = CurriculumVersion.objects.get(pk=int(str(current["pk"])))
    if (
        lock
    ):  # in the order in which imports write them, so that the two wait for each other and never for good
        taught = Discipline.objects.filter(pk__in=Line.objects.filter(version=version).values("discipline"))
        list(taught.select_for_update(no_key=True).order_by("code").values_list("pk"))
    lines = Line.objects.filter(version=version).select_related("discipline").order_by("position", "pk")
    document = {
        "institution": programme.institution.code,
        "period": period.code,
        "programme": programme.code,
        "version": version.number,
        "state": version.state,
        "content_hash": version.content_hash,
        "students": version.students,
        "lines": [_shown(line) for line in lines],
    }
    return Shown(document, version.state, etag_of(document))


def _shown(line: Line) -> dict[str, Any]:
    """As a spreadsheet would hold it: stored text may have what no cell can."""
    discipline = line.discipline
    return {
        "discipline_code": discipline.code,
        "title_kk": plain(discipline.title_kk),
        "title_ru": plain(discipline.title_ru),
        "title_en": plain(discipline.title_en),
        "description": plain(discipline.description, lines=True),
        "credits": str(line.credits),
        "cycle": line.cycle,
        "component": line.component,
        "semester": line.semester,
        "ai_category": line.ai_category,
        "evidence_url": line.evidence_url,
    }

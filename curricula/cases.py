"""What a reviewer needs to decide on a submission: each of its curricula beside the last approved one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from curricula.checking import Finding
from curricula.differences import Differences, differences, with_versions_before
from curricula.models import AICategory, CurriculumVersion, Line, SignedDiscipline
from curricula.precedents import Precedents
from curricula.warnings import version_warnings

BESIDE = ("programme", "period", "decided_by", "submitted_by")


@dataclass
class Case:
    """One submitted curriculum, and what looks odd in it.

    Beside it stand the one that was approved last (None: it is the first), and the one that was returned before it.
    """

    version: CurriculumVersion
    last: CurriculumVersion | None = None
    returned: CurriculumVersion | None = None
    warnings: list[Finding] = field(default_factory=list)
    precedents: Precedents | None = None

    @cached_property
    def lines(self) -> list[Line]:
        return list(self.version.lines.all())

    @cached_property
    def differences(self) -> Differences:
        return differences(self.last, self.version)

    @cached_property
    def mended(self) -> Differences:
        """What the university has changed since the return."""
        return differences(self.returned, self.version)

    @cached_property
    def ai_lines(self) -> list[Line]:
        return [line for line in self.lines if line.ai_category != AICategory.NONE]

    @cached_property
    def credits(self) -> Decimal:
        return sum((line.credits for line in self.lines), Decimal())

    @cached_property
    def ai_credits(self) -> Decimal:
        return sum((line.credits for line in self.ai_lines), Decimal())


def cases(versions: QuerySet[CurriculumVersion]) -> list[Case]:
    """The versions with all that a decision needs, by programme code; a fixed number of queries."""
    chosen: list[Any] = list(
        with_versions_before(versions).select_related(*BESIDE).order_by("programme__code", "number")
    )
    wanted = {key for version in chosen for key in (version.last_id, version.returned_id) if key}
    before = CurriculumVersion.objects.select_related("period", "decided_by").in_bulk(wanted)
    _attach_lines([*chosen, *before.values()])
    _attach_evidence(chosen)
    warnings = version_warnings(versions)
    return [
        Case(
            version,
            last=before.get(version.last_id),
            returned=before.get(version.returned_id),
            warnings=warnings.get(version.pk, []),
        )
        for version in chosen
    ]


def _attach_lines(versions: Iterable[CurriculumVersion]) -> None:
    """Lines and their disciplines in two queries; thousands of lines share some hundred disciplines."""
    prefetch_related_objects(
        list(versions), Prefetch("lines", Line.objects.order_by("position")), "lines__discipline"
    )


def _attach_evidence(versions: Iterable[Any]) -> None:
    """The uploaded evidence with which each AI line was signed, as `line.evidence_file`; one query."""
    signed = SignedDiscipline.objects.filter(version__in=versions, evidence_file__isnull=False)
    files = {
        (one.version_id, one.discipline_id): one.evidence_file
        for one in signed.select_related("evidence_file")
    }
    for version in versions:
        for line in version.lines.all():
            line.evidence_file = files.get((version.pk, line.discipline_id))

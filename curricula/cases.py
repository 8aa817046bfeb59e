"""What a reviewer needs to decide on a submission: each of its curricula beside the last approved one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from curricula.differences import Differences, differences, with_last_approved
from curricula.models import AICategory, CurriculumVersion, Line
from curricula.warnings import ReviewWarning, version_warnings

BESIDE = ("programme", "period", "decided_by", "submitted_by")


@dataclass
class Case:
    """One submitted curriculum, the one that was approved before it (None: the first), and what looks odd."""

    version: CurriculumVersion
    last: CurriculumVersion | None = None
    warnings: list[ReviewWarning] = field(default_factory=list)

    @cached_property
    def lines(self) -> list[Line]:
        return list(self.version.lines.all())

    @cached_property
    def differences(self) -> Differences:
        return differences(self.last, self.version)

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
    """The versions with all that a decision needs, in the order of their programmes' codes; ten queries at most."""
    chosen = list(with_last_approved(versions).select_related(*BESIDE).order_by("programme__code", "number"))
    before = CurriculumVersion.objects.select_related("period", "decided_by").in_bulk(
        {last for version in chosen if (last := _last_id(version))}
    )
    _attach_lines([*chosen, *before.values()])
    warnings = version_warnings(versions)
    return [
        Case(version, before.get(_last_id(version) or 0), warnings.get(version.pk, [])) for version in chosen
    ]


def _last_id(version: CurriculumVersion) -> int | None:
    found: int | None = getattr(version, "last_id", None)
    return found


def _attach_lines(versions: Iterable[CurriculumVersion]) -> None:
    """Lines and their disciplines in two queries; thousands of lines share some hundred disciplines."""
    prefetch_related_objects(
        list(versions), Prefetch("lines", Line.objects.order_by("position")), "lines__discipline"
    )

"""Sampling: some curricula are drawn by chance and read closely, which says how far all the others can be trusted.

A sample keeps its seed and its moment. What there was to draw from at that moment is told by what versions and
registry keep of their past, so the same can be drawn again at any time (`drawn_again`); `curricula.chance` says how.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curricula.chance import Interval, draw, in_a_row, interval, lot
from curricula.errors import Refused
from curricula.models import (
    CurriculumVersion,
    Field,
    Period,
    Programme,
    ProgrammeState,
    Sample,
    SampledCurriculum,
    Submission,
)
from curricula.models.sampling import LARGEST_SAMPLE
from institutions.models import Institution, InstitutionState, Region, User
from institutions.moments import decision_moment, fixed_moment, valid_at

STOOD, FAILED = SampledCurriculum.Outcome.STOOD, SampledCurriculum.Outcome.FAILED


def draw_sample(
    *,
    period: Period,
    of: str,
    size: int,
    by: User,
    submission: Submission | None = None,
    strata: str = Sample.Strata.NONE,
    seed: str = "",
    purpose: str = "",
) -> Sample:
    """Draw `size` curricula of the period, or of one submission, as things stand now. No seed: a random one."""
    _only_ministry(by)
    if not 1 <= size <= LARGEST_SAMPLE:
        raise Refused(
            _("A sample has from 1 to %(most)d curricula.") % {"most": LARGEST_SAMPLE},
            field="size",
            code="size",
        )
    sample = Sample(
        period=period, submission=submission, of=of, size=size, strata=strata, drawn_by=by,
        seed=seed.strip() or secrets.token_hex(8), purpose=purpose.strip(),
    )  # fmt: skip
    # No decision is under way at the moment of the draw, else it could not be repeated.
    with (
        pghistory.context(user=by.pk, action="draw"),
        fixed_moment() as sample.as_at,
        transaction.atomic(),
    ):
        there = population(sample)
        _enough(there, size)
        sample.population = len(there)
        sample.save(force_insert=True)
        _keep(sample, there)
    return sample


def _enough(there: list[tuple[int, str]], size: int) -> None:
    if not there:
        raise Refused(
            _("There is no such curriculum to draw: choose another period or another state."),
            field="of",
            code="nothing",
        )
    if len(there) < size:
        raise Refused(
            ngettext(
                "There is only %(count)d curriculum to draw from: choose a smaller sample.",
                "There are only %(count)d curricula to draw from: choose a smaller sample.",
                len(there),
            )
            % {"count": len(there)},
            field="size",
            code="too_few",
        )


def _keep(sample: Sample, there: list[tuple[int, str]]) -> None:
    drawn = draw(there, size=sample.size, seed=sample.seed)
    institutions = dict(
        CurriculumVersion.objects.filter(pk__in=[one.key for one in drawn]).values_list("pk", "institution")
    )
    SampledCurriculum.objects.bulk_create(
        SampledCurriculum(
            institution_id=institutions[one.key],
            sample=sample,
            version_id=one.key,
            position=position,
            stratum=one.stratum,
        )
        for position, one in enumerate(drawn, start=1)
    )


def population(sample: Sample) -> list[tuple[int, str]]:
    """Number and part of every curriculum that there was at the moment of the sample; one query."""
    at = sample.as_at
    versions = CurriculumVersion.objects.filter(period=sample.period_id, submitted_at__lte=at)
    if sample.submission_id:
        versions = versions.filter(submission=sample.submission_id)
    if sample.of == Sample.Of.APPROVED:
        versions = versions.filter(valid_at(at))
    else:
        versions = versions.filter(Q(decided_at=None) | Q(decided_at__gt=at))
    return list(versions.order_by().values_list("pk", _stratum(sample.strata, at)))


def _stratum(strata: str, at: datetime) -> Any:
    """The part that a curriculum belonged to at the moment, as the registry had it then."""
    of_institution = InstitutionState.objects.filter(valid_at(at), institution=OuterRef("institution"))
    of_programme = ProgrammeState.objects.filter(valid_at(at), programme=OuterRef("programme"))
    found: dict[str, Any] = {
        Sample.Strata.REGION: Subquery(of_institution.values("region_code")[:1]),
        Sample.Strata.KIND: Subquery(of_institution.values("kind")[:1]),
        Sample.Strata.LEVEL: Subquery(of_programme.values("level")[:1]),
        Sample.Strata.FIELD: Subquery(of_programme.values("field_code")[:1]),
        Sample.Strata.INSTITUTION: F("institution__code"),
    }
    return Coalesce(found[strata], Value("")) if strata in found else Value("")


def drawn_again(sample: Sample) -> bool:
    """Whether the seed and what is kept of the past give the very same curricula, in the same order."""
    there = population(sample)
    if len(there) != sample.population:
        return False
    again = [(one.key, one.stratum) for one in draw(there, size=sample.size, seed=sample.seed)]
    kept = sample.curricula.order_by("position").values_list("version", "stratum")
    return again == list(kept)


def row_of(sample: Sample) -> Iterator[tuple[int, str, str, int]]:
    """Number, part, lot, and 1 if drawn, of each curriculum in the order in which the sample was drawn."""
    kept = set(sample.curricula.values_list("version", flat=True))
    for key, stratum in in_a_row(population(sample), seed=sample.seed):
        yield key, stratum, lot(sample.seed, key), int(key in kept)


def record_reading(*, drawn: SampledCurriculum, outcome: str, by: User, note: str = "") -> SampledCurriculum:
    """Say whether a drawn curriculum stood. Whoever said it may say otherwise later; the history keeps both."""
    _only_ministry(by)
    note = note.replace("\x00", "").strip()
    if outcome not in SampledCurriculum.Outcome.values:
        raise Refused(_("Say whether it stood."), field="outcome", code="outcome")
    if outcome == FAILED and not note:
        raise Refused(_("Say what did not stand."), field="note", code="no_note")
    version = drawn.version
    if by.pk in (version.decided_by_id, version.submitted_by_id):
        raise Refused(
            _("You decided on this curriculum or signed it yourself; another person must read it."),
            code="four_eyes",
        )
    with pghistory.context(user=by.pk, action="read", reason=note), transaction.atomic():
        _write(drawn, by, outcome=outcome, note=note, read_by=by, read_at=decision_moment())
    drawn.refresh_from_db()
    return drawn


def take_back_reading(*, drawn: SampledCurriculum, by: User) -> SampledCurriculum:
    """As if it had not been read; only by whoever read it."""
    _only_ministry(by)
    with pghistory.context(user=by.pk, action="take back"), transaction.atomic():
        _write(drawn, by, outcome="", note="", read_by=None, read_at=None)
    drawn.refresh_from_db()
    return drawn


def _write(drawn: SampledCurriculum, by: User, **reading: Any) -> None:
    mine = SampledCurriculum.objects.filter(Q(read_by=None) | Q(read_by=by), pk=drawn.pk)
    if not mine.update(**reading):
        drawn.refresh_from_db()
        raise Refused(
            _("%(person)s has read this curriculum already. Nothing was changed.")
            % {"person": drawn.read_by},
            code="read",
        )


@dataclass(frozen=True)
class Part:
    """One stratum of a sample: of `size` drawn so many were read and stood."""

    code: str
    name: str
    size: int
    read: int
    stood: int


@dataclass(frozen=True)
class Findings:
    """What close reading has found so far. The interval speaks of all curricula, so only once all drawn are read."""

    size: int
    read: int
    stood: int
    parts: list[Part] = field(default_factory=list)
    interval: Interval | None = None

    @property
    def failed(self) -> int:
        return self.read - self.stood

    @property
    def left(self) -> int:
        return self.size - self.read

    @property
    def share(self) -> Fraction | None:
        """Of those that were read."""
        return Fraction(self.stood, self.read) if self.read else None


def findings_of(sample: Sample, drawn: Iterable[SampledCurriculum]) -> Findings:
    """One query, for the names of the parts."""
    sizes: Counter[str] = Counter()
    read: Counter[str] = Counter()
    stood: Counter[str] = Counter()
    for one in drawn:
        sizes[one.stratum] += 1
        read[one.stratum] += bool(one.outcome)
        stood[one.stratum] += one.outcome == STOOD
    size, found = sizes.total(), stood.total()
    is_complete = bool(size) and read.total() == size
    names = names_of_parts(sample, sizes)
    return Findings(
        size=size,
        read=read.total(),
        stood=found,
        parts=[Part(code, names.get(code, code), sizes[code], read[code], stood[code]) for code in sizes],
        interval=interval(found=found, size=size, population=sample.population) if is_complete else None,
    )


def names_of_parts(sample: Sample, codes: Iterable[str]) -> dict[str, str]:
    """In the reader's language, by code; none where the sample was not spread."""
    match sample.strata:
        case Sample.Strata.KIND:
            return {str(value): str(label) for value, label in Institution.Kind.choices}
        case Sample.Strata.LEVEL:
            return {str(value): str(label) for value, label in Programme.Level.choices}
        case Sample.Strata.REGION:
            rows: Iterable[Any] = Region.objects.filter(code__in=codes)
        case Sample.Strata.FIELD:
            rows = Field.objects.filter(code__in=codes)
        case Sample.Strata.INSTITUTION:
            rows = Institution.objects.filter(code__in=codes)
        case _:
            return {}
    return {row.code: row.name for row in rows}


def _only_ministry(by: User) -> None:
    if not by.is_staff or not by.is_active:
        raise Refused(_("Only the ministry draws and reads samples."), code="not_ministry")

"""Saying why: the step by which an institution answers the warnings of its drafts, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pghistory
from django.db import transaction
from django.utils import timezone

from curricula.checking.catalogue import Finding
from curricula.models import CurriculumVersion, Period, WarningReason
from institutions.models import Institution, User

LONGEST_REASON = 2000

About = tuple[int, str, int | None]


@dataclass(frozen=True)
class Given:
    """What somebody has typed for one warning, and what its reason was when the page was made. Both may be empty."""

    about: About
    reason: str
    was: str


@dataclass(frozen=True)
class Saved:
    """How many reasons were changed; what others have written meanwhile; what belongs to a draft no more."""

    changed: int = 0
    stale: dict[About, WarningReason | None] = field(default_factory=dict)
    gone: int = 0


def save_reasons(*, institution: Institution, period: Period, given: Sequence[Given], by: User) -> Saved:
    """Write the reasons that were changed, provided that nobody has written another one meanwhile.

    Five statements, however many. An empty reason takes back the one there was. Saving twice is saving once.
    """
    wanted = {one.about: one for one in given if one.reason != one.was}
    if not wanted:
        return Saved()
    with pghistory.context(user=by.pk, action="explain"), transaction.atomic():
        mine = CurriculumVersion.objects.drafts().filter(
            institution=institution, period=period, pk__in={version for version, _code, _discipline in wanted}
        )
        # Locked in the order in which submitting locks them: what is signed is signed with the reasons it has.
        drafts = set(mine.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        there = {
            (one.version_id, one.code, one.discipline_id): one
            for one in WarningReason.objects.filter(version__in=drafts).select_related("given_by")
        }
        stale, write, take_back = {}, [], []
        for about, one in wanted.items():
            stored = there.get(about)
            said = stored.reason if stored else ""
            if about[0] not in drafts or said == one.reason:
                continue
            if said != one.was:
                stale[about] = stored
            elif one.reason:
                write.append(_row(institution, one, by))
            elif stored:
                take_back.append(stored.pk)
        WarningReason.objects.bulk_create(
            write,
            update_conflicts=True,
            unique_fields=["version", "code", "discipline"],
            update_fields=["reason", "given_by", "given_at"],
        )
        WarningReason.objects.filter(pk__in=take_back).delete()
    gone = sum(about[0] not in drafts for about in wanted)
    return Saved(len(write) + len(take_back), stale, gone)


def _row(institution: Institution, one: Given, by: User) -> WarningReason:
    version, code, discipline = one.about
    return WarningReason(
        institution=institution,
        version_id=version,
        code=code,
        discipline_id=discipline,
        reason=one.reason,
        given_by=by,
        given_at=timezone.now(),
    )


def kind_of(finding: Finding) -> tuple[str, int | None]:
    """Warnings of one kind may have one answer: the same rule, of the same discipline if it speaks of one."""
    return (finding.code, finding.discipline)

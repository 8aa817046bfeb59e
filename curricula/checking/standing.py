"""Whether drafts may be signed: which faults and unanswered warnings stand against it, by programme."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import ngettext

from curricula.checking.catalogue import Finding, Kind
from curricula.models import CurriculumVersion, Programme, WarningReason

NAMED = 5


@dataclass(frozen=True)
class Problem:
    """One thing to look at before signing, with the programmes that it concerns; `str()` says what and the remedy."""

    code: str
    message: str
    programmes: tuple[Programme, ...] = ()

    def __str__(self) -> str:
        return self.message


def open_findings(found: Mapping[int, list[Finding]]) -> list[Finding]:
    """What stands against signing: faults, and warnings without a reason."""
    return [
        one
        for some in found.values()
        for one in some
        if one.is_fault or (one.asks_for_reason and not one.reason)
    ]


def unready(versions: QuerySet[CurriculumVersion], found: Mapping[int, list[Finding]]) -> list[Problem]:
    """One problem for each rule that is broken, and one for all warnings that lack a reason; at most one query."""
    against = open_findings(found)
    if not against:
        return []
    wanted = {one.version for one in against}
    programmes = {
        version.pk: version.programme
        for version in versions.filter(pk__in=wanted).select_related("programme")
    }
    broken: dict[str, list[Finding]] = defaultdict(list)
    unanswered = []
    for one in against:
        if one.rule.kind is Kind.FAULT:
            broken[one.code].append(one)
        else:
            unanswered.append(one)
    return [
        *(_broken(some, programmes) for some in broken.values()),
        *([_unanswered(unanswered, programmes)] if unanswered else []),
    ]


def _broken(some: list[Finding], programmes: Mapping[int, Programme]) -> Problem:
    concerned = _concerned(some, programmes)
    message = ngettext(
        "%(programmes)s: %(first)s %(remedy)s",
        "%(programmes)s: %(count)d faults, the first: %(first)s %(remedy)s",
        len(some),
    ) % {
        "programmes": _named(concerned),
        "count": len(some),
        "first": some[0],
        "remedy": some[0].rule.remedy,
    }
    return Problem(some[0].code, message, concerned)


def _unanswered(some: list[Finding], programmes: Mapping[int, Programme]) -> Problem:
    concerned = _concerned(some, programmes)
    message = ngettext(
        "%(programmes)s: %(count)d warning has no reason yet. Mend what it speaks of, or say why it is right.",
        "%(programmes)s: %(count)d warnings have no reason yet. Mend what they speak of, or say why they are right.",
        len(some),
    ) % {"programmes": _named(concerned), "count": len(some)}
    return Problem("no_reason", message, concerned)


def _concerned(some: list[Finding], programmes: Mapping[int, Programme]) -> tuple[Programme, ...]:
    found = {programmes[one.version].pk: programmes[one.version] for one in some}
    return tuple(sorted(found.values(), key=lambda programme: programme.code))


def _named(programmes: Collection[Programme]) -> str:
    """The first few codes, and how many more there are."""
    codes = [programme.code for programme in programmes]
    if len(codes) <= NAMED:
        return ", ".join(codes)
    more = len(codes) - NAMED
    return ngettext("%(codes)s and %(count)d more", "%(codes)s and %(count)d more", more) % {
        "codes": ", ".join(codes[:NAMED]),
        "count": more,
    }


def forget_needless(*, versions: Collection[int], found: Mapping[int, list[Finding]]) -> None:
    """Delete reasons for what is not found any more: the reviewer would wonder what they speak of. Two queries."""
    needed = {one.about for some in found.values() for one in some}
    given = WarningReason.objects.filter(version__in=versions)
    needless = [
        pk
        for pk, *about in given.values_list("pk", "version", "code", "discipline")
        if tuple(about) not in needed
    ]
    given.filter(pk__in=needless).delete()

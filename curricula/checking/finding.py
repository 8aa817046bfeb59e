"""Finding what is wrong or odd in versions: the same number of queries for one and for the queue of the country."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.utils.formats import number_format
from django.utils.translation import get_language

from curricula.checking.catalogue import ORDER, Finding
from curricula.checking.medians import Median, is_far_above, medians_before
from curricula.checking.rows import NEED_EVIDENCE, codes_of, facts_of
from curricula.differences import shown_number, with_versions_before
from curricula.models import AICategory, AISum, CurriculumVersion, Line, Programme, WarningReason
from curricula.since_last_year import digests
from curricula.spreadsheets.columns import CREDITS_LEAST, CREDITS_LIMIT

# What programmes of a level have in all, and below and above which a total looks like a mistake. Of a master's and
# a doctor's credits a large part is research, which many curricula do not list as a discipline.
USUAL_CREDITS = {"6B": 240, "7M": 120, "8D": 180}
PLAUSIBLE_CREDITS = {"6B": (120, 400), "7M": (30, 180), "8D": (30, 240)}

Sums = tuple[int, Decimal]  # of AI lines: how many, and their credits
NO_AI: Sums = (0, Decimal())
_AI = ~Q(ai_category=AICategory.NONE)


def findings(versions: QuerySet[CurriculumVersion]) -> dict[int, list[Finding]]:
    """By version, faults first, each with the reason given for it; nine queries, none for what is well."""
    rows = list(_versions(versions))
    if not rows:
        return {}
    ids = [row["pk"] for row in rows]
    sums = _sums(ids)
    before = _last_sums({row["last_id"] for row in rows if row["last_id"]})
    same = _unchanged(rows)
    medians = medians_before(
        {row["period_code"] for row in rows},
        {row["field_id"] for row in rows if sums.get(row["pk"], (0, NO_AI))[1][0]},
    )
    found: dict[int, list[Finding]] = defaultdict(list)
    for row in rows:
        total, ai = sums.get(row["pk"], (None, NO_AI))
        about = [
            *_of_version(row, total),
            *_of_coverage(ai, before.get(row["last_id"], NO_AI)),
            *_of_median(row, ai, medians.get((row["period_code"], row["field_id"]))),
            *([("unchanged", {"period": _year(row["year_code"])})] if row["pk"] in same else []),
        ]
        found[row["pk"]] += [Finding(code, facts, version=row["pk"]) for code, facts in about]
    for finding in _of_lines(ids):
        found[finding.version].append(finding)
    return _with_reasons(found, {row["pk"] for row in rows if row["state"] != "draft"})


def _versions(versions: QuerySet[CurriculumVersion]) -> Iterable[Any]:
    before = CurriculumVersion.objects.filter(pk=OuterRef("returned_id"))
    year = CurriculumVersion.objects.filter(pk=OuterRef("last_id"))
    return (
        with_versions_before(versions.order_by())
        .annotate(
            returned_hash=Subquery(before.values("content_hash")),
            year_code=Subquery(year.values("period__code")),
            period_code=F("period__code"),
            field_id=F("programme__direction__parent"),
            code=F("programme__code"),
            level=F("programme__level"),
            direction=F("programme__direction__code"),
            dedicated=Case(
                When(programme__is_ai_dedicated=True, then=Value("yes")), default=Value(""), output_field=CharField()
            ),
        )
        .values(
            "pk", "state", "students", "content_hash", "returned_hash", "last_id", "year_code", "period_code",
            "field_id", "code", "level", "direction", "dedicated",
        )
    )  # fmt: skip


def _sums(ids: list[int]) -> dict[int, tuple[Decimal, Sums]]:
    """All credits of each version, and of its AI lines how many and their credits."""
    rows = (
        Line.objects.filter(version__in=ids)
        .order_by()
        .values_list("version")
        .annotate(
            all_credits=Sum("credits"), ai=Count("pk", filter=_AI), ai_credits=Sum("credits", filter=_AI)
        )
    )
    return {version: (total, (lines, of_ai or Decimal())) for version, total, lines, of_ai in rows}


def _last_sums(ids: set[int]) -> dict[int | None, Sums]:
    """Of the AI lines of submitted versions, as they were sealed."""
    rows = AISum.objects.filter(version__in=ids).order_by().values_list("version")
    summed = rows.annotate(sum_lines=Sum("lines"), sum_credits=Sum("credits"))
    return {version: (lines, of_ai) for version, lines, of_ai in summed}


def _unchanged(rows: list[Any]) -> set[int]:
    """Those that say line by line what was approved last, in an earlier year."""
    pairs = {
        row["pk"]: row["last_id"] for row in rows if row["last_id"] and row["year_code"] != row["period_code"]
    }
    found = digests([*pairs, *pairs.values()])
    return {
        version for version, last in pairs.items() if version in found and found[version] == found.get(last)
    }


def _year(code: str) -> str:
    return f"{code}/{(int(code) + 1) % 100:02d}"


Found = tuple[str, dict[str, Any]]
About = tuple[int, str, int | None]


def _of_version(row: Any, total: Decimal | None) -> Iterable[Found]:
    if not programme_fits(row["code"], row["level"], row["direction"]):
        level = str(Programme.Level(row["level"]).label)
        yield "programme_code", {"code": row["code"], "level": level, "direction": row["direction"]}
    if row["content_hash"] and row["content_hash"] == row["returned_hash"]:
        yield "not_mended", {}
    if row["students"] is None:
        yield "no_students", {}
    least, most = PLAUSIBLE_CREDITS[row["level"]]
    if total is not None and not least <= total <= most:
        yield "credits", {"total": shown_number(total), "usual": number_format(USUAL_CREDITS[row["level"]])}


def programme_fits(code: str, level: str, direction: str) -> bool:
    """Whether a programme's code names its level and its direction: 6B06102 is of level 6B and direction 061."""
    return code.startswith(level + direction)


def _of_coverage(ai: Sums, before: Sums) -> Iterable[Found]:
    was = {"lines_was": before[0], "credits_was": shown_number(before[1])}
    if before[0] and not ai[0]:
        yield "ai_gone", was
    elif ai[0] < before[0] or ai[1] < before[1]:
        yield "ai_less", {**was, "lines": ai[0], "credits": shown_number(ai[1])}


def _of_median(row: Any, ai: Sums, median: Median | None) -> Iterable[Found]:
    """Programmes that the registry calls dedicated to AI are meant to have much of it."""
    if median and not row["dedicated"] and is_far_above(ai[1], median):
        yield (
            "ai_above_median",
            {
                "credits": shown_number(ai[1]),
                "median": shown_number(median.credits),
                "count": number_format(median.curricula),
                "field": median.field_name(get_language() or ""),
                "period": _year(median.period_code),
            },
        )


def _of_lines(ids: list[int]) -> Iterable[Finding]:
    """In the order of the curriculum; a discipline that stands in several semesters is told of once."""
    lines = (
        Line.objects.filter(version__in=ids)
        .filter(
            Q(ai_category__in=NEED_EVIDENCE)
            | ~Q(discipline__suggested_category__in=("", AICategory.NONE))
            | Q(credits__lt=CREDITS_LEAST)
            | Q(credits__gt=CREDITS_LIMIT)
        )
        .select_related("discipline")
        .defer("discipline__description", "discipline__search", "discipline__suggested_terms")
        .order_by("version", "position")
    )
    told = set()
    for line in lines:
        discipline = line.discipline
        codes = codes_of(
            ai_category=line.ai_category,
            evidence=bool(line.evidence_url or discipline.evidence_url or discipline.evidence_file_id),
            suggested=discipline.suggested_category,
            ects=line.credits,
        )
        for code in codes:
            finding = Finding(
                code, facts_of(code, discipline.title, line.credits), line.version_id, line.discipline_id
            )
            if finding.about not in told:
                told.add(finding.about)
                yield finding


def _with_reasons(found: Mapping[int, list[Finding]], submitted: set[int]) -> dict[int, list[Finding]]:
    """Each finding with its reason. Of what was submitted also the reasons for what would not be found today."""
    given: dict[About, str] = {
        (version, code, discipline): reason
        for version, code, discipline, reason in WarningReason.objects.filter(
            version__in=submitted | found.keys()
        ).values_list("version", "code", "discipline", "reason")
    }
    complete: dict[int, list[Finding]] = {}
    for version, some in found.items():
        every = [
            Finding(one.code, one.facts, version, one.discipline, given.pop(one.about, "")) for one in some
        ]
        if every:
            complete[version] = every
    for (version, code, discipline), reason in given.items():
        if version in submitted and code in ORDER:
            complete.setdefault(version, []).append(Finding(code, None, version, discipline, reason))
    for every in complete.values():
        every.sort(key=lambda one: ORDER[one.code])
    return complete

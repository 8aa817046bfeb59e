"""What looks odd in a curriculum or in staff figures. A warning asks for a second look; it forbids nothing.

Set-based: the number of queries is the same for one curriculum and for the queue of the whole country.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curricula.differences import shown_number, with_versions_before
from curricula.models import AICategory, CurriculumVersion, Line, Submission

# What programmes of a level have in all, and below and above which a total looks like a mistake. Of a master's and
# a doctor's credits a large part is research, which many curricula do not list as a discipline.
USUAL_CREDITS = {"6B": 240, "7M": 120, "8D": 180}
PLAUSIBLE_CREDITS = {"6B": (120, 400), "7M": (30, 180), "8D": (30, 240)}

# Suggestions that speak of no AI: none was made yet, or it says so.
SILENT = ("", AICategory.NONE)

# A jump of staff figures since the last approved ones.
SHARE_JUMP = Decimal("0.25")
TOTAL_JUMP = Decimal("0.3")


@dataclass(frozen=True)
class ReviewWarning:
    """One thing that looks odd; `str()` says it in the reader's language."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return _sentence(self.code, self.facts)


def _sentence(code: str, facts: dict[str, Any]) -> str:
    count = facts.get("count", 1)
    match code:
        case "not_mended":
            text = _("Nothing has changed since it was returned.")
        case "no_students":
            text = _("The number of students is not given.")
        case "ai_gone":
            text = _("There is no AI discipline; the last approved curriculum had some.")
        case "credits":
            text = _("%(credits)s credits in all; programmes of this level have about %(usual)s.")
        case "no_evidence":
            text = ngettext(
                "%(count)d AI discipline has no link to evidence: %(names)s.",
                "%(count)d AI disciplines have no link to evidence: %(names)s.",
                count,
            )
        case "unmarked":
            text = ngettext(
                "%(count)d discipline speaks of AI in its title or description, but has no AI category: %(names)s.",
                "%(count)d disciplines speak of AI in their titles or descriptions, but have no AI category:"
                " %(names)s.",
                count,
            )
        case "unnamed":
            text = ngettext(
                "%(count)d discipline has an AI category, but its title and description do not speak of AI: %(names)s.",
                "%(count)d disciplines have an AI category, but their titles and descriptions do not speak of AI:"
                " %(names)s.",
                count,
            )
        case "faculty_share":
            text = _(
                "The share of faculty trained in AI went from %(was)s %% to %(now)s %% since the last approval."
            )
        case "faculty_total":
            text = _("The number of faculty went from %(was)s to %(now)s since the last approval.")
        case _:
            raise ValueError(code)
    return text % facts


def warnings(version: CurriculumVersion) -> list[ReviewWarning]:
    """What looks odd in one version; two queries."""
    return version_warnings(CurriculumVersion.objects.filter(pk=version.pk)).get(version.pk, [])


def version_warnings(versions: QuerySet[CurriculumVersion]) -> dict[int, list[ReviewWarning]]:
    """By version; two queries, and none for those in which all is well."""
    found: dict[int, list[ReviewWarning]] = defaultdict(list)
    for row in _totals(versions):
        least, most = PLAUSIBLE_CREDITS[row["programme__level"]]
        if row["content_hash"] and row["content_hash"] == row["returned_hash"]:
            found[row["pk"]].append(ReviewWarning("not_mended"))
        if row["students"] is None:
            found[row["pk"]].append(ReviewWarning("no_students"))
        if row["last_had_ai"] and not row["has_ai"]:
            found[row["pk"]].append(ReviewWarning("ai_gone"))
        if row["total"] is not None and not least <= row["total"] <= most:
            usual = number_format(USUAL_CREDITS[row["programme__level"]])
            facts = {"credits": shown_number(row["total"]), "usual": usual}
            found[row["pk"]].append(ReviewWarning("credits", facts))
    for version, by_code in _faulty_lines(versions).items():
        for code, names in by_code.items():
            found[version].append(ReviewWarning(code, {"count": len(names), "names": _listed(names)}))
    return dict(found)


def _totals(versions: QuerySet[CurriculumVersion]) -> Iterable[Any]:
    lines = Line.objects.order_by()
    with_ai = lines.exclude(ai_category=AICategory.NONE)
    total = lines.filter(version=OuterRef("pk")).values("version").values(total=Sum("credits"))
    before = CurriculumVersion.objects.filter(pk=OuterRef("returned_id"))
    return (
        with_versions_before(versions.order_by())
        .annotate(
            total=Subquery(total, output_field=DecimalField()),
            has_ai=Exists(with_ai.filter(version=OuterRef("pk"))),
            returned_hash=Subquery(before.values("content_hash")),
            last_had_ai=Exists(with_ai.filter(version=OuterRef("last_id"))),
        )
        .values(
            "pk",
            "students",
            "programme__level",
            "total",
            "content_hash",
            "returned_hash",
            "has_ai",
            "last_had_ai",
        )
    )


def _faulty_lines(versions: QuerySet[CurriculumVersion]) -> dict[int, dict[str, list[str]]]:
    """Titles of the disciplines at fault by version and code, in the order of the curriculum."""
    lines = (
        Line.objects.filter(version__in=versions.order_by().values("pk"))
        .filter(~Q(ai_category=AICategory.NONE) | ~Q(discipline__suggested_category__in=SILENT))
        .select_related("discipline")
        .only("version", "ai_category", "evidence_url", "discipline")
        .defer("discipline__description", "discipline__search")
        .order_by("version", "position")
    )
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        for code in _faults(line):
            found[line.version_id][code].append(line.discipline.title)
    return found


def _faults(line: Line) -> list[str]:
    if line.ai_category == AICategory.NONE:
        return ["unmarked"]
    return [
        *(["no_evidence"] if not line.evidence_url else []),
        *(["unnamed"] if line.discipline.suggested_category == AICategory.NONE else []),
    ]


def submission_warnings(submissions: QuerySet[Submission]) -> dict[int, list[ReviewWarning]]:
    """What looks odd in the staff figures of each submission beside the last approved ones; one query."""
    last = (
        Submission.objects.filter(state="approved", valid_to=None, institution=OuterRef("institution"))
        .filter(period__code__lte=OuterRef("period__code"))
        .exclude(pk=OuterRef("pk"))
        .order_by("-period__code")
    )
    rows = submissions.order_by().values(
        "pk",
        "faculty_total",
        "faculty_trained",
        total_was=Subquery(last.values("faculty_total")[:1]),
        trained_was=Subquery(last.values("faculty_trained")[:1]),
    )
    return {row["pk"]: found for row in rows if row["total_was"] and (found := _jumps(row))}


def _jumps(row: Any) -> list[ReviewWarning]:
    found = []
    was, now = Decimal(row["total_was"]), Decimal(row["faculty_total"])
    share_was, share = row["trained_was"] / was, row["faculty_trained"] / now
    if abs(share - share_was) > SHARE_JUMP:
        facts = {"was": number_format(share_was * 100, 0), "now": number_format(share * 100, 0)}
        found.append(ReviewWarning("faculty_share", facts))
    if abs(now - was) > was * TOTAL_JUMP:
        found.append(
            ReviewWarning("faculty_total", {"was": number_format(int(was)), "now": number_format(int(now))})
        )
    return found


def count_waiting(submissions: QuerySet[Submission]) -> dict[int, int]:
    """How many warnings there are on what waits for a decision, by submission; four queries."""
    waiting = CurriculumVersion.objects.awaiting_review().filter(submission__in=submissions.values("pk"))
    by_version = version_warnings(waiting)
    counts: dict[int, int] = defaultdict(int)
    for version, submission in waiting.order_by().values_list("pk", "submission"):
        counts[submission] += len(by_version.get(version, ()))
    for submission, found in submission_warnings(submissions.filter(state="submitted")).items():
        counts[submission] += len(found)
    return counts


def _listed(names: list[str], most: int = 5) -> str:
    """The first few names; how many there are is said besides."""
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")

"""What a reviewer is shown of what looks odd in curricula and staff figures; it forbids no decision.

The rules and their sentences are those of `curricula.checking`, which the institution answered before it signed. The
number of queries is the same for one curriculum and for many.
"""

from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.formats import number_format

from curricula.checking import Finding, findings
from curricula.models import CurriculumVersion, Submission

# A jump of staff figures since the last approved ones.
SHARE_JUMP = Decimal("0.25")
TOTAL_JUMP = Decimal("0.3")


def warnings(version: CurriculumVersion) -> list[Finding]:
    """What looks odd in one version."""
    return version_warnings(CurriculumVersion.objects.filter(pk=version.pk)).get(version.pk, [])


def version_warnings(versions: QuerySet[CurriculumVersion]) -> dict[int, list[Finding]]:
    """By version, each with the institution's reason; none for those in which all is well."""
    return findings(versions)


def submission_warnings(submissions: QuerySet[Submission]) -> dict[int, list[Finding]]:
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


def _jumps(row: Any) -> list[Finding]:
    found = []
    was, now = Decimal(row["total_was"]), Decimal(row["faculty_total"])
    share_was, share = row["trained_was"] / was, row["faculty_trained"] / now
    if abs(share - share_was) > SHARE_JUMP:
        facts = {"was": number_format(share_was * 100, 0), "now": number_format(share * 100, 0)}
        found.append(Finding("faculty_share", facts))
    if abs(now - was) > was * TOTAL_JUMP:
        found.append(
            Finding("faculty_total", {"was": number_format(int(was)), "now": number_format(int(now))})
        )
    return found

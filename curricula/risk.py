"""Risk: which submissions a reviewer should read first, by a few plain rules; docs/checks.md says the same.

Points of 100, and each rule says in words what it found: they put the queue in order and decide nothing. Counted is
what waits for a decision. Four statements for any number of submissions. What they are counted from is looked up again
only where something has changed since this process last looked.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curricula.models import Submission
from curricula.warnings import submission_warnings


class RiskRule(StrEnum):
    """What may make a submission worth reading first, with the most points that it gives."""

    WARNINGS = "warnings"
    CHANGES = "changes"
    RETURNED = "returned"
    STAFF = "staff"


MOST: Mapping[RiskRule, int] = {
    RiskRule.WARNINGS: 40,
    RiskRule.CHANGES: 25,
    RiskRule.RETURNED: 20,
    RiskRule.STAFF: 15,
}
HIGH, MIDDLE = 50, 25


class Facts(NamedTuple):
    """What is known of one submission: counts of curricula that wait, and of things that look odd in its staff figures.

    `warned` have warnings (a reason was asked for, or the number of students is missing), `changed` have other AI
    lines or credits than were approved last, `new` had nothing approved, `returned` came back from the university.
    """

    waiting: int = 0
    warned: int = 0
    changed: int = 0
    new: int = 0
    returned: int = 0
    staff_returned: bool = False
    staff_odd: int = 0


@dataclass(frozen=True)
class Risk:
    facts: Facts = field(default_factory=Facts)

    @property
    def points(self) -> int:
        return sum(points_of(self.facts).values())

    @property
    def level(self) -> str:
        return "high" if self.points >= HIGH else "middle" if self.points >= MIDDLE else "low"

    @property
    def name(self) -> str:
        return {"high": _("high"), "middle": _("middle"), "low": _("low")}[self.level]

    @property
    def came_back(self) -> bool:
        """Whether something was returned before and has been handed in again."""
        return bool(self.facts.returned or self.facts.staff_returned)

    @property
    def reasons(self) -> list[str]:
        return list(_reasons(self.facts))


def points_of(facts: Facts) -> dict[RiskRule, int]:
    """Warnings and changes by the share of the curricula that they concern, rounded up; the others as a whole."""
    return {
        RiskRule.WARNINGS: _part(MOST[RiskRule.WARNINGS], facts.warned, facts.waiting),
        RiskRule.CHANGES: _part(MOST[RiskRule.CHANGES], facts.changed + facts.new, facts.waiting),
        RiskRule.RETURNED: MOST[RiskRule.RETURNED] * bool(facts.returned or facts.staff_returned),
        RiskRule.STAFF: MOST[RiskRule.STAFF] * bool(facts.staff_odd),
    }


def _part(most: int, some: int, of: int) -> int:
    return -(-most * some // of) if of else 0


def _reasons(facts: Facts) -> Iterable[str]:
    if count := facts.returned:
        said = ngettext("%(count)d curriculum came back", "%(count)d curricula came back", count)
        yield said % {"count": count}
    if facts.staff_returned:
        yield _("staff figures came back")
    if facts.staff_odd:
        yield _("staff figures look odd")
    if count := facts.warned:
        said = ngettext("%(count)d of %(total)d with warnings", "%(count)d of %(total)d with warnings", count)
        yield said % {"count": count, "total": facts.waiting}
    if count := facts.changed:
        said = ngettext("AI changed in %(count)d of %(total)d", "AI changed in %(count)d of %(total)d", count)
        yield said % {"count": count, "total": facts.waiting}
    if count := facts.new:
        said = ngettext("%(count)d of %(total)d is new", "%(count)d of %(total)d are new", count)
        yield said % {"count": count, "total": facts.waiting}


# Of what waits, the version right before it in the period if that was returned, and what is valid for the programme in
# the period or the latest one before (as `differences.with_versions_before` has it); sums are those of the seal. Each
# is looked up by its index: how much waits changes faster than the planner's statistics, and joins that it plans for
# ten curricula take seconds for ten thousand.
FACTS = """
    SELECT w.submission_id, count(*),
        count(*) FILTER (WHERE w.students IS NULL
            OR EXISTS (SELECT 1 FROM curricula_warningreason r WHERE r.version_id = w.id)),
        count(*) FILTER (WHERE last.id IS NOT NULL AND (coalesce(now.lines, 0), coalesce(now.credits, 0))
            <> (coalesce(was.lines, 0), coalesce(was.credits, 0))),
        count(*) FILTER (WHERE last.id IS NULL),
        count(*) FILTER (WHERE EXISTS (SELECT 1 FROM curricula_curriculumversion b
            WHERE b.programme_id = w.programme_id AND b.period_id = w.period_id AND b.number = w.number - 1
                AND b.state = 'returned'))
    FROM curricula_curriculumversion w JOIN curricula_period p ON p.id = w.period_id
        LEFT JOIN LATERAL (
            SELECT v.id FROM curricula_curriculumversion v
                JOIN curricula_period q ON q.id = v.period_id AND q.code <= p.code
            WHERE v.programme_id = w.programme_id AND v.state = 'approved' AND v.valid_to IS NULL
            ORDER BY q.code DESC LIMIT 1
        ) AS last ON true
        LEFT JOIN LATERAL (
            SELECT sum(lines) AS lines, sum(credits) AS credits FROM curricula_aisum WHERE version_id = w.id
        ) AS now ON true
        LEFT JOIN LATERAL (
            SELECT sum(lines) AS lines, sum(credits) AS credits FROM curricula_aisum WHERE version_id = last.id
        ) AS was ON true
    WHERE w.state = 'submitted' AND w.submission_id = ANY(%(submissions)s::bigint[])
    GROUP BY w.submission_id
"""
# What those facts stand on. What is in a submission is sealed: they change with which of its curricula wait, and when
# one of its university is approved or superseded, which its generation counts.
MARKS = """
    SELECT submission_id, which, generation FROM (
        SELECT submission_id, bit_xor(hashint8extended(id, 0)) AS which FROM curricula_curriculumversion
        WHERE state = 'submitted' AND submission_id = ANY(%(submissions)s::bigint[]) GROUP BY submission_id
    ) AS waiting JOIN curricula_submission s ON s.id = submission_id
        LEFT JOIN institutions_generation USING (institution_id)
"""
STAFF_RETURNED = """
    SELECT s.id FROM curricula_submission s JOIN curricula_submission before
        ON before.institution_id = s.institution_id AND before.period_id = s.period_id
        AND before.number = s.number - 1 AND before.state = 'returned'
    WHERE s.state = 'submitted' AND s.id = ANY(%(submissions)s::bigint[])
"""

# By submission: the mark, and the counts that it stands for.
Kept = dict[int, tuple[tuple[Any, ...], tuple[Any, ...]]]
kept: Kept = {}
MOST_KEPT = 100_000


def _counted(cursor: Any, submissions: list[int]) -> dict[int, tuple[Any, ...]]:
    """Read after the marks, which never come back: what is kept is never too old."""
    cursor.execute(MARKS, {"submissions": submissions})
    marks = {key: tuple(mark) for key, *mark in cursor.fetchall()}
    known = {key: kept[key] for key, mark in marks.items() if key in kept and kept[key][0] == mark}
    changed = list(marks.keys() - known.keys())
    if changed:
        cursor.execute(FACTS, {"submissions": changed})
        found: Kept = {key: (marks[key], tuple(counts)) for key, *counts in cursor.fetchall()}
        transaction.on_commit(lambda: _keep(found))  # what is taken back was never so
        known |= found
    return {key: counts for key, (_mark, counts) in known.items()}


def _keep(found: Kept) -> None:
    if len(kept) > MOST_KEPT:
        kept.clear()
    kept.update(found)


def risks(submissions: Collection[int]) -> dict[int, Risk]:
    """Of each of these submissions; four statements, or three where nothing has changed."""
    keys = list(submissions)
    if not keys:
        return {}
    with connection.cursor() as cursor:
        counted = _counted(cursor, keys)
        cursor.execute(STAFF_RETURNED, {"submissions": keys})
        staff_returned = {row[0] for row in cursor.fetchall()}
    odd: dict[int, list[Any]] = submission_warnings(Submission.objects.filter(pk__in=keys, state="submitted"))
    return {
        key: Risk(
            Facts(*counted.get(key, ()))._replace(
                staff_returned=key in staff_returned, staff_odd=len(odd.get(key, ()))
            )
        )
        for key in keys
    }

"""The ministry's work list: every submission that waits, whose it is, how long it has waited, and how risky it is.

One look is a fixed number of queries. Home page, queue and "take the next" all read this list, so that they can't tell
different things.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from curricula.models import Assignment, Submission
from curricula.risk import Risk, risks
from institutions.models import User

# So many days the ministry gives itself for an answer; then a submission is overdue.
ANSWER_WITHIN = 14


@dataclass(frozen=True)
class Item:
    """One submission that waits. `holder` is who has taken it up, None if nobody; `assigned` are reviewers' keys."""

    submission: int
    region: int
    kind: str
    period: int
    signed_by: int
    days: int
    holder: int | None
    assigned: frozenset[int]
    risk: Risk

    @property
    def is_overdue(self) -> bool:
        return self.days > ANSWER_WITHIN

    @property
    def came_back(self) -> bool:
        return self.risk.came_back

    @property
    def is_free(self) -> bool:
        return self.holder is None

    def is_for(self, user: User) -> bool:
        """Taken up by this person, or assigned to them and free; never what they signed themselves."""
        if self.signed_by == user.pk:
            return False
        return self.holder == user.pk or (self.is_free and user.pk in self.assigned)


@dataclass(frozen=True)
class Worklist:
    """The riskiest first, and of those alike the one that has waited longest."""

    items: Sequence[Item]
    user: User

    def __len__(self) -> int:
        return len(self.items)

    @property
    def answer_within(self) -> int:
        return ANSWER_WITHIN

    @property
    def mine(self) -> list[Item]:
        return [item for item in self.items if item.is_for(self.user)]

    @property
    def held(self) -> list[Item]:
        return [item for item in self.items if item.holder == self.user.pk]

    @property
    def free(self) -> list[Item]:
        return [item for item in self.items if item.is_free]

    @property
    def with_others(self) -> list[Item]:
        return [item for item in self.items if item.holder not in (None, self.user.pk)]

    @property
    def unassigned(self) -> list[Item]:
        """What nobody has taken up and nobody is assigned to."""
        return [item for item in self.items if item.is_free and not item.assigned]

    @property
    def overdue(self) -> list[Item]:
        return [item for item in self.items if item.is_overdue]

    @property
    def came_back(self) -> list[Item]:
        return [item for item in self.items if item.came_back]

    @property
    def risky(self) -> list[Item]:
        return [item for item in self.items if item.risk.level == "high"]

    @property
    def next_ones(self) -> list[Item]:
        """What this person would take up next: what is assigned to them and free, else what is assigned to nobody,
        else anything that is free."""
        may = [item for item in self.free if item.signed_by != self.user.pk]
        groups = (
            [item for item in may if self.user.pk in item.assigned],
            [item for item in may if not item.assigned],
            may,
        )
        return next((group for group in groups if group), [])


def worklist(user: User) -> Worklist:
    """All that waits, in six queries."""
    now = timezone.now()
    rows = list(_rows())
    assigned = _assigned()
    risk = risks([row["pk"] for row in rows])
    items = [
        Item(
            submission=row["pk"],
            region=row["region"],
            kind=row["kind"],
            period=row["period_id"],
            signed_by=row["signed_by_id"],
            days=days_since(row["signed_at"]),
            holder=row["holder"] if row["until"] and row["until"] > now else None,
            assigned=frozenset(_who(assigned, row["region"], row["kind"])),
            risk=risk[row["pk"]],
        )
        for row in rows
    ]
    items.sort(key=lambda item: (-item.risk.points, -item.days, item.submission))
    return Worklist(items, user)


def days_since(moment: datetime) -> int:
    return (timezone.localdate() - timezone.localtime(moment).date()).days


def _rows() -> Iterable[dict[str, Any]]:
    return (
        Submission.objects.awaiting_review()
        .order_by()
        .values(
            "pk",
            "period_id",
            "signed_by_id",
            "signed_at",
            region=F("institution__region"),
            kind=F("institution__kind"),
            holder=F("claim__reviewer"),
            until=F("claim__until"),
        )
    )


Assigned = dict[tuple[int | None, str], set[int]]


def _assigned() -> Assigned:
    """Reviewers by region and kind; those who may decide no more have nothing assigned."""
    found: Assigned = {}
    rows = Assignment.objects.filter(reviewer__is_active=True, reviewer__is_staff=True)
    for region, kind, reviewer in rows.values_list("region", "kind", "reviewer"):
        found.setdefault((region, kind), set()).add(reviewer)
    return found


def _who(assigned: Assigned, region: int, kind: str) -> set[int]:
    none: set[int] = set()
    return (
        assigned.get((region, kind), none)
        | assigned.get((region, ""), none)
        | assigned.get((None, kind), none)
    )

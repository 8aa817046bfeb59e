"""How a demonstration's institutions came along over the periods: who signed when, what was returned, who is silent.

Pure: the same for the same seed, no database, no clock. The story ends in November 2026; what a clock has not reached
yet, `InstitutionPlan.until` takes back.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from curricula.demo.courses import Taught
from curricula.demo.programmes import ProgrammePlan

ALMATY = ZoneInfo("Asia/Almaty")
STORY_ENDS = datetime(2026, 11, 24, 18, tzinfo=ALMATY)


@dataclass(frozen=True)
class Package:
    """One signing by an institution, and what the ministry decided about its staff figures."""

    period: str
    number: int
    signed_at: datetime
    decided_at: datetime | None
    state: str
    reason: str
    note: str
    faculty_total: int
    faculty_trained: int


@dataclass(frozen=True)
class VersionPlan:
    """One curriculum version; `package` is the number of its package in the period, None for a draft."""

    period: str
    programme: str
    number: int
    students: int | None
    lines: tuple[Taught, ...]
    edited_at: datetime
    package: int | None = None
    submitted_at: datetime | None = None
    state: str = "draft"
    decided_at: datetime | None = None
    reason: str = ""


@dataclass
class InstitutionPlan:
    """All that is made of an institution; versions in the order in which they came."""

    programmes: list[ProgrammePlan]
    packages: list[Package] = field(default_factory=list)
    versions: list[VersionPlan] = field(default_factory=list)

    def until(self, now: datetime) -> "InstitutionPlan":
        """The story as far as the clock has come: later decisions are open, later signings have not happened yet."""
        packages = [
            replace(package, state="submitted", decided_at=None, reason="")
            if package.decided_at and package.decided_at > now
            else package
            for package in self.packages
            if package.signed_at <= now
        ]
        kept: dict[tuple[str, str], list[VersionPlan]] = defaultdict(list)
        for version in self.versions:
            before = kept[version.period, version.programme]
            if not before or before[-1].state in ("approved", "returned"):
                before.append(version_until(version, now))
        return InstitutionPlan(self.programmes, packages, [one for chain in kept.values() for one in chain])


def version_until(version: VersionPlan, now: datetime) -> VersionPlan:
    if version.submitted_at and version.submitted_at > now:
        edited = min(version.edited_at, now)
        return replace(
            version,
            package=None,
            submitted_at=None,
            state="draft",
            decided_at=None,
            reason="",
            edited_at=edited,
        )
    if version.decided_at and version.decided_at > now:
        return replace(version, state="submitted", decided_at=None, reason="")
    return replace(version, edited_at=min(version.edited_at, now))


@dataclass(frozen=True)
class Collection:
    """How one institution's collection of one period went: when it first signed, when that was decided."""

    period: str
    drafts_only: bool
    signed_at: datetime
    decided_at: datetime


# For each period: which shares of institutions did not report at all, only drafted, or signed late.
SHARES = {"2024": (0.30, 0.36, 0.50), "2025": (0.04, 0.07, 0.22), "2026": (0.05, 0.09, 0.26)}

# First and last day of signing, on time and late, and within how many days the ministry decided.
ON_TIME = {
    "2024": ("2024-09-25", "2024-11-01", 25),
    "2025": ("2025-09-20", "2025-11-05", 25),
    "2026": ("2026-09-12", "2026-10-23", 7),
}
LATE = {
    "2024": ("2025-02-12", "2025-04-10", 20),
    "2025": ("2026-01-12", "2026-05-10", 20),
    "2026": ("2026-11-02", "2026-11-22", 12),
}
CORRECTIONS = {"2024": ("2025-04-25", "2025-06-05", 9), "2025": ("2026-05-01", "2026-06-05", 9)}


def first_signing(random: Random, period: str, habit: float) -> Collection | None:
    """None for an institution that stays silent. `habit` is its own luck, which it mostly keeps over the periods."""
    luck = habit if random.random() < 0.65 else random.random()
    silent, drafting, late = SHARES[period]
    signed, decided = signing(random, (LATE if luck < late else ON_TIME)[period])
    return None if luck < silent else Collection(period, luck < drafting, signed, decided)


def correction(random: Random, collection: Collection, after: datetime) -> tuple[datetime, datetime] | None:
    """When corrections were signed and decided that came after all else; None if it was too late in the year."""
    if collection.period not in CORRECTIONS:
        return None
    signed, decided = signing(random, CORRECTIONS[collection.period])
    return (signed, decided) if signed > after else None


def mending(random: Random, collection: Collection) -> tuple[datetime, datetime]:
    signed = at_work(random, collection.decided_at + timedelta(days=random.randint(6, 24)))
    return signed, at_work(random, signed + timedelta(days=random.randint(2, 8)))


def signing(random: Random, days: tuple[str, str, int]) -> tuple[datetime, datetime]:
    first, last = (datetime.fromisoformat(day).replace(tzinfo=ALMATY) for day in days[:2])
    signed = at_work(random, first + (last - first) * random.random())
    return signed, at_work(random, signed + timedelta(days=random.randint(2, days[2])))


def at_work(random: Random, moment: datetime) -> datetime:
    """A moment of the same day or the next working day at which people sign and decide."""
    day = moment + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[moment.weekday()])
    hour, minute, second = random.randint(9, 17), random.randint(0, 59), random.randint(0, 59)
    return day.replace(hour=hour, minute=minute, second=second, microsecond=0)

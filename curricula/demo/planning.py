"""Plans everything that a demonstration shows of one institution. Pure: the same for the same seed."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from curricula.demo.courses import Taught, plan_ai, plan_courses
from curricula.demo.programmes import Place, ProgrammePlan, plan_programmes
from curricula.demo.progress import (
    Collection,
    InstitutionPlan,
    Package,
    VersionPlan,
    correction,
    first_signing,
    mending,
)
from curricula.demo.reasons import NOTES, RETURNED, STAFF_RETURNED

PERIODS = ("2024", "2025", "2026")

# Shares of programmes that teach AI, at the first signing of a period and after its corrections.
TAKEN_UP = {"2024": (0.27, 0.38), "2025": (0.49, 0.60), "2026": (0.86, 0.86)}

# What the field and the kind of institution do to these shares.
FIELD_PULL = {
    "06": 1.3,
    "01": 1.08,
    "07": 1.05,
    "03": 0.95,
    "02": 0.9,
    "10": 0.93,
    "09": 0.7,
    "11": 0.72,
    "12": 0.85,
}
KIND_PULL = {"national": 1.08, "autonomous": 1.15, "private": 0.96, "departmental": 0.8}

TRAINED = {"2024": 0.19, "2025": 0.42, "2026": 0.55}
RETURN_RATE = {"2024": 0.10, "2025": 0.07, "2026": 0.05}

STUDENTS = {"6B": (18, 240), "7M": (4, 45), "8D": (1, 14)}


@dataclass(frozen=True)
class Wish:
    """How much of it: `programmes` an institution and `lines` a curriculum, as usual where it says None."""

    seed: int
    periods: tuple[str, ...] = PERIODS
    programmes: int | None = None
    lines: int | None = None


@dataclass
class Taking:
    """A programme with what it teaches, and how eager it is to teach AI: the smaller `at`, the earlier."""

    programme: ProgrammePlan
    ordinary: list[Taught]
    about_ai: list[Taught]
    at: float
    students: int

    def lines(self, share: float, exactly: int | None) -> tuple[Taught, ...]:
        """The curriculum once this share of programmes teaches AI; more AI the longer it has been taught."""
        count = 0
        if self.programme.is_ai_dedicated:
            count = len(self.about_ai)
        elif self.at < share:
            count = min(len(self.about_ai), 1 + int((share - self.at) / 0.2))
        kept = self.ordinary if exactly is None else self.ordinary[: exactly - count]
        return (*kept, *self.about_ai[:count])


def plan(place: Place, wish: Wish) -> InstitutionPlan:
    """The whole story of an institution, up to its end; see `InstitutionPlan.until`."""
    random = Random(f"{wish.seed}:{place.code}:story")  # noqa: S311
    programmes = plan_programmes(place, seed=wish.seed, exactly=wish.programmes)
    pull = KIND_PULL.get(place.kind, 1.0) * random.uniform(0.78, 1.18)
    takings = [take(place, programme, pull, wish) for programme in programmes]
    story, habit = InstitutionPlan(programmes), random.random()
    faculty, training = max(12, round(len(programmes) * random.uniform(4.5, 8))), random.uniform(0.7, 1.3)
    for period in wish.periods:
        collection = first_signing(random, period, habit)
        if collection:
            year = Year(random, collection, story, wish.lines, faculty, training)
            year.tell([taking for taking in takings if taught_in(taking.programme, period)])
        faculty = max(10, round(faculty * random.uniform(0.97, 1.04)))
    return story


def take(place: Place, programme: ProgrammePlan, pull: float, wish: Wish) -> Taking:
    random = Random(f"{wish.seed}:{place.code}:{programme.code}")  # noqa: S311
    ordinary = plan_courses(random, programme, exactly=wish.lines)
    return Taking(
        programme,
        ordinary,
        plan_ai(random, programme),
        at=random.random() / (pull * FIELD_PULL.get(programme.field, 1.0)),
        students=round(random.triangular(*STUDENTS[programme.level], STUDENTS[programme.level][0] * 2)),
    )


def taught_in(programme: ProgrammePlan, period: str) -> bool:
    first, last = date(int(period), 9, 1), date(int(period) + 1, 8, 31)
    return programme.active_from <= last and (programme.active_to is None or programme.active_to >= first)


@dataclass
class Year:
    """One institution's collection of one period, told into `story`."""

    random: Random
    collection: Collection
    story: InstitutionPlan
    exactly: int | None
    faculty: int
    training: float
    packages: list[Package] = field(default_factory=list)
    chains: dict[str, list[VersionPlan]] = field(default_factory=lambda: defaultdict(list))

    def tell(self, takings: list[Taking]) -> None:
        missing = 0.4 if self.collection.drafts_only else 0.025
        reported = [taking for taking in takings if self.random.random() > missing]
        if self.collection.drafts_only:
            self.draft(reported)
        elif reported:
            self.hand_in(reported, self.collection.signed_at, self.collection.decided_at, first=True)
            self.mend([taking for taking in reported if self.newest(taking).state == "returned"])
            self.correct([taking for taking in reported if self.newest(taking).state == "approved"])
        self.story.packages += self.packages
        self.story.versions += [version for chain in self.chains.values() for version in chain]

    def newest(self, taking: Taking) -> VersionPlan:
        return self.chains[taking.programme.code][-1]

    def mend(self, returned: list[Taking]) -> None:
        """Most of what was returned is handed in again; the rest has been a draft ever since."""
        mended = [taking for taking in returned if self.random.random() < 0.85]
        self.draft([taking for taking in returned if taking not in mended])
        if mended:
            self.hand_in(mended, *mending(self.random, self.collection))

    def correct(self, approved: list[Taking]) -> None:
        """In spring, programmes that have taken up AI since hand in a new version, which supersedes the approved."""
        before, after = TAKEN_UP[self.collection.period]
        taken_up = [
            taking
            for taking in approved
            if before <= taking.at < after and not taking.programme.is_ai_dedicated
        ]
        decided = [
            version.decided_at for chain in self.chains.values() for version in chain if version.decided_at
        ]
        moments = correction(self.random, self.collection, max(decided))
        if taken_up and moments:
            self.hand_in(taken_up, *moments, share=after)

    def hand_in(
        self,
        takings: list[Taking],
        signed_at: datetime,
        decided_at: datetime,
        *,
        first: bool = False,
        share: float = 0,
    ) -> None:
        period = self.collection.period
        self.packages.append(self.package(signed_at, decided_at, may_return=first))
        for index, taking in enumerate(takings):
            returned = first and self.random.random() < RETURN_RATE[period]
            version = self.version(taking, signed_at, share or TAKEN_UP[period][0])
            self.chains[taking.programme.code].append(
                replace(
                    version,
                    package=len(self.packages),
                    submitted_at=signed_at,
                    state="returned" if returned else "approved",
                    decided_at=decided_at + timedelta(seconds=40 + 75 * index),
                    reason=self.random.choice(RETURNED) if returned else "",
                )
            )

    def draft(self, takings: list[Taking]) -> None:
        for taking in takings:
            version = self.version(taking, self.collection.decided_at, TAKEN_UP[self.collection.period][0])
            self.chains[taking.programme.code].append(version)

    def version(self, taking: Taking, edited_before: datetime, share: float) -> VersionPlan:
        chain = self.chains[taking.programme.code]
        known = chain[-1].students if chain else round(taking.students * self.random.uniform(0.9, 1.1)) or 1
        return VersionPlan(
            period=self.collection.period,
            programme=taking.programme.code,
            number=len(chain) + 1,
            students=None if not chain and self.random.random() < 0.03 else known,
            lines=taking.lines(share, self.exactly),
            edited_at=edited_before - timedelta(minutes=self.random.randint(30, 4000)),
        )

    def package(self, signed_at: datetime, decided_at: datetime, *, may_return: bool) -> Package:
        """The staff figures grow a little from one signing of a period to the next."""
        returned = may_return and self.random.random() < 0.04
        share = min(0.95, TRAINED[self.collection.period] * self.training * (1 + 0.03 * len(self.packages)))
        return Package(
            period=self.collection.period,
            number=len(self.packages) + 1,
            signed_at=signed_at,
            decided_at=decided_at,
            state="returned" if returned else "approved",
            reason=self.random.choice(STAFF_RETURNED) if returned else "",
            note=self.random.choice(NOTES),
            faculty_total=self.faculty,
            faculty_trained=round(self.faculty * share),
        )

"""What a demonstration's universities say to the warnings of their curricula, so that what was signed could be signed.

Worked out from the plans, not by asking the database: the same rules, over what is about to be written.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from curricula.checking.rows import codes_of
from curricula.demo.courses import Taught
from curricula.demo.progress import VersionPlan
from curricula.demo.vocabulary import Course

REASONS = {
    "unchanged": "Жоспар өткен жылы жаңартылды, биыл өзгеріс қажет болмады.",
    "ai_gone": "Пән элективті тізімнен шығарылды, келесі жылы қайта енгізіледі.",
    "ai_less": "Часть тем перенесена в другие дисциплины по решению учёного совета.",
    "unmarked": "ЖИ тақырыбы тек бір дәрісте қарастырылады.",
    "unnamed": "Темы искусственного интеллекта составляют половину силлабуса; описание будет дополнено.",
}

Answer = tuple[str, Course | None]  # the code of a warning, and the course that it speaks of


class Chains:
    """All versions of an institution, to find what was approved before one of them."""

    def __init__(self, versions: Sequence[VersionPlan]) -> None:
        self.approved: dict[str, list[VersionPlan]] = defaultdict(list)
        for version in versions:
            if version.state == "approved":
                self.approved[version.programme].append(version)

    def last(self, version: VersionPlan) -> VersionPlan | None:
        """The newest that was approved before it in its period, else in the latest period before."""
        before = [
            one
            for one in self.approved[version.programme]
            if (one.period, one.number) < (version.period, version.number)
        ]
        return max(before, key=lambda one: (one.period, one.number), default=None)


def answers(
    version: VersionPlan, last: VersionPlan | None, suggested: Callable[[Course], str]
) -> Iterator[Answer]:
    """The warnings of a version that ask for a reason, each once."""
    if last:
        if last.period != version.period and last.lines == version.lines:
            yield "unchanged", None
        lines, ects = _ai(version.lines)
        lines_before, ects_before = _ai(last.lines)
        if lines_before and not lines:
            yield "ai_gone", None
        elif lines < lines_before or ects < ects_before:
            yield "ai_less", None
    for course in {course.code: course for course, _semester in version.lines}.values():
        for code in codes_of(ai_category=course.ai_category, evidence=True, suggested=suggested(course)):
            yield code, course


def _ai(lines: Sequence[Taught]) -> tuple[int, Decimal]:
    credits_of_ai = [Decimal(course.credits) for course, _semester in lines if course.ai_category != "none"]
    return len(credits_of_ai), sum(credits_of_ai, Decimal())

"""What the review screen shows of a submission, in a fixed number of queries."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, Sum

from curricula.cases import Case, cases
from curricula.checking import Finding
from curricula.models import AISum, CurriculumVersion, Submission
from curricula.precedents import attach_precedents
from curricula.warnings import submission_warnings

# Of one submission and of what was returned in its period; a university has some hundred programmes.
MOST_SETTLED = 1000


@dataclass
class Sheet:
    """All that the review screen shows of a submission."""

    submission: Submission
    waiting: list[Case] = field(default_factory=list)
    decided: list[CurriculumVersion] = field(default_factory=list)
    history: list[CurriculumVersion] = field(default_factory=list)
    packages: list[Submission] = field(default_factory=list)
    last_figures: Submission | None = None
    warnings: list[Finding] = field(default_factory=list)
    ai: dict[str, Any] = field(default_factory=dict)

    @property
    def quiet(self) -> list[Case]:
        """What waits without warnings."""
        return [case for case in self.waiting if not case.warnings]

    @property
    def is_waiting(self) -> bool:
        """Whether anything is left to decide: a curriculum or the staff figures."""
        return bool(self.waiting) or self.submission.state == Submission.State.SUBMITTED

    @property
    def students(self) -> int:
        versions = [*(case.version for case in self.waiting), *self.decided]
        return sum(version.students or 0 for version in versions)

    @property
    def total(self) -> int:
        return len(self.waiting) + len(self.decided)


def sheet(submission: Submission) -> Sheet:
    """Everything in a fixed number of queries; what looks odd comes first."""
    mine = CurriculumVersion.objects.filter(submission=submission)
    waiting = cases(mine.awaiting_review())
    waiting.sort(key=lambda case: not case.warnings)
    attach_precedents(waiting)
    same = {"institution": submission.institution_id, "period": submission.period_id}
    settled = list(
        CurriculumVersion.objects.filter(Q(submission=submission) | Q(**same, state="returned"))
        .filter(state__in=["approved", "returned"])
        .select_related("programme", "decided_by")
        .order_by("-decided_at")[:MOST_SETTLED]
    )
    decided = [version for version in settled if version.submission_id == submission.pk]
    packages = list(
        Submission.objects.filter(Q(**same) | Q(period__code__lt=submission.period.code, valid_to=None))
        .filter(Q(**same) | Q(state="approved"), institution=submission.institution_id)
        .select_related("signed_by", "decided_by", "period")
        .order_by("-period__code", "-number")
    )
    return Sheet(
        submission=submission,
        waiting=waiting,
        decided=sorted(decided, key=lambda version: version.programme.code),
        history=[version for version in settled if version.state == "returned"],
        packages=[one for one in packages if one.period_id == submission.period_id],
        last_figures=next(
            (
                one
                for one in packages
                if one.pk != submission.pk and one.state == "approved" and not one.valid_to
            ),
            None,
        ),
        warnings=submission_warnings(Submission.objects.filter(pk=submission.pk)).get(submission.pk, []),
        ai=AISum.objects.filter(version__submission=submission).aggregate(
            lines=Sum("lines"), credits=Sum("credits"), curricula=Count("version", distinct=True)
        ),
    )

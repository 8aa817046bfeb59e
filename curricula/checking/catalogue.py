"""The rules: what each says, where it comes from, and how what it finds is mended. docs/checks.md lists the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from curricula.spreadsheets.columns import CREDITS_LEAST, CREDITS_LIMIT

Text = str | Promise

# AI credits are far above the median of the field where they are more than so many times it and so many credits more;
# fewer curricula than this have no median worth the name.
FAR_TIMES = 3
FAR_CREDITS = 10
ENOUGH_CURRICULA = 10


class Kind(StrEnum):
    """What a finding asks for: a fault forbids to sign, a reason must be given, a note is for the reviewer."""

    FAULT = "fault"
    REASON = "reason"
    NOTE = "note"


@dataclass(frozen=True)
class Rule:
    """One rule: `title` names it, `says` is the sentence of what was found, with the facts of the finding."""

    code: str
    kind: Kind
    title: Text
    says: Text
    source: Text
    remedy: Text


METHODOLOGY = _("Methodology, version 1: what counts as an AI discipline")
STANDARD = _(
    "State standard of higher education, order No. 2 of 20 July 2022: 60 credits a year, 30 a semester"
)
CLASSIFIER = _("Classifier of training directions, order No. 569 of 13 October 2018")
COLLECTION = _("Rules of the collection: what differs from the last approved year is explained")

RULES: Mapping[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule(
            "credits_range",
            Kind.FAULT,
            _("Credits of a discipline"),
            _("“%(discipline)s” has %(credits)s credits; a discipline has from %(least)s to %(most)s."),
            STANDARD,
            _("Correct the credits. What is taught over several semesters stands in a line for each."),
        ),
        Rule(
            "programme_code",
            Kind.FAULT,
            _("Code of a programme"),
            _("The code %(code)s does not fit the level (%(level)s) or the direction (%(direction)s)."),
            CLASSIFIER,
            _("Ask the ministry to correct the registry: the code begins with the level and the direction."),
        ),
        Rule(
            "duplicate_line",
            Kind.FAULT,
            _("A discipline listed twice"),
            _("“%(discipline)s” is listed twice in one semester."),
            _("Rules of the collection: a discipline counts once a semester"),
            _("Remove one of the two lines."),
        ),
        Rule(
            "no_evidence",
            Kind.FAULT,
            _("Evidence of an AI discipline"),
            _("“%(discipline)s” is marked as AI and has no evidence."),
            METHODOLOGY,
            _(
                "Add a link to the line, or a link or a PDF to the discipline; that then serves all programmes."
            ),
        ),
        Rule(
            "ai_above_median",
            Kind.REASON,
            _("AI credits far above the median of the field"),
            _(
                "%(credits)s AI credits; the median of %(field)s in %(period)s is %(median)s"
                " (of %(count)s approved curricula with AI)."
            ),
            _("Approved curricula of the period before, see the methodology"),
            _("Check the AI categories and credits; if they are right, say why."),
        ),
        Rule(
            "unchanged",
            Kind.REASON,
            _("Nothing changed since last year"),
            _("Every line is as it was approved for %(period)s."),
            COLLECTION,
            _("Bring the curriculum up to date; if it is, say so."),
        ),
        Rule(
            "ai_gone",
            Kind.REASON,
            _("No AI any more"),
            _(
                "There is no AI discipline; the last approved curriculum had %(lines_was)s, with %(credits_was)s"
                " credits."
            ),
            COLLECTION,
            _("Check whether an AI category was forgotten; if not, say why AI is taught no more."),
        ),
        Rule(
            "ai_less",
            Kind.REASON,
            _("Less AI than before"),
            _(
                "AI disciplines went from %(lines_was)s to %(lines)s and their credits from %(credits_was)s to"
                " %(credits)s since the last approval."
            ),
            COLLECTION,
            _("Check whether an AI category was forgotten; if not, say why there is less."),
        ),
        Rule(
            "unnamed",
            Kind.REASON,
            _("Called AI, but nothing speaks of it"),
            _("“%(discipline)s” has an AI category, but its title and description do not speak of AI."),
            METHODOLOGY,
            _("Describe what of AI is taught in it, or correct the category; else say why it is AI."),
        ),
        Rule(
            "unmarked",
            Kind.REASON,
            _("Seems AI, but is not marked"),
            _("“%(discipline)s” speaks of AI in its title or description, but has no AI category."),
            METHODOLOGY,
            _("Choose the AI category; if there is no AI in it, say why."),
        ),
        Rule(
            "not_mended",
            Kind.NOTE,
            _("Returned and not mended"),
            _("Nothing has changed since it was returned."),
            _("The reviewer's reason for the return"),
            _("Correct what the ministry asked for."),
        ),
        Rule(
            "no_students",
            Kind.NOTE,
            _("Number of students"),
            _("The number of students is not given."),
            _("Methodology, version 1: students reached"),
            _("Enter how many students study by it."),
        ),
        Rule(
            "credits",
            Kind.NOTE,
            _("Credits of the whole curriculum"),
            _("%(total)s credits in all; programmes of this level have about %(usual)s."),
            STANDARD,
            _("Check whether lines are missing or stand there twice."),
        ),
        Rule(
            "faculty_share",
            Kind.NOTE,
            _("Share of faculty trained in AI"),
            _(
                "The share of faculty trained in AI went from %(was)s %% to %(now)s %% since the last approval."
            ),
            COLLECTION,
            _("Check both numbers of faculty."),
        ),
        Rule(
            "faculty_total",
            Kind.NOTE,
            _("Number of faculty"),
            _("The number of faculty went from %(was)s to %(now)s since the last approval."),
            COLLECTION,
            _("Check the number of faculty."),
        ),
    )
}
ORDER = {code: place for place, code in enumerate(RULES)}
CREDITS_FACTS = {"least": int(CREDITS_LEAST), "most": int(CREDITS_LIMIT)}


@dataclass(frozen=True)
class Finding:
    """One thing that a rule has found in a version; `str()` says it in the reader's language.

    `discipline` is the one that it speaks of, None if the whole curriculum. `reason` is what the institution says to
    it. `facts` are the numbers and names of the sentence; None where it was found before signing, a reason was given,
    and it would not be found now: then its rule alone is named.
    """

    code: str
    facts: dict[str, Any] | None = field(default_factory=dict)
    version: int = 0
    discipline: int | None = None
    reason: str = ""

    def __str__(self) -> str:
        return str(self.rule.title) if self.facts is None else str(self.rule.says) % self.facts

    @property
    def rule(self) -> Rule:
        return RULES[self.code]

    @property
    def is_fault(self) -> bool:
        return self.rule.kind is Kind.FAULT

    @property
    def asks_for_reason(self) -> bool:
        return self.rule.kind is Kind.REASON

    @property
    def key(self) -> str:
        """Names it in an address and a form: version, rule and discipline."""
        return f"{self.version}-{self.code}-{self.discipline or 0}"

    @property
    def about(self) -> tuple[int, str, int | None]:
        """What a reason is given for."""
        return (self.version, self.code, self.discipline)

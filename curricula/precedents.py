"""Precedents: how alike cases were decided before, so that what was approved yesterday is not returned today.

A discipline is like another of any university if its title is the same (`title_key`). A warning is like another if
its rule is the same, and its discipline's title, letter by letter, where it speaks of one; the rules that count are
those for which universities give reasons, as these stay with what was signed. Looked at are decisions of the period
and of the one before, but for those on the same submission. One query for any number of curricula.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet, TextField, Value, Window
from django.db.models.functions import RowNumber

from curricula.checking import Finding
from curricula.models import AICategory, CurriculumVersion, Line, Period, SignedDiscipline, WarningReason
from institutions.names import LANGUAGES, casefolded, first_title, localized

if TYPE_CHECKING:
    from curricula.cases import Case

# So many of the last decisions are shown of each kind.
SHOWN = 2
DECIDED = (CurriculumVersion.State.APPROVED, CurriculumVersion.State.RETURNED)
# Rules that speak of one discipline, and those that speak of a whole curriculum; reasons are given for both.
TAUGHT = "taught"  # stands for a rule where it is not a warning but a discipline
OF_DISCIPLINES = ("unnamed", "unmarked")
OF_CURRICULA = ("ai_above_median", "unchanged", "ai_gone", "ai_less")


class Decided(NamedTuple):
    """An earlier decision: on which curriculum, and what was said. `said` is the university's reason for a warning."""

    category: str
    times: int
    version: int
    programme: str
    name_kk: str
    name_ru: str
    name_en: str
    state: str
    reason: str
    said: str
    at: datetime

    @property
    def institution(self) -> str:
        return localized(self, "name")

    @property
    def category_name(self) -> str:
        return str(AICategory(self.category).label) if self.category else ""

    @property
    def is_return(self) -> bool:
        return self.state == CurriculumVersion.State.RETURNED


# Where each part of `Decided` stands, seen from a row that points to its version; in the order of the parts.
COLUMNS = (
    "category", "times", "version", "version__programme__code", *(f"institution__name_{one}" for one in LANGUAGES),
    "version__state", "version__reason", "said", "version__decided_at",
)  # fmt: skip


@dataclass
class Tally:
    """How often curricula that say the same were approved, and how often returned."""

    category: str = ""
    approved: int = 0
    returned: int = 0
    is_here: bool = False

    @property
    def category_name(self) -> str:
        return str(AICategory(self.category).label) if self.category else ""


@dataclass
class Precedent:
    """What was decided before on one discipline or one warning; `category` is the one that stands here."""

    subject: str
    category: str = ""
    tallies: list[Tally] = field(default_factory=list)
    last: list[Decided] = field(default_factory=list)

    @property
    def usual(self) -> Tally:
        """What was approved most often."""
        return max(self.tallies, key=lambda one: (one.approved, -one.returned, one.is_here))

    @property
    def is_unlike(self) -> bool:
        """Whether this category was approved less often than another of the same discipline."""
        here = next((one.approved for one in self.tallies if one.is_here), 0)
        return bool(self.category) and self.usual.approved > here


@dataclass(frozen=True)
class Precedents:
    """All that is known of cases like one curriculum."""

    disciplines: list[Precedent] = field(default_factory=list)
    warnings: list[Precedent] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.disciplines or self.warnings)

    @property
    def unlike(self) -> list[Precedent]:
        return [one for one in self.disciplines if one.is_unlike]


Known = Mapping[tuple[str, str], Sequence[Decided]]


def precedents(cases: Iterable["Case"]) -> dict[int, Precedents]:
    """By version; its lines must be prefetched with their disciplines. Versions without a precedent are left out."""
    looked_at = list(cases)
    if not looked_at:
        return {}
    decided = _decided([case.version for case in looked_at])
    titles = {title_key(line) for case in looked_at for line in case.ai_lines}
    warned = {_warning_key(one, case) for case in looked_at for one in case.warnings if _is_counted(one)}
    known = _known(titles, warned, decided)
    found = {case.version.pk: _precedents_of(case, known) for case in looked_at}
    return {version: some for version, some in found.items() if some}


def attach_precedents(cases: Sequence["Case"]) -> None:
    """To each case its own, for the page."""
    found = precedents(cases)
    for case in cases:
        case.precedents = found.get(case.version.pk)


def title_of(line: Line) -> str:
    """The title of a line's discipline as `first_title` has it in the database."""
    discipline = line.discipline
    return (discipline.title_ru or discipline.title_kk or discipline.title_en).strip()


def title_key(line: Line) -> str:
    """As `SignedDiscipline.title_key`."""
    return casefolded(title_of(line))


def _precedents_of(case: "Case", known: Known) -> Precedents:
    lines = {(title_key(line), line.ai_category): line for line in case.ai_lines}
    return Precedents(
        disciplines=[
            precedent
            for (title, category), line in lines.items()
            if (precedent := _precedent(known.get((TAUGHT, title), ()), line.discipline.title, category))
        ],
        warnings=[
            precedent
            for warning in case.warnings
            if _is_counted(warning)
            and (precedent := _precedent(known.get(_warning_key(warning, case), ()), str(warning)))
        ],
    )


def _precedent(decided: Sequence[Decided], subject: str, category: str = "") -> Precedent | None:
    if not decided:
        return None
    tallies: dict[str, Tally] = {}
    for one in decided:
        tally = tallies.setdefault(
            one.category, Tally(one.category, is_here=bool(category) and one.category == category)
        )
        if one.is_return:
            tally.returned = one.times
        else:
            tally.approved = one.times
    # Returns first: their reasons are what a reviewer looks for.
    last = sorted(decided, key=lambda one: (not one.is_return, -one.at.timestamp()))[: 2 * SHOWN]
    ordered = sorted(tallies.values(), key=lambda one: (-one.approved, -one.returned, one.category))
    return Precedent(subject, category, ordered, last)


def _is_counted(warning: Finding) -> bool:
    return warning.code in OF_DISCIPLINES or warning.code in OF_CURRICULA


def _warning_key(warning: Finding, case: "Case") -> tuple[str, str]:
    if warning.code in OF_CURRICULA:
        return warning.code, ""
    line = next((line for line in case.lines if line.discipline_id == warning.discipline), None)
    return warning.code, title_of(line) if line else ""


def _decided(versions: Sequence[CurriculumVersion]) -> Q:
    """Decided versions that may be a precedent, seen from a row that points to its version."""
    newest = max(version.period.code for version in versions)
    periods = Period.objects.filter(code__lte=newest).order_by("-code").values("pk")[:2]
    own = {version.submission_id for version in versions if version.submission_id}
    return Q(version__state__in=DECIDED, version__period__in=periods) & ~Q(version__submission__in=own)


def _known(titles: set[str], warnings: set[tuple[str, str]], decided: Q) -> Known:
    """By rule and title; both kinds in one query."""
    found = _of_disciplines(titles, decided).union(_of_warnings(warnings, decided), all=True)
    known: dict[tuple[str, str], list[Decided]] = defaultdict(list)
    for rule, key, *rest in found:
        known[rule, key or ""].append(Decided(*rest))
    return known


def _of_disciplines(titles: set[str], decided: Q) -> QuerySet[Any, Any]:
    rows = SignedDiscipline.objects.filter(decided, title_key__in=titles)
    return _last(
        rows.annotate(rule=_text(TAUGHT), key=F("title_key"), category=F("ai_category"), said=_text(""))
    )


def _of_warnings(keys: set[tuple[str, str]], decided: Q) -> QuerySet[Any, Any]:
    whole = Q(code__in=[code for code, title in keys if not title], discipline=None)
    parts = Q(
        code__in=[code for code, title in keys if title], key__in=[title for _code, title in keys if title]
    )
    rows = WarningReason.objects.annotate(key=first_title("discipline__")).filter(decided, whole | parts)
    return _last(rows.annotate(rule=F("code"), category=_text(""), said=F("reason")))


def _text(text: str) -> Value:
    return Value(text, output_field=TextField())


def _last(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """Of all rows alike in rule, title, category and decision the last few, each with how many there are."""
    alike = ["rule", "key", "category", "version__state"]
    newest = [F("version__decided_at").desc(), F("version").desc()]
    return (
        rows.order_by()
        .annotate(
            times=Window(Count("pk"), partition_by=alike),
            place=Window(RowNumber(), partition_by=alike, order_by=newest),
        )
        .filter(place__lte=SHOWN)
        .values_list("rule", "key", *COLUMNS)
    )

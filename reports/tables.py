"""The public tables: what a row of each consists of, said once for the API, its schema, and the files of a release."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, DecimalField, F, Func, Model, QuerySet, TextField, When
from django.db.models.expressions import Combinable, Expression
from django.db.models.functions import Cast

from curricula.models import AICategory, Component, Field, Programme
from institutions.models import Institution, Region
from reports import assessing, indicators
from reports.models import Assessment, Coverage, Indicator, Outcome, ReferenceValue, Release, Requirement
from reports.movements import Cause

PLACES: Any = DecimalField(max_digits=7, decimal_places=6)
LANGUAGES = {"kk": "Kazakh", "ru": "Russian", "en": "English"}


@dataclass(frozen=True)
class Column:
    """A column by its public name. `source` is a lookup or an expression; None where a view fills it in."""

    name: str
    source: str | Combinable | None
    type: str  # text, integer, share, credits, date, moment, flag, codes, address
    description: str
    choices: tuple[str, ...] = ()
    nullable: bool = False


@dataclass(frozen=True, eq=False)
class Table:
    """A public table; `model` holds its rows. Descriptions are in English: they are for programmers."""

    name: str
    model: type[Model]
    description: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def lookups(self) -> dict[str, Any]:
        """Each column that the database fills in, by name: a lookup, or an expression to annotate with."""
        return {column.name: column.source for column in self.columns if column.source is not None}

    def select(self, queryset: QuerySet[Any], extra: Sequence[str] = ()) -> QuerySet[Any, tuple[Any, ...]]:
        """The rows as tuples in the order of `lookups`, then the `extra` lookups."""
        lookups = self.lookups()
        computed = {f"column_{name}": how for name, how in lookups.items() if not isinstance(how, str)}
        found = [how if isinstance(how, str) else f"column_{name}" for name, how in lookups.items()]
        # A lookup may be asked for twice, as a column and as an extra; values_list would give it once.
        doubled = {f"extra_{place}": F(lookup) for place, lookup in enumerate(extra)}
        return queryset.annotate(**computed, **doubled).values_list(*found, *doubled)


class RoundedShare(Func):
    """`part / whole` to six places, half to even, NULL where there is nothing to divide by; integers all the way.

    `up` is rounded half up; where that was a tie and came out odd, the even neighbour is one lower.
    """

    template = """(
        SELECT ((up - (mod(total, 2 * whole) = 0 AND mod(up, 2) = 1)::int)::numeric / 1000000)::numeric(7, 6)
        FROM (SELECT total, whole, total / (2 * whole) AS up FROM (
            SELECT 2000000 * part::bigint + nullif(whole, 0)::bigint AS total, nullif(whole, 0)::bigint AS whole
            FROM (SELECT %(expressions)s) AS given (part, whole)
        ) AS doubled) AS rounded
    )"""
    arity = 2
    output_field = PLACES


def as_text(expression: str | Combinable) -> Expression:
    return Cast(F(expression) if isinstance(expression, str) else expression, TextField())


def where_approved(name: str) -> Case:
    """A count of an assessment, NULL where there was no curriculum to count in: a missing figure is no zero."""
    return Case(When(version=None, then=None), default=F(name))


SHARE = RoundedShare(F("met"), F("in_scope") - F("exempt"))
SHARE_OF_REPORTED = RoundedShare(F("met"), F("met") + F("not_met"))


def named(thing: str, source: str = "name") -> tuple[Column, ...]:
    return tuple(
        Column(f"{source}_{code}", f"{source}_{code}", "text", f"{thing} in {language}.")
        for code, language in LANGUAGES.items()
    )


RELEASE = Column("release", "snapshot__release__number", "integer", "Number of the release.")
PERIOD = Column(
    "period", "snapshot__period__code", "text", "Academic year: `2025` is the academic year 2025/26."
)
REQUIREMENT = Column("requirement", "requirement__code", "text", "Code of the requirement of the mandate.")
KEY = Column("key", "key", "text", "Code within the dimension; empty for the nation, `KZ-71,6B` for a pair.")

COUNTS = (
    Column("in_scope", "in_scope", "integer", "Programmes that the requirement covers."),
    Column("met", "met", "integer", "Programmes that meet it."),
    Column("not_met", "not_met", "integer", "Programmes that have reported and do not meet it."),
    Column("no_data", "no_data", "integer", "Programmes without an approved curriculum for the period."),
    Column("exempt", "exempt", "integer", "Programmes that are excused from it."),
    Column(
        "share", as_text(SHARE), "share", "met / (in_scope - exempt): silence counts against. Six places, half to "
        "even; null where nothing is in scope.", nullable=True,
    ),
    Column(
        "share_of_reported", as_text(SHARE_OF_REPORTED), "share", "met / (met + not_met). Six places, half to even; "
        "null where nothing is reported.", nullable=True,
    ),
)  # fmt: skip

COVERAGE = Table(
    "coverage",
    Coverage,
    "Counts and shares of programmes by outcome, for each key of each dimension.",
    (
        RELEASE,
        PERIOD,
        REQUIREMENT,
        Column("dimension", "dimension", "text", "By what the programmes are counted.", assessing.DIMENSIONS),
        KEY,
        *COUNTS,
    ),
)

CROSSINGS = Table(
    "crossings",
    Assessment,
    "Counts and shares of programmes by any combination of dimensions, of a release or as at a past moment; counted "
    "when asked for.",
    (
        Column(
            "release", None, "integer", "Number of the release; null as at another moment.", nullable=True
        ),
        Column("period", None, "text", PERIOD.description),
        Column("as_at", None, "moment", "The moment that the counts describe."),
        Column("requirement", None, "text", REQUIREMENT.description),
        Column("dimension", None, "text", "By what the programmes are counted, joined by commas."),
        Column(
            "key",
            None,
            "text",
            "Codes in the order of the dimensions; empty for the nation, `KZ-71,6B,kk` for three.",
        ),
        *(
            Column(column.name, None, column.type, column.description, nullable=column.nullable)
            for column in COUNTS
        ),
    ),
)

INDICATORS = Table(
    "indicators",
    Indicator,
    "Indicators, each with its numerator, its denominator and how many are missing from it.",
    (
        RELEASE,
        Column("indicator", "indicator", "text", "Code of the indicator.", indicators.NAMES),
        Column("dimension", "dimension", "text", "By what is counted.", indicators.DIMENSIONS),
        KEY,
        Column("numerator", "numerator", "integer", "The part."),
        Column("denominator", "denominator", "integer", "The whole; 0 where there is nothing to divide by."),
        Column("missing", "missing", "integer", "How many of the whole have not reported."),
    ),
)

PROGRAMMES = Table(
    "programmes",
    Assessment,
    "The outcome of each requirement for each programme that it covers, and what it was counted by.",
    (
        RELEASE,
        Column("institution", "institution__code", "text", "Code of the institution."),
        Column("code", "programme__code", "text", "Code of the programme: level, direction, number."),
        Column("title_kk", "programme__title_kk", "text", "Title in Kazakh."),
        Column("title_ru", "programme__title_ru", "text", "Title in Russian."),
        Column("title_en", "programme__title_en", "text", "Title in English."),
        Column("region", "region_code", "text", "Region of the institution as at the release (ISO 3166-2)."),
        Column(
            "kind", "kind", "text", "Kind of institution as at the release.", tuple(Institution.Kind.values)
        ),
        Column(
            "level", "level", "text", "`6B` bachelor, `7M` master, `8D` doctorate.",
            tuple(Programme.Level.values),
        ),
        Column("field", "field_code", "text", "Field of education."),
        Column("language", "language", "text", "Language of instruction.", tuple(Programme.Language.values)),
        REQUIREMENT,
        Column("outcome", "outcome", "text", "Outcome as at the release.", tuple(Outcome.values)),
        Column(
            "ai_disciplines", where_approved("ai_disciplines"), "integer",
            "AI disciplines that the requirement accepts; null where no curriculum is approved.", nullable=True,
        ),
        Column(
            "ai_credits", as_text(where_approved("ai_credits")), "credits",
            "Their ECTS credits; null where no curriculum is approved.", nullable=True,
        ),
        # In the caller's language; files, which are for all, say it in each (`files.filling.with_reasons`).
        Column("reason", None, "text", "Why, in words of the caller's language."),
    ),
)  # fmt: skip

MOVEMENTS = Table(
    "movements",
    Assessment,
    "What moved the counts since an earlier release, by cause; the causes of a key add up to the difference exactly. "
    "Unless `since` names another, it is the last one before that stands: what a release corrects is passed over.",
    (
        Column("release", None, "integer", "Number of the release."),
        Column("since", None, "integer", "Number of the release that it is compared with."),
        Column("requirement", None, "text", "Code of the requirement of the mandate."),
        Column("dimension", None, "text", "By what the programmes are counted.", assessing.DIMENSIONS),
        Column("key", None, "text", KEY.description),
        Column("cause", None, "text", "What moved them.", tuple(Cause.values)),
        Column("programmes", None, "integer", "Programmes that moved."),
        Column("gained", None, "integer", "Of these: meet the requirement now and did not before."),
        Column("lost", None, "integer", "Of these: met it before and do not now."),
        Column("joined", None, "integer", "Of these: in the denominator now and not before."),
        Column("left", None, "integer", "Of these: in the denominator before and not now."),
    ),
)

EXPOSURE = Table(
    "exposure",
    Field,
    "How exposed the work that a field of education trains for is to generative AI (Gmyrek et al. 2025, ILO Working "
    "Paper 140), beside the coverage of the field in a release. Fields are joined with occupations as linked today.",
    (
        Column("release", None, "integer", "Number of the release that the counts are of.", nullable=True),
        Column("requirement", None, "text", "Code of the requirement of the mandate.", nullable=True),
        Column("field", None, "text", "Field of education."),
        Column(
            "exposure", None, "share", "Mean of the mean scores of its occupations, from 0 to 1. Six places, half to "
            "even; null without a link.", nullable=True,
        ),
        Column("occupations", None, "integer", "Occupations of ISCO-08 that it trains for."),
        Column("occupations_exposed", None, "integer", "Of these: exposed, of gradient 1 or above."),
        Column("in_scope", None, "integer", "Programmes that the requirement covers."),
        Column("met", None, "integer", "Programmes that meet it."),
        Column("exempt", None, "integer", "Programmes that are excused from it."),
        Column(
            "share", None, "share", "met / (in_scope - exempt). Six places, half to even; null where nothing is in "
            "scope.", nullable=True,
        ),
    ),
)  # fmt: skip

METADATA = Table(
    "metadata",
    Indicator,
    "What each public figure is: its unit and source, how it is computed, what its limits are and what is missing from "
    "it; in the caller's language. Of the indicators, of `coverage` and of `exposure`.",
    (
        Column("key", None, "text", "Code of the indicator, or `coverage`, or `exposure`."),
        Column("name", None, "text", "What it is called."),
        Column("what", None, "text", "What it tells."),
        Column("unit", None, "text", "In what it is counted."),
        Column("source", None, "text", "What it is counted from."),
        Column("computed", None, "text", "How it is computed."),
        Column("limits", None, "text", "What it does not tell."),
        Column("missing", None, "text", "What is missing from it."),
    ),
)

REQUIREMENTS = Table(
    "requirements",
    Requirement,
    "The requirements that published figures were computed by.",
    (
        Column("code", "code", "text", "Code of the requirement."),
        Column("number", "number", "integer", "Version of the requirement."),
        Column("mandate", "mandate__code", "text", "Code of the mandate."),
        *named("Name"),
        Column("legal_reference", "legal_reference", "text", "Article of the order."),
        Column("levels", "levels", "codes", "Levels in scope; empty for all."),
        Column("fields", "fields", "codes", "Fields of education in scope; empty for all."),
        Column("kinds", "kinds", "codes", "Kinds of institutions in scope; empty for all."),
        Column("min_disciplines", "min_disciplines", "integer", "At least so many AI disciplines."),
        Column(
            "min_credits", as_text("min_credits"), "credits", "At least so many ECTS credits of them in all."
        ),
        Column(
            "categories",
            "categories",
            "codes",
            "AI categories that count.",
            tuple(value for value in AICategory.values),
        ),
        Column("components", "components", "codes", "Components that count.", tuple(Component.values)),
        Column("effective_from", "effective_from", "date", "First day in effect."),
        Column("effective_to", "effective_to", "date", "Day from which no longer in effect.", nullable=True),
    ),
)

# What an institution, region or field has of the coverage of a release: of its leading requirement, unless asked
# for another. Views fill it in, because a code is all that ties the two together.
COVERED = (
    Column(
        "release", None, "integer", "Number of the release that the counts are of; null where it has none.",
        nullable=True,
    ),
    Column("requirement", None, "text", "Code of the requirement.", nullable=True),
    *(Column(column.name, None, column.type, column.description, nullable=True) for column in COUNTS),
)  # fmt: skip

INSTITUTIONS = Table(
    "institutions",
    Institution,
    "The registry of institutions, with the coverage of each in a release.",
    (
        Column("code", "code", "text", "Code of the institution."),
        Column("kind", "kind", "text", "Kind of institution.", tuple(Institution.Kind.values)),
        *named("Name"),
        Column("region", "region__code", "text", "Region (ISO 3166-2)."),
        Column("city", "city", "text", "City."),
        Column("website", "website", "address", "Website."),
        *COVERED,
    ),
)

REGIONS = Table(
    "regions",
    Region,
    "Regions and cities of republican significance, with the coverage of each in a release.",
    (
        Column("code", "code", "text", "ISO 3166-2."),
        Column("kind", "kind", "text", "Region or city.", tuple(Region.Kind.values)),
        *named("Name"),
        *COVERED,
    ),
)

FIELDS = Table(
    "fields",
    Field,
    "Fields of education and training directions; fields with the coverage of each in a release.",
    (
        Column("code", "code", "text", "Two digits for a field of education, three for a direction."),
        Column("kind", "kind", "text", "Field of education or training direction.", tuple(Field.Kind.values)),
        Column("parent", "parent__code", "text", "Field of a direction.", nullable=True),
        *named("Name"),
        *named("Short name", "short_name"),
        Column("isced_f", "isced_f", "text", "Nearest code of ISCED-F 2013."),
        *COVERED,
    ),
)

REFERENCE_VALUES = Table(
    "reference-values",
    ReferenceValue,
    "Figures stated in public by others, with their sources; never mixed with ours.",
    (
        Column("code", "code", "text", "Code of the statement."),
        Column("indicator", "indicator", "text", "Indicator that it speaks of; empty for others."),
        Column("value", as_text("value"), "credits", "What was stated."),
        Column("unit", "unit", "text", "Count or per cent.", tuple(ReferenceValue.Unit.values)),
        Column("stated_on", "stated_on", "date", "When it was stated."),
        *named("Statement", "text"),
        *named("Source", "source"),
    ),
)

RELEASES = Table(
    "releases",
    Release,
    "Published releases: which moment each describes, and by which rules.",
    (
        Column("number", "number", "integer", "Number of the release."),
        PERIOD,
        Column("as_at", "snapshot__as_at", "moment", "The moment that the figures describe."),
        Column("published_at", "publish_at", "moment", "Since when it is public."),
        Column(
            "methodology_version",
            "snapshot__methodology_version",
            "integer",
            "Version of the methodology.",
        ),
        Column("fingerprint", "snapshot__fingerprint", "text", "SHA-256 over the inputs of all figures."),
        Column("programmes", "snapshot__programmes", "integer", "Programmes taught in the period."),
        Column("demonstration", "snapshot__demonstration", "flag", "Whether the data are generated."),
        *named("Notes", "notes"),
        Column(
            "correction_reason", "correction_reason", "text", "What was wrong in the release it corrects."
        ),
        Column("corrects", None, "integer", "Release that this one corrects.", nullable=True),
        Column("corrected_by", None, "integer", "Newer release that corrects this one.", nullable=True),
    ),
)

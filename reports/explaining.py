"""Why a programme has its outcome, in words that a rector can act on."""

import json
from decimal import Decimal
from typing import Any

from django.db.models import F, Func, JSONField, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curricula.models import Period
from reports.models import Assessment, Outcome, Requirement, Snapshot


def reason(
    outcome: str,
    *,
    disciplines: int,
    credit_sum: Decimal | str,
    min_disciplines: int,
    min_credits: Decimal,
    period: str,
) -> str:
    """From what stands in the assessment and what the requirement asks for; no query."""
    if outcome == Outcome.EXEMPT:
        return _("excused by a decision of the ministry")
    if outcome == Outcome.NO_DATA:
        return _("no approved curriculum for %(period)s") % {"period": period}
    if outcome == Outcome.NOT_MET:
        return _lacking(disciplines, Decimal(credit_sum), min_disciplines, min_credits)
    return _found(disciplines, Decimal(credit_sum))


def of(assessment: Assessment, requirement: Requirement, period: str) -> str:
    return reason(
        assessment.outcome,
        disciplines=assessment.ai_disciplines,
        credit_sum=assessment.ai_credits,
        min_disciplines=requirement.min_disciplines,
        min_credits=requirement.min_credits,
        period=period,
    )


# What the words depend on: alike programmes of a snapshot have the same.
ALIKE = ("snapshot_id", "requirement_id", "outcome", "ai_disciplines", "ai_credits")


def in_words(assessments: QuerySet[Assessment], language: str) -> Any:
    """An expression for the rows of these assessments: the reason of each in the language; three queries.

    All rows are gone through once to find which are alike, so nothing is joined to them there.
    """
    kinds = list(assessments.order_by().values_list(*ALIKE).distinct())
    requirements = Requirement.objects.in_bulk({requirement for _snapshot, requirement, *_rest in kinds})
    snapshots = Snapshot.objects.filter(pk__in={snapshot for snapshot, *_rest in kinds})
    periods = dict(snapshots.values_list("pk", "period__code"))
    told = {}
    with translation.override(language):
        for alike in kinds:
            snapshot, requirement, outcome, disciplines, credit_sum = alike
            told[alike] = reason(
                outcome,
                disciplines=disciplines,
                credit_sum=credit_sum,
                min_disciplines=requirements[requirement].min_disciplines,
                min_credits=requirements[requirement].min_credits,
                period=Period(code=periods[snapshot]).name,
            )
    # Each column of the key costs every row something: release and requirement stand in it where words depend on them.
    for first in (2, 1, 0):
        words: dict[str, str] = {}
        keyed = (("|".join(map(str, alike[first:])), text) for alike, text in told.items())
        if all(words.setdefault(key, text) == text for key, text in keyed):
            break
    return Func(
        Cast(Value(json.dumps(words)), JSONField()),
        Func(Value("|"), *map(F, ALIKE[first:]), function="concat_ws"),
        template="(%(expressions)s)",
        arg_joiner=" ->> ",
        output_field=TextField(),
    )


def _found(disciplines: int, credit_sum: Decimal) -> str:
    return ngettext(
        "%(count)d AI discipline, %(credits)s credits",
        "%(count)d AI disciplines, %(credits)s credits",
        disciplines,
    ) % {"count": disciplines, "credits": plain(credit_sum)}


def _lacking(disciplines: int, credit_sum: Decimal, min_disciplines: int, min_credits: Decimal) -> str:
    """What there is and what is required, of that alone which falls short."""
    if not disciplines:
        return _("no accepted AI discipline among the approved lines")
    if disciplines >= min_disciplines:
        return _("%(credits)s ECTS of AI, %(required)s required") % {
            "credits": plain(credit_sum),
            "required": plain(min_credits),
        }
    if credit_sum >= min_credits:
        return ngettext(
            "%(count)d AI discipline, %(required)d required",
            "%(count)d AI disciplines, %(required)d required",
            disciplines,
        ) % {"count": disciplines, "required": min_disciplines}
    return _("%(found)s; needed are %(disciplines)d and %(credits)s") % {
        "found": _found(disciplines, credit_sum),
        "disciplines": min_disciplines,
        "credits": plain(min_credits),
    }


def plain(number: Decimal) -> str:
    """5.0 as 5, 2.5 as the language writes it; `normalize` alone would make 10 into 1E+1."""
    return str(number_format(f"{number.normalize():f}"))

"""Why a programme has its outcome, in one sentence of the reader's language."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from reports.models import Outcome


def reason(
    outcome: str, *, disciplines: int, credit_sum: Decimal | str, min_disciplines: int, min_credits: Decimal
) -> str:
    """From what stands in the assessment and what the requirement asks for; no query."""
    if outcome == Outcome.EXEMPT:
        return _("The ministry has excused it from this requirement.")
    if outcome == Outcome.NO_DATA:
        return _("No curriculum of it was approved for the period.")
    figures = {
        "disciplines": disciplines,
        "asked": min_disciplines,
        "credits": number_format(Decimal(credit_sum)),
        "asked_credits": number_format(min_credits),
    }
    if min_credits:
        return (
            _(
                "AI disciplines that count: %(disciplines)d, asked for: %(asked)d; "
                "their credits: %(credits)s, asked for: %(asked_credits)s."
            )
            % figures
        )
    return _("AI disciplines that count: %(disciplines)d, asked for: %(asked)d.") % figures

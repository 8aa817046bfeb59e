"""How figures read: per cents, counts with their denominators, and the sentence that a figure amounts to."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from reports.figures import Counts, Measure
from reports.models import ReferenceValue
from reports.outlook import Forecast

DASH = "—"
FAR_TOO_SLOW = 5 * 365  # days

FRACTIONS = (
    (Fraction(1, 10), gettext_lazy("About one in ten programmes meets the mandate")),
    (Fraction(1, 5), gettext_lazy("About one in five programmes meets the mandate")),
    (Fraction(1, 4), gettext_lazy("About one in four programmes meets the mandate")),
    (Fraction(1, 3), gettext_lazy("About one in three programmes meets the mandate")),
    (Fraction(2, 5), gettext_lazy("About two in five programmes meet the mandate")),
    (Fraction(1, 2), gettext_lazy("About half of the programmes meet the mandate")),
    (Fraction(3, 5), gettext_lazy("About three in five programmes meet the mandate")),
    (Fraction(2, 3), gettext_lazy("About two in three programmes meet the mandate")),
    (Fraction(3, 4), gettext_lazy("About three in four programmes meet the mandate")),
    (Fraction(4, 5), gettext_lazy("About four in five programmes meet the mandate")),
    (Fraction(9, 10), gettext_lazy("About nine in ten programmes meet the mandate")),
)


def count(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def percent_label(whole: int) -> str:
    """A whole per cent as the language writes it: `78%` in English, `78 %` in Kazakh and Russian."""
    return pgettext("a share", "%(number)d%%") % {"number": whole}


def percent(share: Fraction | None) -> str:
    """Rounded half to even, but never 100 % unless it is all and never 0 % unless it is none; a dash for no share."""
    if share is None:
        return DASH
    whole = round(share * 100)
    if whole >= 100 and share < 1:
        return pgettext("a share", "over %(number)s") % {"number": percent_label(99)}
    if whole <= 0 and share > 0:
        return pgettext("a share", "under %(number)s") % {"number": percent_label(1)}
    return percent_label(whole)


def part(numerator: int, denominator: int) -> str:
    """`10 142 of 13 004`; a dash where there is no denominator."""
    if not denominator:
        return DASH
    return _("%(numerator)s of %(denominator)s") % {
        "numerator": count(numerator),
        "denominator": count(denominator),
    }


def part_of(counts: Counts) -> str:
    return part(counts.met, counts.counted)


def share_and_part(counts: Counts) -> str:
    """`78% (10 142 of 13 004)`, or that nothing is in scope."""
    if counts.share is None:
        return _("no programmes in scope")
    return share_of_part(counts.met, counts.counted)


def share_of_part(numerator: int, denominator: int) -> str:
    """`78% (10 142 of 13 004)`; a dash where there is no denominator."""
    if not denominator:
        return DASH
    return _("%(share)s (%(part)s)") % {
        "share": percent(Fraction(numerator, denominator)),
        "part": part(numerator, denominator),
    }


def day(moment: datetime | date) -> str:
    return date_format(timezone.localtime(moment) if isinstance(moment, datetime) else moment, "DATE_FORMAT")


def month(moment: datetime | date) -> str:
    """A month within a sentence; Django's Russian months begin with a capital letter, which is wrong there."""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return _within(date_format(local, "YEAR_MONTH_FORMAT"))


def short_month(moment: date) -> str:
    return _within(
        date_format(moment, pgettext("month and year on an axis, in Django's date letters", "M Y"))
    )


def _within(text: str) -> str:
    return text if get_language() == "en" else text.lower()


def headline(share: Fraction | None) -> str:
    """The national finding as one sentence."""
    if share is None:
        return _("No programme is in scope yet")
    if share == 1:
        return _("Every programme meets the mandate")
    if share >= Fraction(96, 100):
        return _("Nearly every programme meets the mandate")
    if not share:
        return _("No programme meets the mandate yet")
    if share < Fraction(5, 100):
        return _("Hardly any programme meets the mandate yet")
    return str(min(FRACTIONS, key=lambda entry: abs(entry[0] - share))[1])


def moved(now: Fraction | None, before: Fraction | None) -> str:
    """By how many points a share has moved; nothing where one of the two is missing."""
    if now is None or before is None:
        return ""
    points = round((now - before) * 100)
    if not points:
        return _("unchanged")
    if points > 0:
        return ngettext("up %(points)d point", "up %(points)d points", points) % {"points": points}
    return ngettext("down %(points)d point", "down %(points)d points", -points) % {"points": -points}


def trend(
    points: Sequence[tuple[date, Fraction | None]],
    due: date | None,
    goal: Fraction,
    ahead: Forecast | None = None,
) -> str:
    """What the series amounts to, and when the target is met, as far as that can be told."""
    known = [(moment, share) for moment, share in points if share is not None]
    if len(known) < 2:
        return _("One release so far: the series begins here")
    (first, start), (last, end) = known[0], known[-1]
    if end >= goal and due:
        return _("The target is met")
    if end <= start:
        return _("Coverage is not growing")
    if ahead is None or due is None:
        return _("Coverage has grown from %(start)s to %(end)s since %(month)s") % {
            "start": percent(start),
            "end": percent(end),
            "month": month(first),
        }
    if (ahead.expected - last).days > FAR_TOO_SLOW:
        return _("Coverage grows far too slowly to meet the target")
    given = {"month": month(ahead.expected)}
    if ahead.expected <= due:
        return _("Coverage grows fast enough: at this pace the target is met in %(month)s") % given
    return _("Coverage grows, but at this pace the target is met only in %(month)s") % given


def pace(ahead: Forecast | None) -> str:
    """When the present pace meets the target, with what is uncertain about it; why nothing can be said, if so."""
    if ahead is None:
        return _(
            "No date can be told: that takes growth over four releases within 18 months, under the same rules and "
            "with data of most programmes."
        )
    if ahead.latest is None:
        return _(
            "At the present pace the target is met in %(expected)s, in %(earliest)s at the earliest; "
            "how late it may be can't be told."
        ) % {"expected": month(ahead.expected), "earliest": month(ahead.earliest)}
    if month(ahead.earliest) == month(ahead.latest):
        return _("At the present pace the target is met in %(month)s.") % {"month": month(ahead.expected)}
    return _("At the present pace the target is met between %(earliest)s and %(latest)s.") % {
        "earliest": month(ahead.earliest),
        "latest": month(ahead.latest),
    }


def signed(number: int) -> str:
    """A change with its sign, a true minus; nothing is 0."""
    if not number:
        return "0"
    return f"{'+' if number > 0 else '−'}{count(abs(number))}"


def swing(gained: int, lost: int) -> str:
    """Both ways of a change, not netted: `+30 −10`."""
    return " ".join(signed(number) for number in (gained, -lost) if number) or "0"


def breakdown(counts: Counts) -> str:
    """Who is missing from the share, in words."""
    return _(
        "%(not_met)s do not meet it, %(no_data)s have no approved data and count against, %(exempt)s are exempt"
    ) % {
        "not_met": count(counts.not_met),
        "no_data": count(counts.no_data),
        "exempt": count(counts.exempt),
    }


MEASURES = {
    "institutions_with_ai": gettext_lazy("universities teach at least one AI discipline"),
    "programmes_meeting_mandate": gettext_lazy("programmes meet the mandate"),
    "ai_programmes": gettext_lazy("programmes are dedicated to AI"),
    "institutions_with_ai_programmes": gettext_lazy("universities run programmes dedicated to AI"),
    "faculty_trained": gettext_lazy("of faculty have completed training in AI"),
    "students_reached": gettext_lazy("of students are in programmes that meet the mandate"),
    "institutions_reported": gettext_lazy("universities have reported for the academic year"),
}
SHARES = {"faculty_trained", "students_reached"}


def missing(measure: Measure) -> str:
    """What the denominator lacks."""
    given = {"count": count(measure.missing)}
    if not measure.missing:
        return _("none missing")
    if measure.name == "faculty_trained":
        return (
            ngettext(
                "%(count)s university has no approved staff figures",
                "%(count)s universities have no approved staff figures",
                measure.missing,
            )
            % given
        )
    if measure.name == "institutions_with_ai":
        return (
            ngettext(
                "%(count)s has no approved curriculum",
                "%(count)s have no approved curriculum",
                measure.missing,
            )
            % given
        )
    if measure.name == "students_reached":
        return (
            ngettext(
                "%(count)s programme has no number of students",
                "%(count)s programmes have no number of students",
                measure.missing,
            )
            % given
        )
    return ngettext("%(count)s is missing", "%(count)s are missing", measure.missing) % given


def stated(value: ReferenceValue) -> str:
    """A public statement beside our figure: `Stated in January 2026: 95`."""
    said = (
        percent_label(int(value.value))
        if value.unit == ReferenceValue.Unit.PERCENT
        else count(int(value.value))
    )
    return _("Stated in %(month)s: %(value)s") % {"month": month(value.stated_on), "value": said}

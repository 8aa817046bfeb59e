"""How headway reads: what changed, who improved, and where the nation stands on each phase of the plan."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.improving import FEWEST_PROGRAMMES, Improved, Improvement
from reports.outlook import Phase
from reports.wording import count, day, month, percent, signed


def more_or_fewer(change: int, release: int) -> str:
    """How many more programmes meet the mandate than in an earlier release, as the heading above its causes."""
    if not change:
        return _("As many programmes meet the mandate as in release %(number)d") % {"number": release}
    given = {"count": count(abs(change)), "number": release}
    if change > 0:
        return (
            ngettext(
                "%(count)s more programme meets the mandate than in release %(number)d",
                "%(count)s more programmes meet the mandate than in release %(number)d",
                change,
            )
            % given
        )
    return (
        ngettext(
            "%(count)s fewer programme meets the mandate than in release %(number)d",
            "%(count)s fewer programmes meet the mandate than in release %(number)d",
            -change,
        )
        % given
    )


def verdict(phase: Phase) -> str:
    """Where the nation stands on a phase of the plan, in a word or two."""
    if phase.is_reached:
        return _("reached")
    if phase.is_over:
        return _("missed")
    if phase.ahead is None:
        return _("can't be told")
    if phase.ahead.latest and phase.ahead.latest <= phase.target.due_on:
        return _("in time")
    return _("too late") if phase.ahead.earliest > phase.target.due_on else _("uncertain")


def expected(phase: Phase) -> str:
    """When a phase was reached or, at the present pace, will be; nothing where that can't be told."""
    ahead = phase.ahead
    if phase.is_reached and phase.first_reached:
        return _("first shown in %(month)s") % {"month": month(phase.first_reached)}
    if ahead is None:
        return ""
    if ahead.latest is None:
        return _("not before %(month)s") % {"month": month(ahead.earliest)}
    if month(ahead.earliest) == month(ahead.latest):
        return _("in %(month)s") % {"month": month(ahead.expected)}
    return _("between %(earliest)s and %(latest)s") % {
        "earliest": month(ahead.earliest),
        "latest": month(ahead.latest),
    }


def plan_finding(phases: Sequence[Phase]) -> str:
    """What the plan as a whole amounts to: how far its next target is away."""
    if not phases:
        return _("No target has been set.")
    ahead = [phase for phase in phases if not phase.is_reached]
    if not ahead:
        return _("Every target of the plan is reached")
    phase = next((phase for phase in ahead if not phase.is_over), None)
    if phase is None:
        return ngettext(
            "The day of the last target is over: %(count)s programme was missing",
            "The day of the last target is over: %(count)s programmes were missing",
            ahead[-1].needed,
        ) % {"count": count(ahead[-1].needed)}
    return ngettext(
        "The next target, %(share)s by %(day)s, is %(count)s programme away",
        "The next target, %(share)s by %(day)s, is %(count)s programmes away",
        phase.needed,
    ) % {
        "share": goal(phase.target.share),
        "day": day(phase.target.due_on),
        "count": count(phase.needed),
    }


def goal(share: Decimal) -> str:
    return percent(Fraction(share))


def points(row: Improved) -> str:
    """By how many points a share has risen: `+31 points`; a share that has risen never rose by 0."""
    whole = round(row.points * 100)
    if not whole:
        return _("under 1 point")
    return ngettext("%(points)s point", "%(points)s points", whole) % {"points": signed(whole)}


def programmes_gained(row: Improved) -> str:
    """How many more programmes meet the mandate, or fewer where others left the denominator: `+28 programmes`."""
    given = {"count": signed(row.programmes)}
    return ngettext("%(count)s programme", "%(count)s programmes", abs(row.programmes)) % given


def compared(found: Improvement) -> str:
    """Which universities were compared, and how many were not: without this, no order of them can be judged."""
    return _(
        "In order of points gained, among universities with at least %(fewest)d programmes and approved data for four "
        "in five of them in both releases. Compared: %(compared)s; left out: %(left_out)s."
    ) % {
        "fewest": FEWEST_PROGRAMMES,
        "compared": count(found.compared),
        "left_out": count(found.left_out),
    }

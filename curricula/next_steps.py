"""The one thing to do next in a period, for whoever looks: read off `progress`, so it is as true as that."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curricula.models import Programme
from curricula.progress import Progress
from institutions.models import User

# Up to so many programmes without a curriculum are filled in one after the other; beyond, many at once.
FEW = 4


@dataclass(frozen=True)
class Step:
    """What it is, in a sentence; `kind` says where its button leads, "" if nowhere."""

    sentence: str
    kind: str = ""
    button: str = ""
    programme: Programme | None = None
    person: User | None = None


def next_step(now: Progress, *, may_edit: bool, may_sign: bool, signatories: Sequence[User] = ()) -> Step:
    """What this person should do next, or for whom they wait."""
    if not now.total:
        return Step(
            _(
                "The ministry's registry has no programme of yours in this academic year. Ask the ministry to enter"
                " them, with code and title; then they appear here."
            )
        )
    if not now.days.is_open:
        return _closed(now, may_edit)
    if now.importing:
        return Step(_("A spreadsheet is being read."), "imports", _("See how far it is"))
    if may_edit and (step := _to_edit(now)):
        return step
    if now.unsettled and (may_edit or may_sign):
        return _settle(now, may_edit)
    if may_sign and (now.ready or now.staff_returned):
        return _sign(now)
    return _wait(now, signatories)


def _closed(now: Progress, may_edit: bool) -> Step:
    closed = now.days.closes_on
    if not now.counts["returned"] and not now.ready:
        return Step(
            _("The period closed on %(day)s; nothing can be changed any more. You can look at all of it.")
            % {"day": date_format(closed)}
        )
    sentence = _(
        "The period closed on %(day)s. What was returned or is still a draft can be mended, but not signed, unless the"
        " ministry opens the period again. Ask them for it."
    ) % {"day": date_format(closed)}
    if may_edit and now.counts["returned"] and now.first:
        return Step(sentence, "edit", _("Mend %(programme)s") % {"programme": now.first.code}, now.first)
    return Step(sentence)


def _to_edit(now: Progress) -> Step | None:
    if now.counts["returned"] and now.first:
        sentence = ngettext(
            "The ministry has returned %(count)d curriculum. Read why, and mend it.",
            "The ministry has returned %(count)d curricula. Read why, and mend them.",
            now.counts["returned"],
        ) % {"count": now.counts["returned"]}
        return Step(sentence, "edit", _("Mend %(programme)s") % {"programme": now.first.code}, now.first)
    if now.missing:
        return _fill(now)
    if now.uncounted:
        sentence = ngettext(
            "%(count)d curriculum does not say how many students study by it.",
            "%(count)d curricula do not say how many students study by them.",
            now.uncounted,
        )
        return Step(sentence % {"count": now.uncounted}, "enrolment", _("Enter the numbers of students"))
    return None


def _fill(now: Progress) -> Step:
    sentence = ngettext(
        "%(count)d programme has no curriculum yet.",
        "%(count)d programmes have no curriculum yet.",
        now.missing,
    ) % {"count": now.missing}
    if now.carryable:
        carried = ngettext(
            "%(count)d programme had an approved curriculum before: start from that.",
            "%(count)d programmes had an approved curriculum before: start from those.",
            now.carryable,
        ) % {"count": now.carryable}
        return Step(f"{sentence} {carried}", "carry", _("Carry them forward"))
    if now.missing <= FEW and now.first:
        return Step(sentence, "edit", _("Fill in %(programme)s") % {"programme": now.first.code}, now.first)
    return Step(
        sentence + " " + _("Describe a discipline once and apply it to all programmes that teach it."),
        "disciplines",
        _("Enter a discipline for many programmes"),
    )


def _settle(now: Progress, may_edit: bool) -> Step:
    if now.faults:
        sentence = ngettext(
            "The checks found %(count)d fault. It must be mended before signing.",
            "The checks found %(count)d faults. They must be mended before signing.",
            now.faults,
        ) % {"count": now.faults}
    else:
        sentence = ngettext(
            "%(count)d warning of the checks has no reason yet. Mend what it speaks of, or say why it is right.",
            "%(count)d warnings of the checks have no reason yet. Mend what they speak of, or say why they are right.",
            now.unanswered,
        ) % {"count": now.unanswered}
    if may_edit:
        return Step(sentence, "checks", _("Go through the checks"))
    return Step(sentence + " " + _("That is the work of an editor."), "checks", _("See the checks"))


def _sign(now: Progress) -> Step:
    if not now.ready:
        return Step(_("The ministry has returned the staff figures."), "sign", _("Correct and sign"))
    sentence = ngettext(
        "%(count)d curriculum is ready. Read the summary, enter the staff figures, and sign.",
        "%(count)d curricula are ready. Read the summary, enter the staff figures, and sign.",
        now.ready,
    )
    return Step(sentence % {"count": now.ready}, "sign", _("Check and sign"))


def _wait(now: Progress, signatories: Sequence[User]) -> Step:
    if now.unsettled:
        return Step(_("The editors have checks to answer; then it can be signed."))
    if now.ready or now.staff_returned:
        return _ask(now, signatories)
    if now.counts["returned"] or now.missing:
        return Step(_("The editors have still something to fill in; then it can be signed."))
    if now.counts["submitted"]:
        return Step(_("All is handed in. The ministry is reviewing it; there is nothing to do."))
    return Step(_("All is approved. There is nothing to do."))


def _ask(now: Progress, signatories: Sequence[User]) -> Step:
    if not signatories:
        return Step(
            _("All that is filled in waits for a signature, and your university has no signatory yet.")
            + " "
            + _("Ask the ministry to name one.")
        )
    if not now.ready:
        sentence = _(
            "The ministry has returned the staff figures. Only a signatory can correct and sign them."
        )
    else:
        sentence = ngettext(
            "%(count)d curriculum is ready and waits for a signature.",
            "%(count)d curricula are ready and wait for a signature.",
            now.ready,
        ) % {"count": now.ready}
    first = signatories[0]
    return Step(sentence, "ask", _("Ask %(person)s to sign") % {"person": first}, person=first)

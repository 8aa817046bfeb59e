"""Submitting: the step by which a signatory hands in what the institution has drafted for a period.

All of it in one transaction and one at a time per institution: pressing the button twice hands in once. The database
seals each version as it goes (see `models.version_rules`), so what was signed is what was there at that moment.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import pghistory
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curricula.checking import Finding, findings
from curricula.checking.standing import Problem, forget_needless, unready
from curricula.days import collects_from
from curricula.errors import Refused
from curricula.models import CurriculumVersion, Import, Line, Period, Programme, Submission, WarningReason
from institutions.access import SIGNATORY
from institutions.models import Institution, Membership, User
from institutions.moments import decision_moment


@dataclass(frozen=True)
class Checklist:
    """`faults` forbid to sign; `warnings` do not, but the reviewer will see them too.

    `findings` is what the checks say of the drafts that would be handed in, by version.
    """

    faults: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    findings: dict[int, list[Finding]] = field(default_factory=dict)


def ready(institution: Institution, period: Period) -> QuerySet[CurriculumVersion]:
    """The drafts that would be handed in now: those with at least one line."""
    lines = Line.objects.filter(version=OuterRef("pk"))
    drafts: QuerySet[CurriculumVersion] = CurriculumVersion.objects.drafts().filter(
        Exists(lines), institution=institution, period=period
    )
    return drafts


def staff_figures_returned(institution: Institution, period: Period) -> bool:
    """Whether the ministry has returned the staff figures that came last: then they alone may be handed in again."""
    newest = _submissions(institution, period).order_by("-number").first()
    return newest is not None and newest.state == Submission.State.RETURNED


def fingerprint(institution: Institution, period: Period) -> str:
    """Changes with every save of a draft that would be handed in, and with every reason given for a warning.

    Whoever signs names the one that they have read.
    """
    drafts = ready(institution, period)
    seen = list(drafts.order_by("pk").values_list("pk", "edit_number"))
    reasons = WarningReason.objects.filter(version__in=drafts.order_by().values("pk")).order_by("pk")
    said = list(reasons.values_list("pk", "given_at"))
    return hashlib.sha256(repr((seen, said)).encode()).hexdigest()


def problems(institution: Institution, period: Period) -> Checklist:
    """What stands against signing, and what to think about first. A fixed number of queries."""
    drafts = list(
        CurriculumVersion.objects.drafts()
        .filter(institution=institution, period=period)
        .annotate(line_count=Count("lines"), returned=_previous_state())
        .select_related("programme")
        .order_by("programme__code")
    )
    filled = [draft for draft in drafts if draft.line_count]
    versions = CurriculumVersion.objects.filter(pk__in=[draft.pk for draft in filled])
    found = findings(versions)
    return Checklist(
        faults=[*_faults(institution, period, filled), *unready(versions, found)],
        findings=found,
        warnings=[
            *_of_drafts(
                "empty",
                ngettext(
                    "%(count)d draft has no lines and will not be handed in. Fill it in or discard it.",
                    "%(count)d drafts have no lines and will not be handed in. Fill them in or discard them.",
                    len(drafts) - len(filled),
                ),
                [draft for draft in drafts if not draft.line_count],
            ),
            *_untouched(
                [draft for draft in filled if draft.returned == "returned" and not draft.edit_number]
            ),
            *_silent(institution, period),
        ],
    )


def submit(
    *,
    institution: Institution,
    period: Period,
    by: User,
    faculty_total: int,
    faculty_trained: int,
    note: str = "",
    at: datetime | None = None,
    version_ids: Collection[int] | None = None,
    seen: str = "",
) -> Submission:
    """Hand in every draft with lines of the institution and period (or those of `version_ids`), and staff figures.

    `seen` is the `fingerprint` of what the signatory has read: if anything was saved since, nothing is handed in.
    `at` is for the made-up past of a demonstration only. As many statements for one curriculum as for all.
    """
    _refuse_unless_allowed(institution, period, by, at)
    _refuse_impossible(faculty_total, faculty_trained)
    with pghistory.context(user=by.pk, action="submit"), transaction.atomic():
        # One at a time: the second of two signatures waits here, and then finds nothing left to hand in.
        Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
        drafts = CurriculumVersion.objects.drafts().filter(institution=institution, period=period)
        # Locked first and read afterwards: a save that was under way has then ended, and is read.
        list(drafts.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        versions = ready(institution, period).order_by("pk")
        if version_ids is not None:
            versions = versions.filter(pk__in=version_ids)
        found = list(versions.values_list("pk", flat=True))
        _refuse_if_nothing(institution, period, found)
        if _is_importing(institution, period):
            raise Refused(_importing(), code="importing")
        if seen and seen != fingerprint(institution, period):
            raise Refused(
                _("Something was saved while you were reading. Read the summary again, then sign."),
                code="changed",
            )
        _refuse_unready(found)
        newest = _submissions(institution, period).aggregate(number=Max("number"))["number"] or 0
        submission = Submission.objects.create(
            institution=institution,
            period=period,
            number=newest + 1,
            signed_by=by,
            signed_at=at or decision_moment(),
            note=note.strip(),
            faculty_total=faculty_total,
            faculty_trained=faculty_trained,
        )
        CurriculumVersion.objects.drafts().filter(pk__in=found).update(
            state=CurriculumVersion.State.SUBMITTED,
            submission=submission,
            submitted_by=by,
            submitted_at=submission.signed_at,
        )
        # The database itself writes the hash, and only over what it has sealed: see `models.submissions`.
        Submission.objects.filter(pk=submission.pk).update(content_hash="sealed by the database")
    submission.refresh_from_db(fields=["content_hash"])
    return submission


def _refuse_unready(versions: list[int]) -> None:
    """Faults forbid to sign, and so does a warning to which nobody has said why."""
    ready_ones = CurriculumVersion.objects.filter(pk__in=versions)
    found = findings(ready_ones)
    for problem in unready(ready_ones, found):
        raise Refused(str(problem), code=problem.code)
    forget_needless(versions=versions, found=found)


def _submissions(institution: Institution, period: Period) -> QuerySet[Submission]:
    return Submission.objects.filter(institution=institution, period=period)


def _refuse_unless_allowed(institution: Institution, period: Period, by: User, at: datetime | None) -> None:
    if not Membership.objects.filter(user=by, institution=institution, role=SIGNATORY).exists():
        raise Refused(
            _("Only a signatory of %(institution)s can hand in its curricula.")
            % {"institution": institution.name},
            code="not_signatory",
        )
    if not collects_from(institution, period, timezone.localdate(at)):
        raise Refused(_closed(period), code="period_closed")


def _closed(period: Period) -> str:
    return _("Period %(period)s is not open, so nothing can be handed in for it.") % {"period": period.name}


def _refuse_impossible(faculty_total: int, faculty_trained: int) -> None:
    if not 0 <= faculty_trained <= faculty_total or not faculty_total:
        raise Refused(
            _("Of %(total)d faculty, %(trained)d can't have completed training. Correct one of the two.")
            % {"total": faculty_total, "trained": faculty_trained},
            field="faculty_trained",
            code="staff_figures",
        )


def _refuse_if_nothing(institution: Institution, period: Period, found: list[int]) -> None:
    if not found and not staff_figures_returned(institution, period):
        raise Refused(
            _("There is nothing to hand in: no draft has any lines. If you have just signed, it is done."),
            code="nothing_to_submit",
        )


def _previous_state() -> Subquery:
    """The state of the version before the draft."""
    before = CurriculumVersion.objects.filter(
        programme=OuterRef("programme"), period=OuterRef("period"), number__lt=OuterRef("number")
    )
    return Subquery(before.order_by("-number").values("state")[:1])


def _faults(institution: Institution, period: Period, filled: list[CurriculumVersion]) -> list[Problem]:
    faults = []
    if not collects_from(institution, period):
        faults.append(Problem("period_closed", _closed(period)))
    if not filled and not staff_figures_returned(institution, period):
        faults.append(Problem("nothing_to_submit", _("There is nothing to hand in: no draft has any lines.")))
    if _is_importing(institution, period):
        faults.append(Problem("importing", _importing()))
    return faults


def _is_importing(institution: Institution, period: Period) -> bool:
    return Import.objects.outstanding().filter(institution=institution, period=period).exists()


def _importing() -> str:
    return _("A spreadsheet is being read. Wait until it is saved or refused.")


def _untouched(drafts: list[CurriculumVersion]) -> list[Problem]:
    return _of_drafts(
        "untouched",
        ngettext(
            "%(count)d curriculum was returned and has not been changed since. It will be handed in as it is.",
            "%(count)d curricula were returned and have not been changed since. They will be handed in as they are.",
            len(drafts),
        ),
        drafts,
    )


def _silent(institution: Institution, period: Period) -> list[Problem]:
    """Programmes that are taught in the period and have nothing for it."""
    versions = CurriculumVersion.objects.filter(programme=OuterRef("pk"), period=period)
    silent = list(
        Programme.objects.filter(~Exists(versions), institution=institution)
        .active_in(period)
        .order_by("code")
    )
    if not silent:
        return []
    message = ngettext(
        "%(count)d programme has no curriculum yet. It counts as “no data” until it has one.",
        "%(count)d programmes have no curriculum yet. They count as “no data” until they have one.",
        len(silent),
    )
    return [Problem("silent", message % {"count": len(silent)}, tuple(silent))]


def _of_drafts(code: str, message: str, drafts: list[CurriculumVersion]) -> list[Problem]:
    if not drafts:
        return []
    return [Problem(code, message % {"count": len(drafts)}, tuple(draft.programme for draft in drafts))]

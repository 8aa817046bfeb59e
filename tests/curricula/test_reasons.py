"""Saying why: reasons for warnings are saved many at once, nobody's is overwritten, and signing asks for them."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from curricula import drafting
from curricula.checking import findings
from curricula.checking.reasons import Given, Saved, save_reasons
from curricula.errors import Refused
from curricula.models import CurriculumVersion, Line, Period, WarningReason
from curricula.submitting import fingerprint, problems, submit
from curricula.warnings import warnings
from institutions.models import Institution, User
from tests.at_once import beside, not_yet_committed, without_row_locks
from tests.factories import (
    make_discipline,
    make_earlier_period,
    make_institution,
    make_lines,
    make_programme,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WHY = "The standard is changed only next year."


@pytest.fixture
def draft(institution: Institution, period: Period) -> CurriculumVersion:
    """It has lost the AI that was approved last year, so it asks for a reason."""
    last = make_version(
        make_programme(institution, code="6B06101"), period=make_earlier_period(), state="approved"
    )
    return make_version(last.programme, period=period, lines=[{}])


def say(draft: CurriculumVersion, reason: str, *, was: str = "", by: User, code: str = "ai_gone") -> Saved:
    return save_reasons(
        institution=draft.institution,
        period=draft.period,
        by=by,
        given=[Given((draft.pk, code, None), reason, was)],
    )


def sign(draft: CurriculumVersion, by: User, seen: str = "") -> None:
    submit(
        institution=draft.institution,
        period=draft.period,
        by=by,
        faculty_total=10,
        faculty_trained=5,
        seen=seen,
    )


def test_a_reason_is_saved_changed_and_taken_back(draft: CurriculumVersion, editor: User) -> None:
    assert say(draft, WHY, by=editor).changed == 1
    assert [(one.reason, one.given_by) for one in WarningReason.objects.all()] == [(WHY, editor)]
    assert say(draft, "Another.", was=WHY, by=editor).changed == 1
    assert WarningReason.objects.get().reason == "Another."
    assert say(draft, "", was="Another.", by=editor).changed == 1
    assert not WarningReason.objects.exists()


def test_saving_twice_is_saving_once(draft: CurriculumVersion, editor: User) -> None:
    say(draft, WHY, by=editor)
    assert say(draft, WHY, by=editor) == Saved()


def test_the_second_is_told_and_nothing_is_overwritten(
    draft: CurriculumVersion, editor: User, signatory: User
) -> None:
    say(draft, WHY, by=editor)
    saved = say(draft, "Mine.", by=signatory)
    assert saved.changed == 0
    assert saved.stale[draft.pk, "ai_gone", None] == WarningReason.objects.get()
    assert WarningReason.objects.get().reason == WHY


def test_reasons_of_others_drafts_can_not_be_written(
    draft: CurriculumVersion, editor: User, period: Period
) -> None:
    given = [Given((draft.pk, "ai_gone", None), WHY, "")]
    saved = save_reasons(institution=make_institution(), period=period, given=given, by=editor)
    assert (saved.changed, saved.gone) == (0, 1)
    assert not WarningReason.objects.exists()


def test_signing_asks_for_the_reason_and_names_programme_and_remedy(
    draft: CurriculumVersion, editor: User, signatory: User
) -> None:
    (problem,) = problems(draft.institution, draft.period).faults
    assert str(problem) == (
        "6B06101: 1 warning has no reason yet. Mend what it speaks of, or say why it is right."
    )
    with pytest.raises(Refused) as refused:
        sign(draft, signatory)
    assert (refused.value.code, str(refused.value)) == ("no_reason", str(problem))
    say(draft, WHY, by=editor)
    assert problems(draft.institution, draft.period).faults == []
    sign(draft, signatory)
    draft.refresh_from_db()
    assert draft.state == "submitted"


def test_a_fault_can_not_be_explained_away(institution: Institution, period: Period, signatory: User) -> None:
    draft = make_version(
        make_programme(institution, code="6B06101"), period=period,
        lines=[{"ai_category": "core", "evidence_url": ""}],
    )  # fmt: skip
    say(draft, WHY, by=signatory, code="no_evidence")
    with pytest.raises(Refused) as refused:
        sign(draft, signatory)
    assert refused.value.code == "no_evidence"
    assert "6B06101" in str(refused.value)
    assert "Add a link to the line" in str(refused.value)
    Line.objects.update(evidence_url="https://kaznu.kz/a")
    sign(draft, signatory)


def test_the_reviewer_reads_the_reason_even_if_nothing_would_be_found_now(
    draft: CurriculumVersion, editor: User, signatory: User
) -> None:
    say(draft, WHY, by=editor)
    sign(draft, signatory)
    draft.refresh_from_db()
    found = {one.code: one for one in warnings(draft)}
    assert found["ai_gone"].reason == WHY
    assert "the last approved curriculum had 1, with 5 credits" in str(found["ai_gone"])
    before = CurriculumVersion.objects.get(programme=draft.programme, state="approved")
    newer = make_version(draft.programme, period=make_earlier_period(), state="approved", lines=[{}])
    assert newer.pk != before.pk
    (again,) = [one for one in warnings(draft) if one.code == "ai_gone"]
    assert (str(again), again.reason) == ("No AI any more", WHY)


def test_what_was_signed_can_not_be_explained_otherwise(
    draft: CurriculumVersion, editor: User, signatory: User
) -> None:
    say(draft, WHY, by=editor)
    sign(draft, signatory)
    assert say(draft, "Otherwise.", was=WHY, by=editor).gone == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        WarningReason.objects.update(reason="Otherwise.")


def test_reasons_for_what_was_mended_do_not_go_to_the_reviewer(
    draft: CurriculumVersion, editor: User, signatory: User
) -> None:
    say(draft, WHY, by=editor)
    make_lines(draft, [{"ai_category": "core", "credits": 6}])
    sign(draft, signatory)
    assert not WarningReason.objects.exists()


def test_who_signs_has_read_the_reasons(draft: CurriculumVersion, editor: User, signatory: User) -> None:
    say(draft, WHY, by=editor)
    seen = fingerprint(draft.institution, draft.period)
    say(draft, "Another.", was=WHY, by=editor)
    with pytest.raises(Refused) as refused:
        sign(draft, signatory, seen=seen)
    assert refused.value.code == "changed"


def test_the_draft_of_what_was_returned_keeps_the_reasons(
    draft: CurriculumVersion, editor: User, signatory: User, reviewer: User
) -> None:
    from curricula.reviewing import return_for_correction

    say(draft, WHY, by=editor)
    sign(draft, signatory)
    draft.refresh_from_db()
    return_for_correction(version=draft, by=reviewer, reason="Name the topics.")
    new = CurriculumVersion.objects.drafts().get()
    (warning,) = [
        one for one in findings(CurriculumVersion.objects.filter(pk=new.pk))[new.pk] if one.asks_for_reason
    ]
    assert warning.reason == WHY


def test_a_reason_of_one_discipline_is_not_that_of_another(
    institution: Institution, period: Period, editor: User
) -> None:
    disciplines = [make_discipline(institution, title_en=f"Machine Learning {number}") for number in (1, 2)]
    draft = make_version(
        make_programme(institution), period=period, lines=[{"discipline": one} for one in disciplines]
    )
    given = [Given((draft.pk, "unmarked", disciplines[0].pk), WHY, "")]
    save_reasons(institution=institution, period=period, given=given, by=editor)
    reasons = [one.reason for one in warnings(draft) if one.asks_for_reason]
    assert reasons == [WHY, ""]


def test_many_cost_as_much_as_one(
    institution: Institution, period: Period, editor: User, django_assert_max_num_queries: object
) -> None:
    drafts = [make_version(make_programme(institution), period=period) for _number in range(20)]
    given = [Given((draft.pk, "unchanged", None), WHY, "") for draft in drafts]
    press = partial(save_reasons, institution=institution, period=period, given=given, by=editor)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert press().changed == 20
    draft = drafts[0]
    drafting.discard_draft(version=draft, by=editor)
    assert WarningReason.objects.count() == 19


def said_at_once(draft: CurriculumVersion, first: User, second: User) -> tuple[object, str]:
    """What the second of two is told, and whose reason is there."""
    (outcome,) = beside(
        lambda: say(draft, "Mine.", by=second),
        meanwhile=not_yet_committed(lambda: say(draft, WHY, by=first)),
    )
    return outcome, WarningReason.objects.get().reason


@pytest.mark.django_db(transaction=True)
def test_of_two_who_say_why_at_once_the_second_is_shown_what_the_first_said(
    draft: CurriculumVersion, editor: User, signatory: User
) -> None:
    outcome, reason = said_at_once(draft, editor, signatory)
    assert isinstance(outcome, Saved)
    assert [stale.reason for stale in outcome.stale.values() if stale] == [reason] == [WHY]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_reason_of_the_first_would_be_overwritten(
    draft: CurriculumVersion, editor: User, signatory: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    without_row_locks(monkeypatch, save_reasons)
    assert said_at_once(draft, editor, signatory) == (Saved(changed=1), "Mine.")

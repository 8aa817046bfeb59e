"""What the database makes of a curriculum that is handed in: hash and sums, of its own lines and no others'."""

import hashlib
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from curricula.models import AISum, CurriculumVersion, Period, SignedDiscipline
from institutions.models import Institution
from tests.factories import (
    hand_in,
    make_discipline,
    make_earlier_period,
    make_institution,
    make_lines,
    make_member,
    make_programme,
    make_submission,
    make_sum,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "beside_others")]

AI_LINES = ({"ai_category": "core"}, {"ai_category": "applied", "component": "elective"})


@pytest.fixture
def beside_others(institution: Institution, period: Period) -> None:
    """What is handed in, and what is being written, here and elsewhere: none of it is this curriculum's."""
    for owner in (institution, make_institution()):
        for state in ("draft", "submitted"):
            make_version(make_programme(owner), period=period, lines=AI_LINES, state=state)


@pytest.fixture
def draft(institution: Institution, period: Period) -> CurriculumVersion:
    return make_version(make_programme(institution), period=period)


def refused(action: Callable[[], object], words: str) -> None:
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        action()


def test_the_seal_sums_ai_lines_by_category_and_component() -> None:
    version = make_version(
        state="submitted",
        lines=[
            {"ai_category": "none", "credits": Decimal(9)},
            {"ai_category": "core", "credits": Decimal("4.5"), "component": "elective"},
            {"ai_category": "core", "credits": Decimal(3), "component": "elective"},
            {"ai_category": "core", "credits": Decimal(6), "component": "mandatory"},
            {"ai_category": "ethics", "credits": Decimal(2), "component": "mandatory"},
        ],
    )
    sums = AISum.objects.filter(version=version).values_list("ai_category", "component", "lines", "credits")
    assert set(sums) == {
        ("core", "elective", 2, Decimal("7.5")),
        ("core", "mandatory", 1, Decimal(6)),
        ("ethics", "mandatory", 1, Decimal(2)),
    }


def test_the_seal_hashes_the_lines_in_their_order() -> None:
    draft = make_version(lines=[], students=25)
    a, b = (make_discipline(draft.institution, code=code) for code in ("A", "B"))
    make_lines(
        draft,
        [
            {"discipline": b, "ai_category": "core", "evidence_url": "https://kaznu.kz/b"},
            {"discipline": a, "credits": Decimal("4.5"), "semester": 3},
        ],
    )
    make_submission(versions=[draft])
    text = "25\nB|5.0|basic|mandatory|1|core|https://kaznu.kz/b\nA|4.5|basic|mandatory|3|none|"
    assert draft.content_hash == hashlib.sha256(text.encode()).hexdigest()


def test_the_seal_leaves_nothing_to_whoever_submits(draft: CurriculumVersion) -> None:
    submission = make_submission(draft.institution, period=draft.period)
    make_sum(draft, lines=99)
    CurriculumVersion.objects.filter(pk=draft.pk).update(
        state="submitted",
        submission=submission,
        submitted_by=submission.signed_by,
        submitted_at=submission.signed_at,
        content_hash="made up",
    )
    draft.refresh_from_db()
    assert len(draft.content_hash) == 64
    assert draft.ai_sums.get().lines == 1


def test_the_seal_keeps_of_each_ai_line_what_was_signed(draft: CurriculumVersion) -> None:
    make_submission(versions=[draft])
    signed = SignedDiscipline.objects.filter(version=draft)
    line = draft.lines.get(ai_category="applied")
    assert [(one.discipline, one.semester, one.ai_category, one.credits) for one in signed] == [
        (line.discipline, line.semester, line.ai_category, line.credits)
    ]


def test_a_draft_is_written_again_and_submitted_as_it_stands(draft: CurriculumVersion) -> None:
    CurriculumVersion.objects.filter(pk=draft.pk).update(students=7)
    submission = make_submission(draft.institution, period=draft.period)
    handed_in = {"state": "submitted", "submission": submission, "submitted_at": submission.signed_at}
    refused(
        lambda: CurriculumVersion.objects.filter(pk=draft.pk).update(
            **handed_in, submitted_by=submission.signed_by, students=9
        ),
        "as it stands",
    )
    hand_in(draft, submission)
    draft.refresh_from_db()
    assert (draft.state, draft.students) == ("submitted", 7)


@pytest.mark.parametrize("column", ["id", "institution_id", "programme_id", "period_id", "number"])
def test_a_draft_never_becomes_that_of_another(draft: CurriculumVersion, column: str) -> None:
    other = make_version(make_programme(make_institution()), period=make_earlier_period())
    given = {"id": other.pk + 1, "number": 9}.get(column, getattr(other, column))
    draft.lines.all().delete()  # which would keep its id
    refused(
        lambda: CurriculumVersion.objects.filter(pk=draft.pk).update(**{column: given}),
        "never becomes another",
    )


def test_a_curriculum_is_submitted_only_by_its_own_institution_and_in_its_own_period(
    draft: CurriculumVersion,
) -> None:
    signatory = make_member(draft.institution, "signatory")
    earlier = make_submission(draft.institution, period=make_earlier_period(), by=signatory)
    foreign = make_submission(make_institution(), period=draft.period, by=signatory)
    own = make_submission(draft.institution, period=draft.period, by=signatory)
    refused(lambda: hand_in(draft, earlier), "in its own period")
    refused(lambda: hand_in(draft, foreign), "by its own institution")
    hand_in(draft, own)


def test_a_curriculum_is_submitted_only_for_a_programme_of_its_own_institution(
    draft: CurriculumVersion,
) -> None:
    theirs = make_programme(make_institution())
    mixed = make_version(theirs, period=draft.period, institution=draft.institution)
    refused(lambda: make_submission(versions=[mixed]), "by its own institution")
    refused(lambda: make_submission(theirs.institution, versions=[mixed]), "by its own institution")


def test_a_curriculum_is_submitted_only_by_who_has_signed(draft: CurriculumVersion) -> None:
    submission = make_submission(draft.institution, period=draft.period)
    refused(
        lambda: CurriculumVersion.objects.filter(pk=draft.pk).update(
            state="submitted",
            submission=submission,
            submitted_by=make_member(draft.institution, "signatory"),
            submitted_at=submission.signed_at,
        ),
        "by its own institution",
    )


@pytest.mark.parametrize("column", ["institution", "discipline"])
def test_a_curriculum_is_submitted_only_with_lines_of_its_own_institution(
    draft: CurriculumVersion, column: str
) -> None:
    other = make_institution()
    foreign = other if column == "institution" else make_discipline(other)
    draft.lines.filter(ai_category="applied").update(**{column: foreign})
    refused(lambda: make_submission(versions=[draft]), "with its own lines")


def test_a_curriculum_without_lines_is_not_submitted() -> None:
    draft = make_version(lines=[])
    refused(lambda: make_submission(versions=[draft]), "without lines")
    make_lines(draft, [{"ai_category": "none"}])
    make_submission(versions=[draft])

"""How alike cases were decided before: what counts as alike, what is told, and what it costs."""

from typing import Any

import pytest
from django.test import Client

from curricula.cases import cases
from curricula.models import CurriculumVersion, Submission, WarningReason
from curricula.precedents import Precedents, precedents
from institutions.models import Institution, User
from tests.factories import (
    decide,
    make_discipline,
    make_earlier_period,
    make_institution,
    make_programme,
    make_submission,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

TITLES = {"title_kk": "Машиналық оқыту", "title_ru": "Машинное обучение", "title_en": "Machine learning"}


def taught(
    institution: Institution, category: str, *, state: str = "submitted", **over: Any
) -> CurriculumVersion:
    """A curriculum with one AI discipline, Machine learning unless told otherwise."""
    titles = over.pop("titles", TITLES)
    discipline = make_discipline(institution, **titles)
    lines = [{"discipline": discipline, "ai_category": category}]
    return make_version(make_programme(institution), state=state, lines=lines, **over)


def found(version: CurriculumVersion) -> Precedents:
    (case,) = cases(CurriculumVersion.objects.filter(pk=version.pk))
    return precedents([case]).get(version.pk, Precedents())


def test_decisions_on_the_same_title_at_any_university_are_counted_by_category() -> None:
    for _number in range(3):
        taught(make_institution(), "core", state="approved")
    only_russian = {"title_kk": "", "title_ru": "МАШИННОЕ обучение ", "title_en": ""}
    taught(make_institution(), "core", state="returned", reason="No syllabus.", titles=only_russian)
    taught(make_institution(), "applied", state="approved")
    taught(make_institution(), "core", titles={**TITLES, "title_ru": "Глубокое обучение"}, state="approved")
    taught(make_institution(), "core")
    (told,) = found(taught(make_institution(), "applied")).disciplines
    assert [(one.category, one.approved, one.returned, one.is_here) for one in told.tallies] == [
        ("core", 3, 1, False),
        ("applied", 1, 0, True),
    ]
    assert told.is_unlike
    assert told.usual.category == "core"
    assert [(one.state, one.reason) for one in told.last][:2] == [
        ("returned", "No syllabus."),
        ("approved", ""),
    ]


def test_the_same_category_as_usual_is_not_called_unlike() -> None:
    taught(make_institution(), "core", state="approved")
    taught(make_institution(), "applied", state="approved")
    (told,) = found(taught(make_institution(), "core")).disciplines
    assert not told.is_unlike


def test_decisions_on_the_same_submission_and_of_long_ago_are_no_precedents() -> None:
    institution = make_institution()
    submission = make_submission(institution)
    taught(institution, "core", state="approved", submission=submission)
    taught(make_institution(), "core", state="approved", period=make_earlier_period("2022"))
    make_earlier_period("2024")
    assert not found(taught(institution, "core", submission=submission))


def reasoned(institution: Institution, code: str, *, state: str, reason: str = "") -> CurriculumVersion:
    version = make_version(make_programme(institution))
    discipline = version.lines.first().discipline if code in ("unmarked", "unnamed") else None  # type: ignore[union-attr]
    WarningReason.objects.create(
        institution=institution, version=version, code=code, discipline=discipline,
        reason="The programme closes.", given_by=make_submission(institution).signed_by,
    )  # fmt: skip
    make_submission(institution, versions=[version])
    if state != "submitted":
        decide(version, state, reason=reason)
    version.refresh_from_db()
    return version


def test_decisions_on_the_same_warning_are_told_with_both_reasons() -> None:
    reasoned(make_institution(), "ai_gone", state="returned", reason="It closes in 2029.")
    reasoned(make_institution(), "ai_gone", state="approved")
    reasoned(make_institution(), "ai_less", state="approved")
    version = reasoned(make_institution(), "ai_gone", state="submitted")
    (told,) = found(version).warnings
    assert told.subject == "No AI any more"
    assert [(one.approved, one.returned) for one in told.tallies] == [(1, 1)]
    assert [(one.state, one.said, one.reason) for one in told.last] == [
        ("returned", "The programme closes.", "It closes in 2029."),
        ("approved", "The programme closes.", ""),
    ]


def test_disciplines_and_warnings_are_asked_for_in_one_query(django_assert_num_queries: Any) -> None:
    reasoned(make_institution(), "ai_gone", state="approved")
    version = reasoned(make_institution(), "ai_gone", state="submitted")
    (case,) = cases(CurriculumVersion.objects.filter(pk=version.pk))
    discipline = case.ai_lines[0].discipline
    titles = {name: getattr(discipline, name) for name in ("title_kk", "title_ru", "title_en")}
    taught(make_institution(), "core", state="approved", titles=titles)
    with django_assert_num_queries(1):
        told = precedents([case])[version.pk]
    assert (len(told.disciplines), len(told.warnings)) == (1, 1)


def test_the_review_screen_shows_what_was_decided_before(
    client: Client, reviewer: User, institution: Institution
) -> None:
    for _number in range(2):
        taught(make_institution(), "core", state="approved")
    taught(make_institution(code="narxoz"), "applied", state="returned", reason="There is no <AI> in it.")
    submission = make_submission(institution)
    taught(institution, "applied", submission=submission)
    text = page(client, reviewer, submission)
    assert "1 usually approved otherwise" in text
    assert "most often approved as: AI as the subject" in text
    assert "AI applied in the field: 0 approved, 1 returned" in text
    assert "There is no &lt;AI&gt; in it." in text
    assert "Institution narxoz" in text


def page(client: Client, reviewer: User, submission: Submission) -> str:
    client.force_login(reviewer)
    return client.get(f"/en/admin/curricula/submission/{submission.pk}/change/").content.decode()


def test_it_costs_the_same_for_one_and_for_many(
    institution: Institution, django_assert_num_queries: Any
) -> None:
    submission = make_submission(institution)
    for number in range(6):
        titles = {**TITLES, "title_ru": f"Машинное обучение {number}"}
        taught(make_institution(), "core", state="approved", titles=titles)
        version = taught(institution, "core", submission=submission, titles=titles)
        if number in (0, 5):
            looked_at = cases(CurriculumVersion.objects.filter(submission=submission))
            for case in looked_at:
                assert case.ai_lines
            with django_assert_num_queries(1):
                told = precedents(looked_at)
            assert told[version.pk].disciplines

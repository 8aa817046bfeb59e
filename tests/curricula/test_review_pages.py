"""The ministry's review, as people meet it: who gets in, what it costs, and that every button does what it says."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from curricula.models import CurriculumVersion, Submission
from institutions.models import Institution, User
from tests.factories import (
    decide,
    make_discipline,
    make_earlier_period,
    make_institution,
    make_member,
    make_programme,
    make_submission,
    make_version,
)

pytestmark = pytest.mark.django_db

QUEUE = "/en/admin/curricula/submission/"


@pytest.fixture
def submission(institution: Institution, signatory: User) -> Submission:
    """Two curricula and staff figures that wait."""
    made = make_submission(institution, by=signatory, note="Two programmes are new.")
    for code in ("6B06101", "6B06102"):
        make_version(make_programme(institution, code=code), state="submitted", submission=made)
    return made


@pytest.fixture
def reviewing(client: Client, reviewer: User) -> Client:
    client.force_login(reviewer)
    return client


def address(submission: Submission, page: str = "change") -> str:
    return f"/en/admin/curricula/submission/{submission.pk}/{page}/"


def decide_on(client: Client, submission: Submission, **sent: Any) -> Any:
    return client.post(address(submission, "decide"), sent, follow=True)


def pages(submission: Submission) -> list[str]:
    version = submission.versions.first()
    assert version
    return [
        QUEUE,
        address(submission),
        address(submission, "approve"),
        address(submission, "return"),
        address(submission, "decide"),
        address(submission, "history"),
        reverse("admin:curricula_curriculumversion_change", args=[version.pk]).replace("/kk/", "/en/"),
        reverse("admin:curricula_curriculumversion_history", args=[version.pk]).replace("/kk/", "/en/"),
    ]


def test_visitors_are_asked_to_sign_in(client: Client, submission: Submission) -> None:
    for page in pages(submission):
        answer = client.get(page)
        assert (answer.status_code, answer.url.split("?")[0]) == (302, "/en/admin/login/"), page  # type: ignore[attr-defined]


@pytest.mark.parametrize("person", ["editor", "signatory", "viewer", "stranger"])
def test_universities_have_no_way_in(
    client: Client, submission: Submission, person: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(person))
    version = submission.versions.all()[0]
    for page in pages(submission):
        assert client.get(page).status_code == 302
    sent = {"subject": version.pk, "decision": "approve", "seen": version.pk}
    for page in ("decide", "approve", "return"):
        assert client.post(address(submission, page), sent).status_code == 302
    assert submission.versions.filter(state="submitted").count() == 2


def test_staff_without_a_role_neither_look_nor_decide(client: Client, submission: Submission) -> None:
    client.force_login(make_member(make_institution(), is_staff=True))
    version = submission.versions.all()[0]
    for page in pages(submission):
        assert client.get(page).status_code in (403, 404), page
    sent = {"subject": version.pk, "decision": "approve", "seen": version.pk}
    for page in ("decide", "approve", "return"):
        assert client.post(address(submission, page), sent).status_code == 403
    assert submission.versions.filter(state="submitted").count() == 2


@pytest.mark.parametrize("person", ["reviewer", "lead"])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_ministry_opens_every_page(
    client: Client, submission: Submission, person: str, language: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(person))
    for page in pages(submission):
        answer = client.get(page.replace("/en/", f"/{language}/"), follow=True)
        assert answer.status_code == 200, page
        assert f'lang="{language}"' in answer.content.decode()


def test_no_page_has_a_script_or_style_within(reviewing: Client, submission: Submission) -> None:
    for page in [*pages(submission), "/en/admin/"]:
        text = reviewing.get(page, follow=True).content.decode()
        assert "<style" not in text, page
        assert " style=" not in text, page
        assert " onclick=" not in text, page
        assert "<script>" not in text, page


def test_the_queue_shows_what_waits_and_what_is_decided(reviewing: Client, submission: Submission) -> None:
    done = make_submission()
    decide_on(reviewing, done, subject="staff", decision="approve")
    newer = make_submission()
    text = reviewing.get(QUEUE).content.decode()
    assert text.index(address(submission)) < text.index(address(newer))
    assert address(done) not in text
    assert "2 curricula, staff figures" in text
    assert address(done) in reviewing.get(QUEUE, {"decision": "made"}).content.decode()
    assert address(done) in reviewing.get(QUEUE, {"decision": "all"}).content.decode()


def test_the_queue_finds_kazakh_names_in_any_case(reviewing: Client, submission: Submission) -> None:
    other = make_submission(make_institution(name_kk="Ғылым университеті"))
    text = reviewing.get(QUEUE, {"q": "ҒЫЛЫМ"}).content.decode()
    assert address(other) in text
    assert address(submission) not in text


def test_the_queue_costs_the_same_for_one_and_for_many(
    reviewing: Client, submission: Submission, django_assert_max_num_queries: Any
) -> None:
    for _number in range(2):
        with django_assert_max_num_queries(20):
            reviewing.get(QUEUE)
        for _other in range(4):
            make_version(state="submitted", students=None)


def test_the_sheet_costs_the_same_for_one_and_for_many(
    reviewing: Client, institution: Institution, django_assert_max_num_queries: Any
) -> None:
    submission = make_submission(institution)
    discipline = make_discipline(institution)
    for number in range(12):
        programme = make_programme(institution, code=f"7M061{number:02}")
        make_version(
            programme, period=make_earlier_period(), state="approved", lines=[{"discipline": discipline}]
        )
        make_version(programme, state="returned")
        make_version(programme, state="submitted", submission=submission, students=None)
        if number in (0, 11):
            with django_assert_max_num_queries(24):
                text = reviewing.get(address(submission)).content.decode()
    assert text.count('class="decide"') == 13
    assert text.count('value="return"') == 13


def test_the_sheet_shows_differences_warnings_evidence_and_what_was_said(
    reviewing: Client, institution: Institution, submission: Submission
) -> None:
    programme = make_programme(institution, code="6B06103")
    kept, gone = (
        make_discipline(institution, title_en="Algebra"),
        make_discipline(institution, title_en="Rhetoric"),
    )
    make_version(
        programme,
        period=make_earlier_period(),
        state="approved",
        lines=[{"discipline": kept}, {"discipline": gone}],
    )
    make_version(programme, state="returned", reason="The syllabus is missing.", lines=[{"discipline": kept}])
    new = make_discipline(institution, title_en="Machine Learning in Agronomy")
    lines = [
        {"discipline": kept, "credits": 7},
        {"discipline": new, "ai_category": "applied", "evidence_url": "https://kaznu.kz/s"},
    ]
    make_version(programme, state="submitted", submission=submission, lines=lines, students=None)
    text = reviewing.get(address(submission)).content.decode()
    assert "The number of students is not given." in text
    assert "The syllabus is missing." in text
    assert "<ins>Machine Learning in Agronomy</ins>" in text
    assert "<del>Rhetoric</del>" in text
    assert "<del>5</del> → <ins>7</ins>" in text
    assert 'href="https://kaznu.kz/s" target="_blank" rel="noopener noreferrer nofollow"' in text
    assert "Two programmes are new." in text


def test_one_curriculum_is_approved_and_the_next_comes_up(reviewing: Client, submission: Submission) -> None:
    first, second = submission.versions.order_by("pk")
    answer = decide_on(reviewing, submission, subject=first.pk, decision="approve", next=second.pk)
    assert answer.redirect_chain == [(f"{address(submission)}#curriculum-{second.pk}", 302)]
    assert "6B06101 is approved." in answer.content.decode()
    first.refresh_from_db()
    assert first.state == "approved"


def test_a_return_reaches_the_university_with_its_reason(
    reviewing: Client, submission: Submission, editor: User
) -> None:
    version = submission.versions.all()[0]
    decide_on(reviewing, submission, subject=version.pk, decision="return", reason="Credits do not add up.")
    seen = CurriculumVersion.objects.for_user(editor).get(pk=version.pk)
    assert (seen.state, seen.reason) == ("returned", "Credits do not add up.")
    assert CurriculumVersion.objects.for_user(editor).drafts().filter(programme=version.programme).exists()


def test_a_reason_with_what_no_column_can_hold_is_no_crash(reviewing: Client, submission: Submission) -> None:
    version = submission.versions.first()
    assert version
    decide_on(reviewing, submission, subject=version.pk, decision="return", reason="Add up\x00 the credits.")
    assert CurriculumVersion.objects.get(pk=version.pk).reason == "Add up the credits."


def test_a_return_without_reason_keeps_what_was_typed(reviewing: Client, submission: Submission) -> None:
    version = submission.versions.all()[0]
    answer = decide_on(reviewing, submission, subject=version.pk, decision="return", reason="x" * 5001)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "x" * 5001 in text
    assert text.index("<details open") < text.index("x" * 5001)
    assert f'aria-describedby="reason-{version.pk}-error"' in text
    version.refresh_from_db()
    assert version.state == "submitted"


def test_staff_figures_are_approved_and_returned(reviewing: Client, submission: Submission) -> None:
    assert decide_on(reviewing, submission, subject="staff", decision="return").status_code == 422
    decide_on(reviewing, submission, subject="staff", decision="return", reason="More trained than taught.")
    submission.refresh_from_db()
    assert (submission.state, submission.reason) == ("returned", "More trained than taught.")


def test_a_second_reviewer_is_told(reviewing: Client, submission: Submission) -> None:
    version = submission.versions.all()[0]
    decide(version, "approved")
    text = decide_on(
        reviewing, submission, subject=version.pk, decision="return", reason="No."
    ).content.decode()
    assert "was decided already: approved by Dana" in text


def test_the_confirmation_lists_what_it_approves_and_approves_that(
    reviewing: Client, submission: Submission
) -> None:
    text = reviewing.get(address(submission, "approve")).content.decode()
    seen = list(submission.versions.values_list("pk", flat=True))
    for key in seen:
        assert f'name="seen" value="{key}"' in text
    make_version(make_programme(submission.institution), state="submitted", submission=submission)
    answer = reviewing.post(address(submission, "approve"), {"seen": seen}, follow=True)
    assert "2 curricula approved." in answer.content.decode()
    assert set(CurriculumVersion.objects.valid_now().values_list("pk", flat=True)) == set(seen)


def test_only_what_has_no_warnings_can_be_chosen(reviewing: Client, submission: Submission) -> None:
    odd = make_version(
        make_programme(submission.institution), state="submitted", submission=submission, students=None
    )
    everything = reviewing.get(address(submission, "approve")).content.decode()
    assert f'value="{odd.pk}"' in everything
    quiet = reviewing.get(address(submission, "approve"), {"only": "quiet"}, follow=True).content.decode()
    assert f'name="seen" value="{odd.pk}"' not in quiet


def test_a_foreign_curriculum_is_not_found(reviewing: Client, submission: Submission) -> None:
    foreign = make_version(state="submitted")
    for subject in (foreign.pk, 0, "x", ""):
        assert decide_on(reviewing, submission, subject=subject, decision="approve").status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == "submitted"


def test_nothing_is_decided_by_a_link(reviewing: Client, submission: Submission) -> None:
    version = submission.versions.all()[0]
    reviewing.get(address(submission, "decide"), {"subject": version.pk, "decision": "approve"})
    reviewing.get(address(submission, "approve"), {"seen": version.pk})
    assert reviewing.post(address(submission), {"state": "approved"}).status_code == 405
    version.refresh_from_db()
    assert version.state == "submitted"


def test_decisions_need_the_token_of_the_form(reviewer: User, submission: Submission) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(reviewer)
    version = submission.versions.all()[0]
    for page in ("decide", "approve", "return"):
        sent = {"subject": version.pk, "decision": "approve", "seen": version.pk}
        assert client.post(address(submission, page), sent).status_code == 403


def test_who_signed_sees_no_buttons(client: Client, institution: Institution, reviewer: User) -> None:
    submission = make_submission(institution, by=reviewer)
    make_version(make_programme(institution), state="submitted", submission=submission)
    client.force_login(reviewer)
    text = client.get(address(submission)).content.decode()
    assert "another person must decide" in text
    assert 'class="decide"' not in text


def test_the_home_page_says_how_the_period_stands(
    reviewing: Client, submission: Submission, django_assert_max_num_queries: Any
) -> None:
    make_institution()
    with django_assert_max_num_queries(24):
        text = reviewing.get("/en/admin/").content.decode()
    assert "<strong>1</strong> submission waits" in text
    assert text.count("Region KZ-71") == 1

"""Deciding on several curricula at once, and beginning a return with a text of the ministry's list."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from curricula import reviewing
from curricula.errors import Refused
from curricula.models import CurriculumVersion, EvidenceFile, ReturnReason, Submission
from curricula.reference import load
from institutions.models import Institution, Letter, User
from tests.factories import (
    make_discipline,
    make_institution,
    make_programme,
    make_submission,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(institution: Institution, signatory: User) -> Submission:
    made = make_submission(institution, by=signatory)
    for code in ("6B06101", "6B06102", "6B06103"):
        make_version(make_programme(institution, code=code), state="submitted", submission=made)
    return made


@pytest.fixture
def missing(db: None) -> ReturnReason:
    return ReturnReason.objects.create(
        code="missing", position=1,
        title_kk="Силлабус жоқ", title_ru="Нет силлабуса", title_en="No syllabus",
        text_kk="Силлабусты тіркеңіз.", text_ru="Приложите силлабус.", text_en="Attach the syllabus.",
    )  # fmt: skip


@pytest.fixture
def reviewing_client(client: Client, reviewer: User) -> Client:
    client.force_login(reviewer)
    return client


def address(submission: Submission, page: str = "change") -> str:
    return f"/en/admin/curricula/submission/{submission.pk}/{page}/"


def keys(submission: Submission) -> list[int]:
    return list(submission.versions.filter(state="submitted").order_by("pk").values_list("pk", flat=True))


def test_several_are_returned_for_one_reason_with_drafts_and_one_letter(
    submission: Submission, reviewer: User, signatory: User
) -> None:
    first, second, third = keys(submission)
    count = reviewing.return_all(
        submission=submission, by=reviewer, seen_version_ids=[first, second], reason=" The syllabi. "
    )
    assert count == 2
    returned = submission.versions.filter(state="returned")
    assert {(one.pk, one.reason, one.decided_by_id) for one in returned} == {
        (first, "The syllabi.", reviewer.pk),
        (second, "The syllabi.", reviewer.pk),
    }
    drafts = CurriculumVersion.objects.drafts().order_by("programme__code")
    assert [(one.programme.code, one.number, one.lines.count()) for one in drafts] == [
        ("6B06101", 2, 2),
        ("6B06102", 2, 2),
    ]
    assert keys(submission) == [third]
    assert Letter.objects.filter(kind="returned", user=signatory).count() == 1


def test_a_draft_that_was_begun_stays_as_it_is(submission: Submission, reviewer: User) -> None:
    version = submission.versions.all()[0]
    begun = make_version(version.programme, lines=[{}], number=2)
    reviewing.return_all(
        submission=submission, by=reviewer, seen_version_ids=keys(submission), reason="All of it."
    )
    assert CurriculumVersion.objects.drafts().filter(programme=version.programme).get() == begun
    assert CurriculumVersion.objects.drafts().count() == 3


def test_returning_many_costs_as_much_as_returning_few(
    institution: Institution, reviewer: User, django_assert_max_num_queries: Any
) -> None:
    for number in (2, 9):
        submission = make_submission(institution)
        for _one in range(number):
            make_version(make_programme(institution), state="submitted", submission=submission)
        with django_assert_max_num_queries(45):
            reviewing.return_all(
                submission=submission,
                by=reviewer,
                seen_version_ids=keys(submission),
                reason="No.",
                with_staff=True,
            )


def test_all_or_none_is_returned(submission: Submission, reviewer: User) -> None:
    first, *_others = keys(submission)
    reviewing.approve(version=CurriculumVersion.objects.get(pk=first), by=reviewer)
    stranger = make_version(state="submitted").pk
    for chosen in ([*keys(submission), first], [*keys(submission), stranger], []):
        with pytest.raises(Refused):
            reviewing.return_all(submission=submission, by=reviewer, seen_version_ids=chosen, reason="No.")
    assert len(keys(submission)) == 2
    assert not CurriculumVersion.objects.filter(state="returned").exists()


def test_a_submission_is_approved_as_a_whole(submission: Submission, reviewer: User) -> None:
    reviewing.approve_all(
        submission=submission, by=reviewer, seen_version_ids=keys(submission), with_staff=True
    )
    submission.refresh_from_db()
    assert (submission.state, keys(submission)) == ("approved", [])


def test_if_the_staff_figures_are_decided_nothing_is_approved(submission: Submission, reviewer: User) -> None:
    reviewing.approve_staff_figures(submission=submission, by=reviewer)
    with pytest.raises(Refused):
        reviewing.approve_all(
            submission=submission, by=reviewer, seen_version_ids=keys(submission), with_staff=True
        )
    assert len(keys(submission)) == 3


def test_only_what_was_ticked_is_shown_and_returned(reviewing_client: Client, submission: Submission) -> None:
    first, second, third = keys(submission)
    asked: dict[str, Any] = {"only": "chosen", "chosen": [first, third, "staff"]}
    text = reviewing_client.get(address(submission, "return"), asked).content.decode()
    assert [f'name="seen" value="{key}"' in text for key in (first, second, third)] == [True, False, True]
    assert 'name="seen" value="staff" checked' in text
    assert "1 other goes on waiting" in text
    sent: dict[str, Any] = {"seen": [first, third, "staff"], "reason": "Not yet.", "decision": "return"}
    answer = reviewing_client.post(address(submission, "return"), sent, follow=True)
    assert "2 curricula returned" in answer.content.decode()
    submission.refresh_from_db()
    assert (submission.state, keys(submission)) == ("returned", [second])


def test_nothing_ticked_decides_nothing(reviewing_client: Client, submission: Submission) -> None:
    for page in ("approve", "return"):
        answer = reviewing_client.get(address(submission, page), {"only": "chosen"}, follow=True)
        assert "Nothing is chosen." in answer.content.decode()
        assert answer.redirect_chain[-1][0] == address(submission)


def test_a_return_of_several_without_reason_keeps_what_was_chosen(
    reviewing_client: Client, submission: Submission
) -> None:
    first, second, third = keys(submission)
    answer = reviewing_client.post(
        address(submission, "return"), {"seen": [first, third], "decision": "return"}
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert [f'value="{key}"' in text for key in (first, second, third)] == [True, False, True]
    assert 'aria-describedby="reason-all-error"' in text


def test_a_text_of_the_list_is_filled_in_and_not_yet_sent(
    reviewing_client: Client, submission: Submission, missing: ReturnReason, signatory: User
) -> None:
    User.objects.filter(pk=signatory.pk).update(language="ru")
    first, *_others = keys(submission)
    chosen: dict[str, Any] = {"subject": first, "ready": missing.pk}
    for sent, expected in (
        ({"decision": "fill", "reason": "Typed."}, "Typed.\n\nПриложите силлабус.</textarea>"),
        ({"decision": "return", "reason": ""}, "Приложите силлабус.</textarea>"),
    ):
        answer = reviewing_client.post(address(submission, "decide"), {**chosen, **sent})
        text = answer.content.decode()
        assert answer.status_code == 200
        assert expected in text
        assert len(keys(submission)) == 3
    by_hand = {**chosen, "decision": "return", "reason": "Typed by hand."}
    reviewing_client.post(address(submission, "decide"), by_hand)
    assert CurriculumVersion.objects.get(pk=first).reason == "Typed by hand."


def test_the_list_offers_each_text_where_it_belongs(
    reviewing_client: Client, submission: Submission, missing: ReturnReason
) -> None:
    text = reviewing_client.get(address(submission)).content.decode()
    assert text.count(f'<option value="{missing.pk}">No syllabus</option>') == 3
    whole = reviewing_client.get(address(submission, "return")).content.decode()
    assert whole.count("No syllabus</option>") == 1


def test_the_texts_that_ship_are_loaded_once_and_edits_are_kept(db: None) -> None:
    load()
    edited = ReturnReason.objects.get(code="syllabus-missing")
    edited.text_ru = "Иначе."
    edited.save(update_fields=["text_ru"])
    ReturnReason.objects.get(code="credits-wrong").delete()
    count = ReturnReason.objects.count()
    load()
    edited.refresh_from_db()
    assert (edited.text_ru, ReturnReason.objects.count()) == ("Иначе.", count)


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ("reviewer", "view add change"),
        ("lead", "view add change delete"),
        ("auditor", "view"),
        ("editor", ""),
    ],
)
def test_who_may_keep_the_list(
    client: Client, missing: ReturnReason, person: str, may: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(person))
    form = {
        "about": "staff", "position": 3, "code": "new", "title_kk": "а", "title_ru": "б", "title_en": "c",
        "text_kk": "а", "text_ru": "б", "text_en": "c",
    }  # fmt: skip
    there = reverse("admin:curricula_returnreason_changelist")
    assert (client.get(there).status_code == 200) == ("view" in may)
    client.post(reverse("admin:curricula_returnreason_add"), form)
    assert ReturnReason.objects.filter(code="new").exists() == ("add" in may)
    client.post(reverse("admin:curricula_returnreason_change", args=[missing.pk]), form)
    missing.refresh_from_db()
    assert (missing.text_en == "c") == ("change" in may)
    client.post(reverse("admin:curricula_returnreason_delete", args=[missing.pk]), {"post": "yes"})
    assert ReturnReason.objects.filter(pk=missing.pk).exists() == ("delete" not in may)


@pytest.fixture
def evidence(submission: Submission, signatory: User) -> EvidenceFile:
    """A PDF with which an AI discipline of the submission was signed."""
    kept = EvidenceFile(
        institution=submission.institution, file_name="s.pdf", size=9, sha256="0" * 64, uploaded_by=signatory
    )
    kept.file.save("", ContentFile(b"%PDF-1.7\n%%EOF"), save=False)
    kept.save()
    discipline = make_discipline(submission.institution, title_en="Vision", evidence_file=kept)
    programme = make_programme(submission.institution, code="6B06109")
    lines = [{"discipline": discipline, "ai_category": "core"}]
    make_version(programme, state="submitted", submission=submission, lines=lines)
    return kept


def test_an_uploaded_file_opens_in_its_place(
    reviewing_client: Client, submission: Submission, evidence: EvidenceFile
) -> None:
    page = reviewing_client.get(address(submission))
    file = address(submission, f"evidence/{evidence.pk}")
    assert f'<iframe src="{file}" loading="lazy"' in page.content.decode()
    assert "frame-src 'self' https:" in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    shown = reviewing_client.get(file)
    assert shown.content == b"%PDF-1.7\n%%EOF"
    assert shown["Content-Disposition"].startswith("inline")
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert shown["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert reviewing_client.post(file).status_code == 405


def test_an_uploaded_file_is_shown_to_the_ministry_with_its_own_submission_only(
    client: Client, reviewer: User, editor: User, submission: Submission, evidence: EvidenceFile
) -> None:
    other = make_submission(make_institution())
    client.force_login(reviewer)
    assert client.get(address(other, f"evidence/{evidence.pk}")).status_code == 404
    client.force_login(editor)
    assert client.get(address(submission, f"evidence/{evidence.pk}")).status_code == 302


def test_the_suggestion_stands_beside_the_choice(reviewing_client: Client, institution: Institution) -> None:
    submission = make_submission(institution)
    alike = make_discipline(institution, suggested_category="core", suggested_terms=["neural"])
    other = make_discipline(institution, suggested_category="applied", suggested_terms=["robots"])
    lines = [{"discipline": alike, "ai_category": "core"}, {"discipline": other, "ai_category": "ethics"}]
    make_version(make_programme(institution), state="submitted", submission=submission, lines=lines)
    text = reviewing_client.get(address(submission)).content.decode()
    assert '<span class="quiet">the same</span> <small>by “neural”</small>' in text
    assert '<span class="tag warned">AI applied in the field</span> <small>by “robots”</small>' in text

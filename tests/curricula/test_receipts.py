"""The receipt as a file: readable in three languages, of the same bytes each time, and for members only."""

import io
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from curricula import receipts
from curricula.models import Period, Submission
from curricula.submitting import submit
from institutions.models import Institution, User
from tests.factories import decide, make_programme, make_reviewer, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def submission(institution: Institution, period: Period, signatory: User) -> Submission:
    title = {
        "title_kk": "Ұңғымаларды бұрғылау және өңдеу үрдісі",
        "title_ru": "Бурение скважин",
        "title_en": "Drilling",
    }
    make_version(make_programme(institution, code="6B06101", **title), period=period, students=41)
    make_version(make_programme(institution, code="7M06102"), period=period, students=None)
    return submit(
        institution=institution,
        period=period,
        by=signatory,
        faculty_total=120,
        faculty_trained=60,
        note="Қалғаны кейін келеді; the rest follows.",
        at=datetime.now(UTC).replace(microsecond=0),
    )


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "Ұңғымаларды бұрғылау және өңдеу үрдісі"),
        ("ru", "Бурение скважин"),
        ("en", "Receipt of a submission"),
    ],
)
def test_it_can_be_read_in_each_language(submission: Submission, language: str, words: str) -> None:
    with translation.override(language):
        text = words_of(receipts.pdf(submission))
    for expected in (words, submission.receipt_number, submission.content_hash, "Қалғаны кейін келеді",
                     "signatory@kaznu.kz", "120", "60", "41", "6B06101", "7M06102"):  # fmt: skip
        assert expected in text, expected
    for version in submission.versions.all():
        assert version.content_hash in text


def test_the_same_receipt_has_the_same_bytes_whatever_was_decided_since(submission: Submission) -> None:
    first = receipts.pdf(submission)
    for version in submission.versions.all():
        decide(version, "approved", by=make_reviewer())
    assert receipts.pdf(Submission.objects.get(pk=submission.pk)) == first


def test_many_curricula_fill_several_numbered_pages(
    institution: Institution, period: Period, signatory: User
) -> None:
    for _number in range(60):
        make_version(make_programme(institution), period=period, lines=[{}])
    made = submit(institution=institution, period=period, by=signatory, faculty_total=9, faculty_trained=1)
    reader = PdfReader(io.BytesIO(receipts.pdf(made)))
    assert len(reader.pages) > 2
    for number, page in enumerate(reader.pages, start=1):
        assert f"{made.receipt_number}, page {number} of {len(reader.pages)}" in page.extract_text()


def test_it_is_handed_to_members_only(
    client: Client, submission: Submission, viewer: User, stranger: User
) -> None:
    address = reverse("receipt", args=[submission.institution.code, submission.period.code, 1])
    assert client.get(address).status_code == 302
    client.force_login(viewer)
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert f'"{submission.receipt_number}.pdf"' in answer["Content-Disposition"]
    assert submission.content_hash in words_of(answer.content)
    assert client.get(address.replace("submissions/1", "submissions/2")).status_code == 404
    for user in (stranger, make_reviewer()):
        client.force_login(user)
        assert client.get(address).status_code == 404

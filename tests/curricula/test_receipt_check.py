"""Whoever holds a receipt sees whether it is genuine; whoever does not, learns nothing."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from curricula.models import Period, Submission
from curricula.submitting import submit
from institutions.models import Institution, User
from tests.factories import make_programme, make_submission, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def submission(institution: Institution, period: Period, signatory: User) -> Submission:
    make_version(make_programme(institution), period=period)
    return submit(institution=institution, period=period, by=signatory, faculty_total=9, faculty_trained=1)


def told(client: Client, number: str, content_hash: str) -> str:
    address = reverse("receipt-check")
    return unescape(client.get(address, {"number": number, "content_hash": content_hash}).content.decode())


def test_a_genuine_receipt_is_told_apart_however_it_is_typed(client: Client, submission: Submission) -> None:
    typed = submission.content_hash.upper()
    for content_hash in (submission.content_hash, f" {typed[:32]} {typed[32:]} "):
        page = told(client, submission.receipt_number.lower(), content_hash)
        assert "The receipt is genuine" in page
        assert submission.institution.name in page


def test_another_number_or_hash_is_no_receipt_and_names_nobody(
    client: Client, submission: Submission
) -> None:
    other = make_submission(submission.institution, period=submission.period)
    for number, content_hash in (
        (submission.receipt_number, "0" * 64),
        (other.receipt_number, submission.content_hash),
        ("QAMTU-2025-999999999-1", submission.content_hash),
    ):
        page = told(client, number, content_hash)
        assert "There is no such receipt" in page
        assert submission.institution.name not in page


@pytest.mark.parametrize("content_hash", ["", "abc", "g" * 64])
def test_what_can_be_no_hash_is_said(client: Client, submission: Submission, content_hash: str) -> None:
    page = told(client, submission.receipt_number, content_hash)
    assert "There is a problem" in page
    assert submission.institution.name not in page


def test_a_receipt_without_a_seal_is_never_found_by_an_empty_hash(
    client: Client, institution: Institution, period: Period
) -> None:
    unsealed = make_submission(institution, period=period)
    assert "The receipt is genuine" not in told(client, unsealed.receipt_number, "")

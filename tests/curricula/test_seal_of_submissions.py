"""The hash on a receipt: written by the database, over what it vouches for, once; nothing is added afterwards."""

import hashlib
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from curricula.models import CurriculumVersion, Period, Submission
from curricula.submitting import submit
from institutions.models import Institution, User
from tests.factories import (
    hand_in,
    make_institution,
    make_programme,
    make_reviewer,
    make_submission,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def submission(institution: Institution, period: Period, signatory: User) -> Submission:
    for owner in (institution, make_institution()):  # what was handed in before, here and elsewhere
        make_submission(versions=[make_version(make_programme(owner), period=period)])
    for code in ("7M06102", "6B06101"):
        make_version(make_programme(institution, code=code), period=period)
    return submit(institution=institution, period=period, by=signatory, faculty_total=120, faculty_trained=60)


def text_of(submission: Submission) -> str:
    """What docs/data.md says that the hash is made of."""
    head = f"{submission.institution.code}|{submission.period.code}|{submission.number}|120|60"
    lines = [
        f"{version.programme.code}|{version.number}|{version.content_hash}"
        for version in submission.versions.order_by("programme__code")
    ]
    return "\n".join([head, *lines])


def refused(words: str, **changes: object) -> None:
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        Submission.objects.update(**changes)


def test_the_hash_is_that_of_the_package(submission: Submission) -> None:
    assert submission.versions.count() == 2
    assert submission.content_hash == hashlib.sha256(text_of(submission).encode()).hexdigest()


def test_a_seal_is_set_once_and_outlives_decisions(submission: Submission) -> None:
    sealed = submission.content_hash
    refused("sealed once", content_hash="f" * 64)
    refused("sealed once", content_hash="")
    refused("sealed once", faculty_total=500)
    decision = {"decided_by": make_reviewer(), "decided_at": timezone.now()}
    refused("only be approved or returned", state="returned", reason="why", content_hash="x", **decision)
    Submission.objects.update(state="returned", reason="Count again.", **decision)
    submission.refresh_from_db()
    assert submission.content_hash == sealed
    refused("never changed", content_hash="")


def test_nobody_brings_a_seal_along(institution: Institution, period: Period) -> None:
    with pytest.raises(IntegrityError, match="sealed by the database"), transaction.atomic():
        make_submission(institution, period=period, content_hash="f" * 64)
    unsealed = make_submission(institution, period=period)
    Submission.objects.filter(pk=unsealed.pk).update(content_hash="made up")
    unsealed.refresh_from_db()
    assert len(unsealed.content_hash) == 64


def test_with_the_seal_goes_nothing_else(institution: Institution, period: Period) -> None:
    make_submission(institution, period=period)
    refused("sealed once", content_hash="x", faculty_trained=1)


def test_nothing_is_added_to_a_sealed_submission(submission: Submission) -> None:
    late = make_version(make_programme(submission.institution), period=submission.period)
    with pytest.raises(IntegrityError, match="nothing is added"), transaction.atomic():
        hand_in(late, submission)
    assert CurriculumVersion.objects.get(pk=late.pk).state == "draft"


def test_what_was_handed_in_before_there_were_seals_gets_the_same_one(submission: Submission) -> None:
    migration = import_module("curricula.migrations.0008_seal_of_submissions")
    sealed = submission.content_hash
    with connection.cursor() as cursor:
        # As in the migration, where the guards are away.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE curricula_submission SET content_hash = ''")
        cursor.execute(migration.SEAL_ALL)
        cursor.execute("SET LOCAL session_replication_role = origin")
    submission.refresh_from_db()
    assert submission.content_hash == sealed


def test_the_number_of_the_receipt_is_what_people_quote(submission: Submission) -> None:
    assert submission.receipt_number == f"QAMTU-2025-{submission.institution_id:03}-2"

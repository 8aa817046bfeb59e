"""A release: only what is verified, only at its time, never changed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from curricula.models import Period
from institutions.models import Institution, User
from reports import releasing, snapshots, verifying
from reports.errors import Refused
from reports.models import Release, Snapshot
from tests.factories import make_programme, make_version
from tests.rules import make_requirement

pytestmark = pytest.mark.django_db


@pytest.fixture
def snapshot(period: Period, institution: Institution) -> Snapshot:
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    requested = snapshots.request(period=period)
    snapshots.take(requested.pk)
    return verifying.verify(requested.pk)


def test_a_verified_snapshot_becomes_public_with_its_files(
    snapshot: Snapshot, lead: User, deputy: User
) -> None:
    release = releasing.release(
        snapshot=snapshot, by=lead, confirmed_by=deputy, notes={"kk": "Алғашқы", "ru": "Первая"}
    )
    assert not Release.objects.published().exists()
    releasing.prepare(release.pk)
    assert Release.objects.newest() == release
    assert release.number == 1


def test_what_is_not_verified_is_not_released(period: Period, lead: User, deputy: User) -> None:
    requested = snapshots.request(period=period)
    with pytest.raises(Refused):
        releasing.release(snapshot=requested, by=lead, confirmed_by=deputy)


def test_the_database_too_refuses_an_unverified_snapshot(period: Period, lead: User, deputy: User) -> None:
    taken = snapshots.take(snapshots.request(period=period).pk)
    with pytest.raises(IntegrityError, match="only a verified snapshot"), transaction.atomic():
        Release.objects.create(
            number=1, snapshot=taken, publish_at=timezone.now(), released_at=timezone.now(), released_by=lead
        )


def test_nobody_outside_the_ministry_releases(snapshot: Snapshot, editor: User) -> None:
    with pytest.raises(Refused):
        releasing.propose(snapshot=snapshot, by=editor)


def test_before_its_time_a_release_is_not_public(snapshot: Snapshot, lead: User, deputy: User) -> None:
    later = timezone.now() + timedelta(hours=1)
    release = releasing.prepare(
        releasing.release(snapshot=snapshot, by=lead, confirmed_by=deputy, publish_at=later).pk
    )
    assert release.files_ready_at is not None
    assert not Release.objects.published().exists()


def test_a_snapshot_is_released_once(snapshot: Snapshot, lead: User, deputy: User) -> None:
    releasing.release(snapshot=snapshot, by=lead, confirmed_by=deputy)
    with pytest.raises(Refused):
        releasing.release(snapshot=snapshot, by=lead, confirmed_by=deputy)


def test_a_correction_says_why(snapshot: Snapshot, period: Period, lead: User, deputy: User) -> None:
    first = releasing.release(snapshot=snapshot, by=lead, confirmed_by=deputy)
    newer = verifying.verify(snapshots.take(snapshots.request(period=period).pk).pk)
    with pytest.raises(Refused):
        releasing.release(snapshot=newer, by=lead, confirmed_by=deputy, corrects=first)
    second = releasing.release(
        snapshot=newer, by=lead, confirmed_by=deputy, corrects=first, correction_reason="One university twice"
    )
    assert second.number == first.number + 1


def test_a_release_is_never_changed(snapshot: Snapshot, lead: User, deputy: User) -> None:
    release = releasing.prepare(releasing.release(snapshot=snapshot, by=lead, confirmed_by=deputy).pk)
    for change in (
        {"number": 9},
        {"publish_at": timezone.now() + timedelta(days=1)},
        {"files_ready_at": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Release.objects.filter(pk=release.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.all()._raw_delete("default")


def test_preparing_twice_makes_the_files_once(snapshot: Snapshot, lead: User, deputy: User) -> None:
    release = releasing.release(snapshot=snapshot, by=lead, confirmed_by=deputy)
    releasing.prepare(release.pk)
    files = sorted(release.files.values_list("sha256", flat=True))
    releasing.prepare(release.pk)
    assert sorted(release.files.values_list("sha256", flat=True)) == files

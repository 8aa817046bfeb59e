"""Every snapshot of the demonstration data is made again from history, cell by cell, whatever has happened since."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from curricula.demo.planning import PERIODS
from curricula.models import Period, Programme
from institutions.models import Institution, User
from institutions.registering import close_institution
from reports.demo import due
from reports.models import Assessment, Exemption, Release, Requirement, Snapshot
from tests.factories import make_region, make_version
from tests.rules import make_exemption

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def loaded_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Three years of a small country, as `make run` shows them of a large one; each test takes back what it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference_data", verbosity=0)
        call_command("load_demo_data", institutions=24, programmes=12, verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def taken(loaded_once: None, db: None) -> list[Snapshot]:
    return list(Snapshot.objects.order_by("pk"))


def test_the_past_is_released_by_the_real_steps_and_told_once(taken: list[Snapshot]) -> None:
    releases = Release.objects.order_by("number").select_related("snapshot__period")
    periods = ["2024"] * 2 + ["2025"] * 4 + ["2026"] * 2
    assert [release.snapshot.period.code for release in releases] == periods
    assert all(
        release.snapshot.state == "verified" and release.snapshot.demonstration for release in releases
    )
    assert all(release.files_ready_at for release in releases)
    assert Exemption.objects.exists()
    call_command("load_demo_data", "--if-needed", verbosity=0)
    assert Release.objects.count() == 8


def rebuilt() -> list[str]:
    out = io.StringIO()
    call_command("rebuild_snapshot", stdout=out)
    return out.getvalue().splitlines()


def change_everything() -> None:
    """Approve, exempt, move and close, today, in all periods."""
    by = User.objects.filter(is_staff=True)[0]
    for period in Period.objects.all():
        for programme in Programme.objects.active_in(period).order_by("pk")[:10]:
            if not programme.versions.filter(period=period, state__in=["draft", "submitted"]).exists():
                make_version(programme, period=period, state="approved", at=timezone.now())
    first, second, *_others = Institution.objects.filter(programmes__isnull=False).distinct().order_by("code")
    for programme in Programme.objects.filter(institution=first)[:3]:
        make_exemption(
            programme, requirement_code=Requirement.objects.all()[0].code, decided_at=timezone.now()
        )
    Institution.objects.filter(pk=second.pk).update(region=make_region("KZ-99"), kind="private")
    Programme.objects.filter(institution=second).update(language="en", is_ai_dedicated=True)
    close_institution(institution=first, closed_on=timezone.localdate(), reason="why", by=by)


def test_each_meets_its_fingerprint_and_every_cell_whatever_comes_later(taken: list[Snapshot]) -> None:
    assert len(taken) == len(due(timezone.now(), PERIODS)) >= 4
    outcomes = set(Assessment.objects.values_list("outcome", flat=True))
    assert outcomes == {"met", "not_met", "no_data", "exempt"}
    before = rebuilt()
    assert [line.split(":")[0] for line in before] == [f"Snapshot {one.pk}" for one in taken]
    change_everything()
    assert rebuilt() == before


@pytest.mark.parametrize(
    "falsified",
    [
        "UPDATE curricula_curriculumversion SET valid_from = valid_from + interval '3 years' WHERE id = ("
        "SELECT version_id FROM reports_assessment WHERE outcome = 'met' ORDER BY snapshot_id, programme_id LIMIT 1)",
        "UPDATE reports_coverage SET met = met + 1, not_met = not_met - 1 "
        "WHERE (snapshot_id, requirement_id, dimension, key) = (SELECT snapshot_id, requirement_id, dimension, key "
        "FROM reports_coverage WHERE not_met > 0 ORDER BY snapshot_id LIMIT 1)",
        "UPDATE reports_exemption SET revoked_at = decided_at",
        "UPDATE institutions_institutionstate SET kind = 'planned' WHERE id = ("
        "SELECT max(id) FROM institutions_institutionstate WHERE institution_id = ("
        "SELECT institution_id FROM reports_assessment ORDER BY snapshot_id DESC LIMIT 1))",
    ],
    ids=["an approval was later", "a count", "an exemption was revoked", "a university was planned"],
)  # fmt: skip
def test_history_that_was_falsified_is_found(taken: list[Snapshot], falsified: str) -> None:
    """The negative control, by whoever may switch off the guards of the database."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(falsified)
        assert cursor.rowcount
    with pytest.raises(CommandError, match="Snapshot"):
        rebuilt()

"""Each release carries the newest hash of the trail out of the house, and the trail is held against it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from institutions.models import Region, TrailSeal
from institutions.trail import sealing
from reports.anchoring import released_anchors
from tests.factories import make_institution
from tests.reports.releases import make_country, make_release

# A mark waits for every transaction of the server, those of tests beside it too: so one after another.
pytestmark = [
    pytest.mark.alone,
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.usefixtures("english"),
]


def test_a_trail_made_anew_is_not_the_one_that_a_release_carries(capsys: pytest.CaptureFixture[str]) -> None:
    kaznu = make_institution(code="kaznu")
    sealing.seal(patience=60)
    make_country((kaznu, "6B06101", "met"))
    release = make_release()
    newest = sealing.newest()
    assert newest is not None
    for name in ("release.json", "datapackage.json"):
        assert (
            json.loads(bytes(release.files.get(name=name).content))["trail"]
            == f"{newest.number}:{newest.hash}"
        )
    assert released_anchors() == {newest.number: newest.hash}

    sealing.seal(patience=60)
    call_command("verify_audit_trail")
    assert "The trail is whole" in capsys.readouterr().out

    region = Region.objects.get()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE institutions_regionevent SET name_en = 'Elsewhere'")
        cursor.execute("UPDATE institutions_region SET name_en = 'Elsewhere' WHERE id = %s", [region.pk])
        cursor.execute("TRUNCATE institutions_trailseal")
    sealing.seal(patience=60)
    assert TrailSeal.objects.count() >= newest.number
    with pytest.raises(CommandError, match="is not the one whose hash was kept outside"):
        call_command("verify_audit_trail")


def test_an_end_that_was_cut_off_is_not_that_of_the_public_page(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_institution(code="kaznu")
    sealing.seal(patience=60)
    newest = sealing.newest()
    assert newest is not None
    tomorrow = timezone.localdate() + timedelta(days=1)
    with monkeypatch.context() as clock:
        clock.setattr(timezone, "localdate", lambda: tomorrow)
        kept = tmp_path / "qamtu-trail.txt"
        kept.write_bytes(client.get("/en/trail/hashes.txt").content)
    assert kept.read_text() == f"{timezone.localdate()} {newest.number}:{newest.hash}\n"
    call_command("verify_audit_trail", anchors=kept, seals_only=True)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f'DELETE FROM "{newest.table}" WHERE pgh_id > %s', [newest.after_id])
        cursor.execute("DELETE FROM institutions_trailseal WHERE number = %s", [newest.number])
    call_command("verify_audit_trail", seals_only=True)  # by itself the database does not know better
    with pytest.raises(CommandError, match=f"Seal {newest.number}, whose hash was kept outside, is gone"):
        call_command("verify_audit_trail", anchors=kept, seals_only=True)


def test_a_release_before_the_first_seal_carries_none() -> None:
    make_country((make_institution(code="kaznu"), "6B06101", "met"))
    release = make_release()
    assert json.loads(bytes(release.files.get(name="datapackage.json").content))["trail"] is None
    assert released_anchors() == {}

"""The clock of one machine is wrong: it sends nothing early, deletes nothing, and makes the same files."""

import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from curricula.models import Import
from institutions.models import Letter
from reports import releasing, snapshots, verifying
from reports.models import ReleaseFile
from tests.factories import (
    make_institution,
    make_letter,
    make_member,
    make_period,
    make_reviewer,
    make_user,
)
from tests.faults.amounts import IN_FULL
from tests.faults.test_import_killed_anywhere import previewed
from tests.packages import find_or_install
from tests.reports.releases import make_country
from tests.workers import ROOT, database_url

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

# What a worker does at its rounds, in a process whose clock is so many seconds off.
ROUNDS = """
import sys, time
import django
django.setup()
from curricula import telling
from curricula.importing.confirming import expire_previews
from institutions import sending
from institutions.api import repeating
from institutions.webhooks import delivering
from reports import releasing
assert abs(time.time() - float(sys.argv[2]) - float(sys.argv[3])) < 300, "the clock is not the one it should have"
telling.tell_of_imports()
telling.tell_of_deadlines()
expire_previews()
sending.forget_old(), delivering.forget_old(), repeating.forget_answers()
sending.send_outstanding()
releasing.prepare(int(sys.argv[1]))
"""


def make_its_rounds(release_id: int, *, off: timedelta) -> None:
    program = find_or_install(["faketime"], "faketime")
    assert program, "No faketime: install it (Debian: apt-get install faketime) and run the tests again."
    seconds = f"{off.total_seconds():+.0f}"
    subprocess.run(
        [program, "-f", f"{seconds}s", sys.executable, "-c", ROUNDS, str(release_id), f"{time.time()}", seconds],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": database_url(), "DONT_FAKE_MONOTONIC": "1"},
        check=True, timeout=120,
    )  # fmt: skip


def files(release_id: int) -> set[tuple[str, str, str]]:
    return set(ReleaseFile.objects.filter(release=release_id).values_list("name", "language", "sha256"))


@pytest.mark.parametrize("off", [1, 400, -400] if IN_FULL else [400], ids="{:+} days".format)
def test_a_wrong_clock_sends_nothing_early_deletes_nothing_and_makes_the_same_files(
    off: int,
) -> None:
    institution, preview = make_institution(), previewed()
    period = make_period()
    period.due_on = timezone.localdate() + timedelta(days=15)  # tomorrow there will be a letter
    period.save(update_fields=["due_on"])
    make_member(institution, "editor", "signatory")
    make_country((institution, "6B06101", "met"), (institution, "6B06102", "no_data"))
    snapshot = verifying.verify(snapshots.take(snapshots.request(period=period).pk).pk)
    release = releasing.release(snapshot=snapshot, by=make_reviewer(), confirmed_by=make_reviewer())
    with transaction.atomic():
        releasing.prepare(release.pk)
        expected = files(release.pk)
        transaction.set_rollback(True)
    letter = make_letter(user=make_user("somebody@kaznu.kz"), next_try_at=timezone.now() + timedelta(hours=2))
    make_its_rounds(release.pk, off=timedelta(days=off))

    assert files(release.pk) == expected
    assert list(Letter.objects.values_list("pk", "sent_at")) == [(letter.pk, None)]
    assert Import.objects.get(pk=preview.pk).state == Import.State.READY

"""A process that dies between its commit and the bell for it loses nothing: what is to be done is a row."""

import os
import signal

import pytest

from curricula import importing
from curricula.models import Import, Period
from institutions import bell
from reports import snapshots
from reports.models import Snapshot
from tests.faults.amounts import DONE, KILLS
from tests.faults.test_import_killed import say_yes
from tests.faults.test_import_killed_anywhere import EVERYTHING, previewed, saved
from tests.faults.test_snapshot_killed_anywhere import killed_within

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def whoever_rings_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the processes that the test starts; this one only sweeps."""
    own = os.getpid()

    def die(_ringer: bell.Ringer, _bell: bell.Bell) -> None:
        if os.getpid() != own:
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(bell.Ringer, "ring", die)


def test_every_snapshot_that_was_asked_for_is_taken(counted: Period) -> None:
    for _number in range(KILLS):
        killed_within(20, lambda: snapshots.request(period=counted))
    waiting = Snapshot.objects.outstanding()
    assert waiting.count() == KILLS
    for number in waiting.values_list("pk", flat=True):
        snapshots.take(number)
    assert set(Snapshot.objects.values_list("state", flat=True)) == {Snapshot.State.TAKEN}
    DONE["deaths between commit and bell"] += KILLS


def test_a_yes_to_an_import_is_carried_out() -> None:
    preview = previewed()
    killed_within(20, lambda: say_yes(preview))
    importing.run_outstanding()
    assert Import.objects.get(pk=preview.pk).state == Import.State.DONE
    assert saved(preview) == EVERYTHING
    DONE["deaths between commit and bell"] += 1

"""Workers killed amid recomputations: nothing is lost, doubled or half. Until another works, page and API say that
figures are out of date; then they are soon true again.

`make faults` kills twenty times, one after the other.
"""

import random
import time
from itertools import cycle

import pytest
from django.test import Client

from curricula import reviewing
from curricula.models import Period
from institutions.models import Generation, Institution
from reports import live, snapshots, verifying
from reports.models import Snapshot
from tests.factories import make_member, make_programme, make_reviewer, make_version
from tests.faults.amounts import DONE, KILLS, measured
from tests.workers import Worker, eventually

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("english"),
]

TIMES = max(1, KILLS // 10)
REQUESTED = 20  # snapshots, each time: some are left when the worker dies


class World:
    """Universities whose curricula are approved, one each time, while no worker lives."""

    def __init__(self, period: Period, client: Client) -> None:
        self.client, self.reviewer = client, make_reviewer()
        institutions = list(Institution.objects.order_by("pk"))
        self.viewers = {one.pk: make_member(one, "viewer") for one in institutions}
        self.handed_in = [
            make_version(make_programme(institution), period=period, state="submitted")
            for institution, _number in zip(cycle(institutions), range(TIMES), strict=False)
        ]

    def approve(self) -> Institution:
        """The next; whose it is."""
        version = reviewing.approve(version=self.handed_in.pop(), by=self.reviewer)
        return version.programme.institution

    def told(self, institution: Institution) -> tuple[bool, int]:
        """Whether the page of its members says that it is out of date; how many are, by what machines are told."""
        self.client.force_login(self.viewers[institution.pk])
        page = self.client.get(f"/en/workspace/{institution.code}/coverage/").content.decode()
        return "Being updated since" in page, self.client.get("/readyz").json()["stale_scopes"]


def all_is_true() -> bool:
    waiting = Snapshot.objects.exclude(state=Snapshot.State.VERIFIED)
    return not (Generation.objects.stale().exists() or waiting.exists())


def kill_amid_snapshots(worker: Worker, period: Period, chance: random.Random) -> None:
    verified = Snapshot.objects.filter(state=Snapshot.State.VERIFIED)
    before = verified.count()
    for _number in range(REQUESTED):
        snapshots.request(period=period)
    eventually(lambda: verified.count() > before, "the first of the snapshots")
    time.sleep(chance.uniform(0, 0.1))
    worker.kill()
    worker.stop()
    if Snapshot.objects.outstanding().exists():
        DONE["whole workers killed amid recomputations"] += 1


def test_killed_amid_its_work_a_worker_loses_and_doubles_nothing(counted: Period, client: Client) -> None:
    world, chance = World(counted, client), random.Random(20261201)  # noqa: S311 - the same in every run
    said, caught_up = [], []
    worker = Worker.start()
    try:
        for _number in range(TIMES):
            kill_amid_snapshots(worker, counted, chance)
            changed, began = world.approve(), time.monotonic()
            assert all(world.told(changed))
            said.append(time.monotonic() - began)
            began = time.monotonic()
            worker = Worker.start(clean=False)  # what Redis still holds comes again, too
            eventually(all_is_true, "snapshots and figures", seconds=120)
            caught_up.append(time.monotonic() - began)
            assert world.told(changed) == (False, 0)
            assert live.disagreements() == []
    finally:
        worker.kill()
        worker.stop()
    assert Snapshot.objects.count() == TIMES * REQUESTED
    for taken in Snapshot.objects.all():
        assert (taken.state, verifying.differences(taken)) == (Snapshot.State.VERIFIED, [])
    (nation,) = live.coverage(period=counted)
    assert (nation["met"], nation["in_scope"]) == (10 + TIMES, 15 + TIMES)
    measured("until page and API said that figures are out of date, no worker alive", max(said), promised=60)
    measured("until all was true and taken after a worker had started again", max(caught_up), promised=120)

"""After an approval the worker has the figures right at once, not at its next round; a burst costs it little."""

import time

import pytest
from django.db import connection

from config.delivery import SWEEP_EVERY
from curricula import reviewing
from institutions.bell import ring
from institutions.models import Generation, User
from reports import live
from reports.models import Outcome
from tests.factories import make_institution, make_period, make_programme, make_reviewer, make_version
from tests.rules import make_requirement
from tests.workers import Worker, eventually

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def is_true() -> bool:
    return not Generation.objects.stale().exists()


def recomputations(worker: Worker) -> int:
    return worker.log_text().count("live coverage was refreshed")


def test_one_approval_is_counted_in_every_dimension_before_the_next_round(worker: Worker) -> None:
    period = make_period()
    make_requirement()
    version = make_version(make_programme(make_institution()), period=period, state="submitted")
    by: User = make_reviewer()
    eventually(is_true, "the worker's round")
    reviewing.approve(version=version, by=by)
    eventually(is_true, "live coverage", seconds=SWEEP_EVERY - 5)
    for column in (None, "region_code", "field_code", "level", "kind"):
        (row,) = live.coverage(period=period, by=column)
        assert row[Outcome.MET] == 1


def test_a_burst_of_approvals_costs_a_handful_of_recomputations(worker: Worker) -> None:
    period = make_period()
    make_requirement()
    institutions = [make_institution() for _ in range(2)]
    versions = [
        make_version(make_programme(institutions[number % 2]), period=period, state="submitted")
        for number in range(100)
    ]
    by = make_reviewer()
    ring("reports.tasks.sweep")
    eventually(is_true, "the first figures")
    before = recomputations(worker)
    began = time.monotonic()
    for version in versions:
        reviewing.approve(version=version, by=by)
    eventually(is_true, "live coverage")
    took = time.monotonic() - began
    assert (live.coverage(period=period)[0]["met"], live.disagreements()) == (100, [])
    assert 1 <= recomputations(worker) - before <= took / 0.25 + 2, "one in a quarter of a second at most"
    connection.close()

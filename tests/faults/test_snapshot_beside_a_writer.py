"""A snapshot beside somebody who changes fifty programmes in each transaction: of every change all is counted or none,
and what is counted is what history says of that moment. `make faults` takes three hundred.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import cycle
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from curricula.models import Period, Programme
from institutions.moments import database_now
from reports import snapshots, verifying
from reports.models import Coverage, Snapshot
from tests.factories import make_institution, make_period, make_programme
from tests.faults.amounts import DONE, IN_FULL
from tests.rules import make_requirement

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

PROGRAMMES = 50
SNAPSHOTS = 300 if IN_FULL else 10
ENOUGH = 300  # among so many a fault must show that is there


@pytest.fixture
def written_to(transactional_db: None) -> Iterator[Period]:
    """A country whose programmes are all taught in one language, all in another a moment later, and so on."""
    period, enough = make_period(), Event()
    make_requirement()
    institution = make_institution()
    for _number in range(PROGRAMMES):
        make_programme(institution, language="kk")

    def write() -> None:
        for language in cycle(("ru", "kk")):
            Programme.objects.update(language=language)
            if enough.wait(0.02):
                break
        connection.close()

    writer = Thread(target=write)
    writer.start()
    yield period
    enough.set()
    writer.join(timeout=30)


def taken(period: Period) -> Snapshot:
    return snapshots.take(snapshots.request(period=period).pk)


def test_of_every_change_all_is_counted_or_none(written_to: Period) -> None:
    seen: Counter[Any] = Counter()
    while seen.total() < SNAPSHOTS or (len(seen) < 2 and seen.total() < ENOUGH):
        snapshot = taken(written_to)
        cells = Coverage.objects.filter(snapshot=snapshot)
        assert cells.get(dimension="nation").in_scope == PROGRAMMES
        ((language, counted),) = cells.filter(dimension="language").values_list("key", "in_scope")
        assert counted == PROGRAMMES
        assert verifying.differences(snapshot) == []
        seen[language] += 1
    assert len(seen) == 2, "the writer wrote nothing meanwhile"
    DONE["snapshots beside a writer"] += seen.total()


def test_in_two_statements_it_would_be_half(written_to: Period) -> None:
    """The negative control: each sees what is committed when it begins."""
    for _number in range(ENOUGH):
        with transaction.atomic():
            kazakh = Programme.objects.filter(language="kk").count()
            time.sleep(0.01)  # a snapshot takes longer
            russian = Programme.objects.filter(language="ru").count()
        if kazakh + russian != PROGRAMMES:
            return
    pytest.fail("none was half, so the test above proves nothing")


def test_with_a_mere_clock_it_would_miss_what_is_being_decided(
    written_to: Period, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a change that bears an earlier moment is committed after the snapshot has read."""

    @contextmanager
    def clock() -> Iterator[datetime]:
        yield database_now()

    monkeypatch.setattr(snapshots, "fixed_moment", clock)
    for _number in range(ENOUGH):
        if verifying.differences(taken(written_to)):
            return
    pytest.fail("none missed anything, so the first test proves nothing")

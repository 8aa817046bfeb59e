"""Live coverage while others change what it depends on, or compute it too: nothing is lost, nothing counted twice."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from curricula.models import Period, Programme
from institutions.models import Institution
from reports import live
from reports.models import LiveAssessment
from tests.at_once import at_once, waiting
from tests.factories import make_institution, make_period, make_programme, make_version
from tests.rules import make_requirement
from tests.workers import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counted(transactional_db: None) -> Period:
    """A university with two programmes of which nothing is approved yet, computed."""
    period = make_period()
    make_requirement()
    institution = make_institution()
    for _ in range(2):
        make_programme(institution)
    live.refresh()
    return period


def begun(action: Callable[[], object], *, waits: int | None = None) -> Thread:
    """In a thread and on a connection of its own: until so many wait for a lock, or to its end."""

    def act() -> None:
        action()
        connections.close_all()

    thread = Thread(target=act)
    thread.start()
    if waits is None:
        ended(thread)
    else:
        eventually(lambda: waiting() == waits, "it to wait")
    return thread


def ended(*threads: Thread) -> None:
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()


def approve(programme: Programme) -> None:
    make_version(programme, period=Period.objects.get(), state="approved")


def met(period: Period) -> int:
    (row,) = live.coverage(period=period)
    return int(row["met"])


def lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(live.ALONE)


def test_a_change_amid_the_computation_waits_and_comes_after_it(counted: Period) -> None:
    first, second = Programme.objects.order_by("pk")
    approve(first)
    with transaction.atomic():
        list(LiveAssessment.objects.select_for_update())  # where the computation is to stop
        computing = begun(live.refresh, waits=1)
        approving = begun(lambda: approve(second), waits=2)
    ended(computing, approving)
    assert (met(counted), live.stale_since() is None) == (1, False)
    live.refresh()
    assert (met(counted), live.stale_since(), live.disagreements()) == (2, None, [])


def test_a_change_after_the_computation_began_to_read_comes_after_it(counted: Period) -> None:
    """With a mere flag, or with the counter as it stands at the end, the change would be lost."""
    first, second = Programme.objects.order_by("pk")
    approve(first)
    with transaction.atomic():
        lock()
        computing = begun(live.refresh, waits=1)
        begun(lambda: approve(second))
    ended(computing)
    assert (met(counted), live.stale_since() is None) == (1, False)
    live.refresh()
    assert (met(counted), live.stale_since(), live.disagreements()) == (2, None, [])


def compute_beside_another() -> None:
    """What one has approved, while another who began earlier waits for the lock and comes after."""
    first, _second = Programme.objects.order_by("pk")
    approve(first)
    with transaction.atomic():
        lock()
        computing = begun(live.refresh, waits=1)
        assert live.refresh() == 1
    ended(computing)


def test_what_another_has_computed_meanwhile_is_not_counted_again(counted: Period) -> None:
    compute_beside_another()
    assert (met(counted), live.stale_since(), live.disagreements()) == (1, None, [])


def test_without_looking_again_under_the_lock_it_would_be_counted_twice(
    counted: Period, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: whoever waited adds what it read before the other had counted it."""
    again = "held USING (institution_id, computed)"
    assert again in live.REFRESH_FEW
    monkeypatch.setattr(live, "REFRESH_FEW", live.REFRESH_FEW.replace(again, "held USING (institution_id)"))
    compute_beside_another()
    assert live.disagreements() != []


def test_an_institution_that_is_being_changed_is_left_for_later(counted: Period) -> None:
    """A long import of one university must not keep the figures of the others waiting."""
    busy, other = Institution.objects.get(), make_institution()
    approve(make_programme(busy))
    approve(make_programme(other))
    with transaction.atomic():
        Institution.objects.filter(pk=busy.pk).update(kind="private")
        began = timezone.now()
        begun(live.refresh)
        assert timezone.now() - began < timedelta(seconds=5)
    assert (live.stale_since(busy.pk) is None, live.stale_since(other.pk)) == (False, None)
    live.refresh()
    assert (met(counted), live.stale_since(), live.disagreements()) == (2, None, [])


def test_to_compute_everything_waits_for_a_change_that_is_under_way(counted: Period) -> None:
    with transaction.atomic():
        Institution.objects.update(kind="private")
        computing = begun(lambda: live.refresh(everything=True), waits=1)
    ended(computing)
    live.refresh()
    (row,) = live.coverage(period=counted, by="kind")
    assert (row["kind"], live.stale_since(), live.disagreements()) == ("private", None, [])


def test_ten_that_compute_while_others_approve_come_to_the_same(counted: Period) -> None:
    programmes = [make_programme(make_institution()) for _ in range(10)]
    results = at_once(
        *[lambda programme=programme: approve(programme) for programme in programmes], *[live.refresh] * 10
    )
    assert [result for result in results if isinstance(result, Exception)] == []
    live.refresh()
    assert (met(counted), live.stale_since(), live.disagreements()) == (10, None, [])

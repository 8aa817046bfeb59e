"""What is told of who reported when: as the release knows it, nothing later and nothing that was not approved."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from curricula.models import Submission
from institutions.models import Institution
from reports import figures, history
from tests.factories import (
    decide,
    make_earlier_period,
    make_institution,
    make_period,
    make_programme,
    make_reviewer,
    make_submission,
    make_version,
)
from tests.reports.releases import make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

Day = Callable[[int], datetime]


@pytest.fixture
def day() -> Day:
    now = timezone.now()
    return lambda ago: now - timedelta(days=ago)


@pytest.fixture
def kaznu() -> Institution:
    return make_institution(code="kaznu")


def hand_in(
    kaznu: Institution, signed: datetime, *decisions: tuple[str, datetime], **over: str
) -> Submission:
    """One signing with a curriculum for each decision."""
    period = make_earlier_period() if over else make_period()
    versions = [make_version(make_programme(kaznu), period=period) for _one in decisions]
    submission = make_submission(kaznu, period=period, versions=versions, at=signed)
    for version, (state, at) in zip(versions, decisions, strict=True):
        decide(version, state, at=at)
    return submission


def approve_staff(submission: Submission, at: datetime) -> None:
    Submission.objects.filter(pk=submission.pk).update(
        state="approved", decided_by=make_reviewer(), decided_at=at, valid_from=at
    )


def told(kaznu: Institution, as_at: datetime | None = None) -> list[tuple[str, int]]:
    release = make_release(as_at=as_at)
    return [(one.period, one.curricula) for one in history.of_institution(release, kaznu.pk)]


def test_every_signing_of_every_period_is_told_newest_first(kaznu: Institution, day: Day) -> None:
    hand_in(kaznu, day(300), ("approved", day(290)), period="2024")
    hand_in(kaznu, day(20), ("approved", day(10)), ("approved", day(10)))
    hand_in(kaznu, day(5), ("approved", day(2)))
    assert told(kaznu) == [("2025/26", 1), ("2025/26", 2), ("2024/25", 1)]


def test_what_was_returned_or_awaits_a_decision_is_told_to_nobody(kaznu: Institution, day: Day) -> None:
    hand_in(kaznu, day(20), ("returned", day(10)))
    hand_in(kaznu, day(15), ("approved", day(10)), ("returned", day(10)))
    make_version(make_programme(kaznu), state="submitted", at=day(3))
    make_version(make_programme(kaznu))
    assert told(kaznu) == [("2025/26", 1)]


def test_what_was_decided_after_the_moment_of_the_release_is_not_told(kaznu: Institution, day: Day) -> None:
    hand_in(kaznu, day(20), ("approved", day(15)), ("approved", day(3)))
    approve_staff(hand_in(kaznu, day(4), ("approved", day(2))), day(2))
    assert told(kaznu, as_at=day(10)) == [("2025/26", 1)]
    assert told(kaznu) == [("2025/26", 1), ("2025/26", 2)]


def test_a_later_period_is_not_told_of(kaznu: Institution, day: Day) -> None:
    later = make_period("2026")
    make_version(make_programme(kaznu), period=later, state="approved", at=day(2))
    assert told(kaznu) == []


def test_what_a_newer_version_superseded_was_approved_all_the_same(kaznu: Institution, day: Day) -> None:
    programme = make_programme(kaznu)
    make_version(programme, state="approved", at=day(20))
    make_version(programme, state="approved", at=day(10))
    assert told(kaznu) == [("2025/26", 1), ("2025/26", 1)]


def test_it_reads_as_one_sentence(kaznu: Institution) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}T12:00:00+05:00")

    make_period(starts_on="2025-09-01", ends_on="2026-08-31")
    hand_in(kaznu, at("2026-05-03"), ("approved", at("2026-05-12")))
    hand_in(kaznu, at("2026-05-20"), ("approved", at("2026-05-22")), ("approved", at("2026-05-25")))
    approve_staff(hand_in(kaznu, at("2026-06-01"), ("returned", at("2026-06-02"))), at("2026-06-03"))
    assert [str(one) for one in history.of_institution(make_release(), kaznu.pk)] == [
        "staff figures reported on 1 June 2026, approved on 3 June 2026",
        "2 curricula reported on 20 May 2026, approved from 22 May 2026 to 25 May 2026",
        "1 curriculum reported on 3 May 2026, approved on 12 May 2026",
    ]


def test_of_a_region_it_is_told_how_many_reported_and_when(kaznu: Institution, day: Day) -> None:
    hand_in(kaznu, day(20), ("approved", day(15)), ("approved", day(15)))
    other = make_institution()
    make_version(make_programme(other), state="approved", at=day(5))
    make_programme(make_institution())
    edition = figures.edition(make_release(), ())
    found = history.of_part(edition, region_code="KZ-71")
    assert (found.reported, found.universities, found.curricula) == (2, 3, 3)
    assert (found.first, found.last) == (timezone.localdate(day(20)), timezone.localdate(day(5)))
    assert history.of_part(edition, region_code="KZ-99") == history.PartReported(0, 0, 0, None, None)

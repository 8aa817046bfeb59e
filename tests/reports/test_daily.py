"""How live coverage moves: the end of each day as history has it, beside now."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from curricula.models import Period
from institutions.locks import Busy, one_at_a_time
from institutions.models import Institution, User
from institutions.moments import decision_moment
from reports import daily, live
from reports.assessing import COVERAGE, GIVEN, parameters
from reports.models import LiveDay
from reports.tasks import sweep
from tests.at_once import at_once, beside
from tests.factories import make_period, make_programme, make_version
from tests.rules import make_requirement

pytestmark = pytest.mark.django_db


def days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def world(period: Period, institution: Institution) -> None:
    """Four programmes; one meets the rule since ten days, a second since three, and a third since today."""
    make_requirement()
    for days in (10, 3, 0):
        programme = make_programme(institution)
        make_version(programme, period=period, state="approved", at=days_ago(days))
    make_programme(institution)
    live.refresh()


def met() -> list[int]:
    return list(LiveDay.objects.order_by("day").values_list("met", flat=True))


def test_each_day_that_is_over_is_counted_as_it_stood_at_its_end(world: None) -> None:
    assert daily.keep_days() == daily.KEPT
    assert met() == [0] * 4 + [1] * 7 + [2] * 3
    assert LiveDay.objects.order_by("day").last().day == timezone.localdate() - timedelta(days=1)  # type: ignore[union-attr]


def test_days_are_kept_once_and_missing_ones_are_made_up_for(world: None) -> None:
    daily.keep_days()
    assert daily.keep_days() == 0
    LiveDay.objects.filter(day=timezone.localdate() - timedelta(days=5)).delete()
    assert daily.keep_days() == 1
    assert LiveDay.objects.count() == daily.KEPT


def test_days_before_the_period_opened_are_not_counted(world: None, period: Period) -> None:
    Period.objects.filter(pk=period.pk).update(opens_on=timezone.localdate() - timedelta(days=2))
    assert daily.keep_days() == 2


def test_a_day_says_what_any_count_of_its_last_moment_says(world: None, period: Period) -> None:
    daily.keep_days()
    day = timezone.localdate() - timedelta(days=3)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{GIVEN} SELECT met, not_met, no_data, exempt FROM ({COVERAGE}) AS cell WHERE dimension = 'nation'",
            parameters(period=period, as_at=daily.end_of(day)),
        )
        expected = cursor.fetchall()
    assert (
        list(LiveDay.objects.filter(day=day).values_list("met", "not_met", "no_data", "exempt")) == expected
    )


def test_a_course_is_told_from_a_week_ago_until_now(world: None, period: Period) -> None:
    daily.keep_days()
    (course,) = daily.courses(period)
    assert course.now.share == Fraction(3, 4)
    assert course.week_ago
    assert course.week_ago[1].share == Fraction(1, 4)
    assert course.shares[0] == 0
    assert course.shares[-1] == Fraction(3, 4)


def test_the_home_page_shows_it_to_the_ministry(
    client: Client, world: None, lead: User, django_assert_max_num_queries: Any
) -> None:
    daily.keep_days()
    client.force_login(lead)
    with django_assert_max_num_queries(30):
        text = " ".join(client.get("/en/admin/").content.decode().split())
    assert "<strong>75%</strong>&nbsp; 3 of 4" in text
    assert "(25%): up 50 points." in text
    assert 'class="spark"' in text


def test_the_first_round_of_a_day_keeps_the_days(world: None) -> None:
    sweep()
    assert LiveDay.objects.count() == daily.KEPT
    LiveDay.objects.all().delete()
    sweep()
    assert not LiveDay.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_decision_of_the_last_second_of_a_day_counts_in_it() -> None:
    """It had read the clock before midnight, and was written when the day was counted already."""
    make_requirement()
    period = make_period()
    programme = make_programme()
    yesterday = timezone.localdate() - timedelta(days=1)

    @contextmanager
    def deciding() -> Iterator[None]:
        with transaction.atomic():
            decision_moment()
            at = daily.end_of(yesterday) - timedelta(milliseconds=1)
            make_version(programme, period=period, state="approved", at=at)
            yield

    beside(lambda: daily.keep(period=period, day=yesterday), meanwhile=deciding())
    assert met() == [1]


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_midnight_one_keeps_the_days() -> None:
    """The one that came second got an error of the database, and its round was broken off."""
    make_requirement()
    period = make_period()
    make_version(make_programme(), period=period, state="approved", at=days_ago(20))
    with one_at_a_time("live days", 0):
        assert daily.keep_days() == daily.KEPT
        (told,) = at_once(sweep)
    assert told is None
    with one_at_a_time("live days", 0):
        LiveDay.objects.all().delete()
        (told,) = at_once(daily.keep_days)
    assert isinstance(told, Busy)
    assert not LiveDay.objects.exists()

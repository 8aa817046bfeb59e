"""The medians that a university reads its live coverage by: right by hand, of approved curricula alone."""

import random
from collections.abc import Callable
from fractions import Fraction
from statistics import median
from typing import Any

import pytest
from django.test import Client

from curricula.models import Period
from institutions.models import Institution, User
from reports import live
from reports.medians import FEWEST, Median, medians
from reports.models import LiveAssessment, Outcome, Requirement
from tests.factories import make_institution, make_programme, make_region, make_version
from tests.rules import make_requirement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WITH, WITHOUT = [{"ai_category": "core"}], [{"ai_category": "none"}]


@pytest.fixture(autouse=True)
def mandate(db: None) -> Requirement:
    return make_requirement()


def make_other(period: Period, met: int, of: int, **over: Any) -> Institution:
    """Another university with so many programmes of ICT, of which so many meet the mandate."""
    other = make_institution(**over)
    for number in range(of):
        make_version(
            make_programme(other), period=period, state="approved", lines=WITH if number < met else WITHOUT
        )
    return other


def found(institution: Institution, period: Period, mandate: Requirement) -> dict[str, Median]:
    live.refresh()
    return {
        dimension: value
        for (requirement, dimension, _key), value in medians(institution, period).items()
        if requirement == mandate.pk
    }


def test_a_median_is_that_of_the_others(
    institution: Institution, period: Period, mandate: Requirement
) -> None:
    make_version(make_programme(institution), period=period, state="approved", lines=WITH)
    for met in (0, 1, 1, 2, 2):
        make_other(period, met, 2)
    make_other(period, 2, 2, kind="private", region=make_region("KZ-75"))
    told = found(institution, period, mandate)
    assert told["region"] == told["kind"] == Median(5, Fraction(1, 2))
    assert told["field"] == Median(6, Fraction(3, 4))  # the mean of the two in the middle


def test_fewer_than_five_others_are_only_counted(
    institution: Institution, period: Period, mandate: Requirement
) -> None:
    make_programme(institution)
    for _number in range(FEWEST - 1):
        make_other(period, 1, 1)
    make_other(period, 0, 0)  # without programmes it stands behind nothing
    assert found(institution, period, mandate)["region"] == Median(FEWEST - 1, None)


def test_drafts_of_others_move_no_median(
    institution: Institution, period: Period, mandate: Requirement
) -> None:
    make_programme(institution)
    others = [make_other(period, 0, 2) for _number in range(FEWEST)]
    before = found(institution, period, mandate)
    for other in others:
        for programme in other.programmes.all():
            make_version(programme, period=period, lines=WITH)
    assert found(institution, period, mandate) == before


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_median_of_the_textbook(
    institution: Institution, period: Period, mandate: Requirement, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    own = institution
    rows = [
        (chance.randint(0, counted), counted)
        for counted in (chance.randint(1, 9) for _number in range(FEWEST + seed))
    ]
    LiveAssessment.objects.bulk_create(
        LiveAssessment(
            institution=other, programme_id=number, period=period, requirement=mandate, region_code=own.region.code,
            kind=own.kind, field_code="06", level="6B", language="kk",
            outcome=Outcome.MET if number < met else Outcome.NOT_MET,
        )
        for met, counted in rows
        for other in [make_institution()]
        for number in range(counted)
    )  # fmt: skip
    told = medians(own, period)[mandate.pk, "region", own.region.code]
    expected = median(Fraction(met, counted) for met, counted in rows)
    assert told.others == len(rows)
    assert told.share is not None
    assert abs(told.share - expected) < Fraction(1, 10**12)


def test_the_page_tells_them_and_why_some_are_missing(
    client: Client, institution: Institution, period: Period, viewer: User
) -> None:
    make_version(make_programme(institution), period=period, state="approved", lines=WITH)
    for met in (0, 1, 1, 2, 2):
        make_other(period, met, 2, kind="private")
    make_other(period, 2, 2)
    live.refresh()
    client.force_login(viewer)
    page = " ".join(client.get("/en/workspace/kaznu/coverage/").content.decode().split())
    assert '<strong>75%</strong> <small class="note">median of 6 others' in page
    assert "no median: only 1 other has figures" in page
    assert ">75% <small>of 6</small></td>" in page


def test_a_stranger_never_reads_the_page_and_the_queries_stay_as_many(
    client: Client, institution: Institution, period: Period, viewer: User, stranger: User,
    django_assert_num_queries: Callable[..., Any],
) -> None:  # fmt: skip
    client.force_login(stranger)
    assert client.get("/en/workspace/kaznu/coverage/").status_code == 404
    for count in (1, 6):
        for _number in range(count):
            make_other(period, 1, 2)
        own = Institution.objects.select_related("region").get(pk=institution.pk)
        with django_assert_num_queries(1):
            medians(own, period)

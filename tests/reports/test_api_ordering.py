"""Whatever a list can be ordered by it is, upwards and downwards, and its pages hold every row once in that order."""

from operator import itemgetter
from typing import Any

import pytest
from django.test import Client

from institutions.models import Institution
from reports.api.crossings import Crossings
from reports.api.exposure import Exposures
from reports.api.metadata import Metadata
from reports.api.movements import Movements
from reports.models import Release
from tests.reports.releases import make_country, make_release
from tests.reports.walking import walk

pytestmark = pytest.mark.django_db

COUNTED = {
    "crossings/?by=institution&by=level": Crossings,
    "movements/?dimension=region&dimension=institution": Movements,
    "exposure/?": Exposures,
    "metadata/?": Metadata,
}


@pytest.fixture
def another(release: Release) -> Release:
    """A second release, as movements are between two."""
    kaznu = Institution.objects.get(code="kaznu")
    make_country((kaznu, "6B06104", "met"), (kaznu, "7M06105", "not_met"), (kaznu, "6B06106", "no_data"))
    return make_release()


def pages(client: Client, address: str, size: int) -> list[dict[str, Any]]:
    return list(walk(client, f"{address}&page_size={size}"))


@pytest.mark.parametrize("address", COUNTED)
def test_a_counted_list_is_in_the_order_that_is_asked_for(
    client: Client, another: Release, address: str
) -> None:
    view = COUNTED[address]
    steady = pages(client, address, 100)
    assert len(steady) > 1
    for name in view.orderings:
        for sign in ("", "-"):
            asked = f"{address}&ordering={sign}{name}"
            whole = pages(client, asked, 100)
            # Of one value they stand as they do unless told; what has no value stands below all that have.
            by_value = [((row[name] is not None, row[name]), row) for row in steady]
            by_value.sort(key=itemgetter(0), reverse=bool(sign))
            assert whole == [row for _value, row in by_value], asked
            assert pages(client, asked, 1 if len(whole) < 4 else 3) == whole, asked


def test_a_cursor_is_good_for_the_order_that_it_was_given_for(client: Client, another: Release) -> None:
    first = client.get("/api/v1/exposure/?ordering=-exposure&page_size=1").json()
    assert client.get(first["next"]).status_code == 200
    response = client.get(first["next"].replace("-exposure", "share"))
    assert (response.status_code, response.json()["errors"][0]["parameter"]) == (400, "cursor")


def test_what_a_list_can_t_be_ordered_by_is_refused_with_what_it_can(
    client: Client, release: Release
) -> None:
    for address in COUNTED:
        response = client.get(f"/api/v1/{address}&ordering=colour")
        (fault,) = response.json()["errors"]
        assert (response.status_code, fault["parameter"]) == (400, "ordering")
        assert fault["allowed"] == [s + name for name in COUNTED[address].orderings for s in ("", "-")]

"""Of one release or one institution as of a list: only what is asked for, and always whether it is generated."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from reports.models import Release

pytestmark = pytest.mark.django_db

DETAILS = ("releases/1/", "institutions/kaznu/")


def ask(client: Client, address: str) -> Any:
    return client.get(f"/api/v1/{address}", headers={"accept-language": "en"})


@pytest.mark.parametrize("address", DETAILS)
def test_any_member_can_be_asked_for_alone(client: Client, release: Release, address: str) -> None:
    whole = ask(client, address).json()
    for name in whole:
        told = ask(client, f"{address}?fields={name}").json()
        assert told == {name: whole[name], "demonstration": whole["demonstration"]}, name


def test_members_come_in_the_order_of_the_whole(client: Client, release: Release) -> None:
    told = ask(client, "institutions/kaznu/?fields=coverage,name_kk,code").json()
    assert list(told) == ["code", "name_kk", "demonstration", "coverage"]
    row = next(
        csv.reader(
            io.StringIO(ask(client, "institutions/kaznu/?fields=name_kk,code&format=csv").content.decode())
        )
    )
    assert row == ["code", "name_kk", "demonstration"]


@pytest.mark.parametrize("address", DETAILS)
def test_a_member_that_is_none_is_refused_with_those_that_are(
    client: Client, release: Release, address: str
) -> None:
    response = ask(client, f"{address}?fields=code,colour")
    (fault,) = response.json()["errors"]
    assert (response.status_code, fault["parameter"]) == (400, "fields")
    assert fault["allowed"] == list(ask(client, address).json())

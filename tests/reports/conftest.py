"""A small country whose figures one works out by hand, released once for all tests of a module."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from curricula.models import Programme
from institutions.models import Deployment, FormerName
from reports.models import Release, Requirement
from tests.factories import make_exemption, make_institution, make_region
from tests.reports.releases import make_country, make_release


@pytest.fixture(scope="module")
def released_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Release]:
    """Each test runs within this transaction and takes back what it did; the module takes back the rest."""
    with django_db_blocker.unblock(), transaction.atomic():
        kaznu = make_institution(code="kaznu", name_kk="әл-Фараби атындағы ҚазҰУ", kind="national")
        satbayev = make_institution(code="satbayev", region=make_region("KZ-75"), kind="private")
        FormerName.objects.create(institution=satbayev, name_ru="Политех")
        make_country(
            (kaznu, "6B06101", "met"),
            (kaznu, "6B06102", "not_met"),
            (kaznu, "7M06103", "no_data"),
            (satbayev, "8D10101", "met"),
        )
        excused = Programme.objects.get(code="8D10101")
        make_exemption(excused, requirement_code=Requirement.objects.get().code)
        yield make_release()
        transaction.set_rollback(True)


@pytest.fixture
def release(released_once: Release, db: None) -> Release:
    """KazNU: one programme meets the mandate, one does not, one is silent. Satbayev, elsewhere: one, excused."""
    return released_once


@pytest.fixture
def demonstration(db: None) -> None:
    """From now on, snapshots are of generated data."""
    Deployment.objects.update_or_create(pk=1, defaults={"demonstration": True})

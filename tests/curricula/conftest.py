"""A programme of the university, where its curriculum stands in the API, and the program that works with it."""

import pytest

from curricula.models import Period, Programme
from institutions.models import Institution
from tests.curricula.university_programs import University, address
from tests.factories import make_programme


@pytest.fixture
def programme(institution: Institution) -> Programme:
    return make_programme(institution, code="6B06102")


@pytest.fixture
def there(programme: Programme, period: Period) -> str:
    return address(programme, period)


@pytest.fixture
def program(institution: Institution) -> University:
    return University(institution)

"""A university sees its own live coverage, true or marked as being updated, and nobody else's."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curricula.models import Period
from institutions.models import Institution, User
from reports import live
from tests.factories import make_programme, make_version
from tests.rules import make_requirement

pytestmark = pytest.mark.django_db

PAGE = "/en/workspace/kaznu/coverage/"


def body(client: Client, user: User) -> str:
    client.force_login(user)
    response = client.get(PAGE)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_member_sees_what_would_be_released_now(
    client: Client, period: Period, institution: Institution, viewer: User
) -> None:
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    make_version(make_programme(institution), period=period, state="submitted")
    live.refresh()
    page = body(client, viewer)
    assert "1 of 2 programmes meet the mandate" in page
    assert "Being updated" not in page


def test_until_it_is_true_again_the_page_says_since_when(
    client: Client, period: Period, institution: Institution, editor: User
) -> None:
    make_requirement()
    make_programme(institution)
    live.refresh()
    make_version(make_programme(institution), period=period, state="approved")
    assert "Being updated since" in body(client, editor)
    live.refresh()
    assert "Being updated since" not in body(client, editor)


def test_strangers_find_nothing_and_visitors_are_asked_to_sign_in(
    client: Client, period: Period, institution: Institution, stranger: User
) -> None:
    assert "/sign-in/" in client.get(PAGE).headers["Location"]
    client.force_login(stranger)
    assert client.get(PAGE).status_code == 404


def test_the_queries_do_not_grow_with_the_programmes(
    client: Client, period: Period, institution: Institution, editor: User
) -> None:
    make_requirement()
    body(client, editor)  # signing in costs its own
    counts = []
    for size in (1, 5):
        for _ in range(size):
            make_version(make_programme(institution), period=period, state="approved")
        live.refresh()
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1]

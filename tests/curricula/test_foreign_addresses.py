"""Every address by everybody: what is another university's is answered like what there is not, down to the queries.

The addresses come from the URL configuration, and who may do what at each from docs/permissions.md: an address without
a line there fails. What they are opened on is `tests/browser/rich_world.py`, as for the pages in a browser.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from curricula.models import CurriculumVersion, Discipline, Import, Line
from institutions.models import ApiKey, Institution, Invitation, Membership, User, Webhook
from tests.browser.rich_world import World, make_world
from tests.browser.test_every_workspace_page import FOR_MEMBERS, NO_PAGES
from tests.factories import make_institution, make_member, make_user
from tests.foreign import METHODS, Said, differing, said
from tests.full import IN_FULL
from tests.reports.permissions import below, compare, let_do, routes, sent_to_sign_in, table, within
from tests.webhooks import make_webhook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]

OPENINGS = {
    **{name: several[0] for name, several in FOR_MEMBERS.items()},
    **{name: one for name, (_why, one) in NO_PAGES.items()},
}
WORKSPACE = below("en/workspace/<", "en/evidence/")
# What names a row of a university, and what a row that there is not would be called.
NOWHERE: dict[str, Any] = {
    "code": "nowhere",
    "programme": "6B06188",
    **dict.fromkeys(("number", "member", "invitation", "key", "delivery"), 31_999),
}
ROWS = (CurriculumVersion, Line, Discipline, Import, ApiKey, Invitation, Membership, Webhook)


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    return make_world()


@pytest.fixture
def people(world: World) -> dict[str, User | None]:
    """`world` is of kaznu; whoever is not of it."""
    other = make_institution(code="satbayev")
    make_webhook(other)
    return {
        "a visitor": None,
        "of another university": make_member(other, "viewer", "editor", "signatory"),
        "of the ministry": make_member(other, "viewer", is_staff=True),
    }


def arguments(name: str, world: World) -> dict[str, Any]:
    opening = OPENINGS[name]
    return {one: world[opening.get(one, one)] for one in WORKSPACE[name]}


def asked(client: Client, method: str, name: str, known: dict[str, Any]) -> Said:
    return said(client, method, reverse(name, kwargs=known), *known.values())


def rows() -> list[Any]:
    return [list(model._default_manager.order_by("pk").values()) for model in ROWS]


def as_somebody(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def test_an_address_of_the_workspace_serves_whom_the_document_names(world: World) -> None:
    kaznu = Institution.objects.get(code="kaznu")
    lines = table("The workspace")
    people = {role: make_member(kaznu, role) for role in ("viewer", "editor", "signatory")}
    for role, person in {**people, "of the ministry": make_user(is_staff=True)}.items():
        client = as_somebody(person)
        found = {
            name: let_do(client, reverse(name, kwargs=arguments(name, world)), lines.get(name))
            for name in WORKSPACE
        }
        compare("The workspace", role, found)


def test_what_is_foreign_is_answered_like_what_there_is_not(
    world: World, people: dict[str, User | None]
) -> None:
    before, wrong = rows(), []
    for who, person in people.items():
        client = as_somebody(person)
        for name in WORKSPACE:
            known = arguments(name, world)
            if who == "of the ministry" and name == "evidence-file":
                continue
            code = "code" if "code" in known else "number"
            missing = {**known, code: NOWHERE[code]}
            for method in METHODS if IN_FULL or who == "of another university" else ("GET", "POST"):
                foreign = asked(client, method, name, known)
                wrong += differing(f"{who} {method} {name}", foreign, asked(client, method, name, missing))
                if person is not None:
                    assert foreign.status in (404, 405), (who, name, method)
                elif foreign.status != 405:
                    assert "/en/sign-in/" in foreign.headers.get("Location", foreign.body), (name, method)
    assert not wrong, "\n".join(wrong)
    assert rows() == before


def test_foreign_rows_are_nowhere_under_ones_own_university(
    world: World, people: dict[str, User | None]
) -> None:
    """Who may do all at their own university, and knows every number of another, puts them after the own code."""
    client = as_somebody(people["of another university"])
    before, wrong = rows(), []
    for name in WORKSPACE:
        known = {**arguments(name, world), "code": "satbayev"} if "code" in WORKSPACE[name] else {}
        # The number of a webhook is one among those of its university, which has one of its own here.
        own = {"number": 1} if "delivery" in known else {}
        named = [one for one in known if one in NOWHERE and one not in ("code", *own)]
        if name.startswith("webhook") and "delivery" not in known:
            continue
        for method in METHODS if named else ():
            foreign = asked(client, method, name, {**known, **own})
            missing = {**known, **{one: NOWHERE[one] for one in named}, **own}
            wrong += differing(f"{method} {name}", foreign, asked(client, method, name, missing))
            assert foreign.status in (404, 405), (name, method, foreign.status)
    assert not wrong, "\n".join(wrong)
    assert rows() == before


def other_addresses() -> Iterator[tuple[str, str]]:
    """What is neither a register of the ministry nor of one university: by name, or by the route where it has none."""
    for route, pattern in routes():
        if route.startswith(("en/admin/", "api/v1/own/")) or str(pattern.name) in WORKSPACE:
            continue
        made_up = {"int": 1, "slug": "x", "str": "x", "path": "x"}
        known = {
            one: made_up[type(how).__name__.removesuffix("Converter").lower().replace("string", "str")]
            for one, how in pattern.pattern.converters.items()
        }
        yield (
            (pattern.name, reverse(pattern.name, kwargs=known))
            if pattern.name
            else (route, f"/{route.replace('^', '').replace('$', '')}")
        )


def test_any_other_address_is_open_to_whom_the_document_names(client: Client, db: None) -> None:
    def open_to(address: str) -> str:
        with within(client):
            answer = client.get(address)
        return "who is signed in" if sent_to_sign_in(answer) else "anybody"

    compare("Other addresses", "open to", {name: open_to(where) for name, where in other_addresses()})

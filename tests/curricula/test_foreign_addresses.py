"""An editor of one university gets 404 for every address of another's work; the addresses come from the resolver."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from curricula.models import CurriculumVersion, Period
from institutions.models import Institution, User
from tests.api_keys import make_api_key
from tests.factories import (
    make_import,
    make_institution,
    make_invitation,
    make_member,
    make_programme,
    make_version,
)
from tests.webhooks import make_message, make_webhook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route, pattern


@cache
def workspace_routes() -> dict[str, URLPattern]:
    """Every address below /workspace/<code>/, by name."""
    found = {}
    with translation.override("en"):
        for route, pattern in routes(get_resolver()):
            if route.startswith("en/workspace/<slug:code>/"):
                assert pattern.name, route
                found[pattern.name] = pattern
    return found


NAMES = sorted(workspace_routes())


@pytest.fixture
def theirs(institution: Institution, period: Period) -> dict[str, Any]:
    """What the arguments of the addresses may name: rows of `institution` in every state."""
    draft = make_version(make_programme(institution), period=period)
    make_version(make_programme(institution), period=period, state="submitted")
    uploaded = make_import(institution, period=period)
    member = make_member(institution, "viewer")
    invitation = make_invitation(institution)
    message = make_message(make_webhook(institution))
    return {
        "code": institution.code,
        "period": period.code,
        "programme": draft.programme.code,
        "number": 1,
        "import": uploaded.pk,
        "member": member.pk,
        "invitation": invitation.pk,
        "key": make_api_key(institution).pk,
        "delivery": message.pk,
    }


def address(name: str, known: dict[str, Any]) -> str:
    arguments = workspace_routes()[name].pattern.converters
    values = {argument: known[argument] for argument in arguments}
    if name.startswith("import-") and "number" in values:
        values["number"] = known["import"]
    return reverse(name, kwargs=values)


def test_there_are_such_addresses() -> None:
    assert {
        "workspace-institution",
        "draft-edit",
        "draft-discard",
        "sign",
        "submission",
        "import-detail",
    } <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_finds_nothing(client: Client, theirs: dict[str, Any], stranger: User, name: str) -> None:
    client.force_login(stranger)
    before = list(CurriculumVersion.objects.order_by("pk").values())
    for method in ("get", "post", "put", "patch", "delete"):
        assert getattr(client, method)(address(name, theirs)).status_code in (404, 405), method
    assert list(CurriculumVersion.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("name", NAMES)
def test_what_is_foreign_answers_like_what_is_missing(
    client: Client, theirs: dict[str, Any], stranger: User, name: str
) -> None:
    client.force_login(stranger)
    foreign = client.get(address(name, theirs))
    missing = client.get(address(name, {**theirs, "code": "no-such-university"}))
    assert foreign.status_code == missing.status_code

    def words(answer: Any) -> str:
        return answer.content.decode().partition("<main")[2]

    assert words(foreign) == words(missing)


@pytest.mark.parametrize("name", NAMES)
def test_own_rows_lead_nowhere_under_a_foreign_code_nor_foreign_rows_under_the_own(
    client: Client, theirs: dict[str, Any], name: str
) -> None:
    """An editor and signatory of another university, who knows every number, puts them after the own code."""
    own = make_institution(code="own")
    client.force_login(make_member(own, "editor", "signatory"))
    mixed = {**theirs, "code": own.code}
    answer = client.get(address(name, mixed))
    arguments = set(workspace_routes()[name].pattern.converters)
    if arguments & {"programme", "number", "member", "invitation", "key"}:
        assert answer.status_code in (404, 405), name
    else:
        assert theirs["programme"] not in answer.content.decode(errors="replace")


@pytest.mark.parametrize("name", NAMES)
def test_a_visitor_is_asked_to_sign_in(client: Client, theirs: dict[str, Any], name: str) -> None:
    answer = client.get(address(name, theirs))
    assert answer.status_code in (302, 405)
    if answer.status_code == 302:
        assert answer["Location"].startswith("/en/sign-in/")

"""Every address of a university's own API by every key: another's rows are answered like none, and can't be reached.

The addresses come from the URL configuration, what a scope takes at each from docs/permissions.md: an address without a
line there fails.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curricula import importing
from curricula.documents.reading import ABOUT
from curricula.models import CurriculumVersion, Discipline, Import, Line, Programme, Submission
from institutions.models import Institution, Letter
from tests.api_keys import make_api_key
from tests.browser.rich_world import World, make_world
from tests.factories import (
    make_discipline,
    make_institution,
    make_programme,
    make_reviewer,
    numbers,
)
from tests.foreign import METHODS, differing, said
from tests.reports.permissions import below, compare

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]

OWN = below("api/v1/own/")
# What a row that there is not would be called.
NOWHERE: dict[str, Any] = {"code": "6B06188", "programme": "6B06188", "number": 31_999}
TABLES = (CurriculumVersion, Line, Discipline, Programme, Import, Submission, Letter)
# What figures, decisions and other universities hang on: no body writes it.
SMUGGLED = {
    "institution": "satbayev",
    "institution_id": 1,
    "id": 1,
    "state": "approved",
    "approved_by": 1,
    "decided_by": 1,
    "decided_at": "2026-01-01T00:00:00Z",
    "valid_from": "2026-01-01T00:00:00Z",
    "version": 7,
    "edit_number": 1,
    "evidence_file": 1,
    "key": 1,
}


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    return make_world()


def secret(institution: Institution, *scopes: str, **over: Any) -> dict[str, str]:
    """The headers of a program with a key."""
    said_once = f"qamtu_{institution.code}_{next(numbers)}"
    make_api_key(institution, *scopes, secret=said_once, **over)
    return {"authorization": f"Bearer {said_once}", "accept-language": "en"}


def arguments(name: str, world: World) -> dict[str, Any]:
    known = {
        "code": world.draft, "programme": world.draft, "period": world.period, "number": world.ready,
    }  # fmt: skip
    found = {argument: known[argument] for argument in OWN[name]}
    return found | {
        "api-own-discipline": {"code": "AI101"},
        "api-own-evidence": {"code": "AI101"},
        "api-own-import-undo": {"number": world.done},
    }.get(name, {})


def rows(**among: Any) -> list[Any]:
    return [
        list(model._default_manager.filter(**among).order_by("pk").values())
        for model in TABLES
        if not among or hasattr(model, "institution")
    ]


def test_a_key_takes_what_the_document_gives_to_its_scope(world: World) -> None:
    kaznu = Institution.objects.get(code="kaznu")
    for scope in ("read", "write", "submit"):
        headers = secret(kaznu, scope)
        found = {}
        for name in OWN:
            where = reverse(name, kwargs=arguments(name, world))
            status = {method: said(Client(), method, where, headers=headers).status for method in METHODS}
            assert max(status.values()) < 500, (name, status)
            assert status["HEAD"] == status["GET"]
            taken = [one for one in METHODS if status[one] not in (401, 403, 404, 405)]
            found[name] = " ".join(one for one in taken if one not in ("HEAD", "OPTIONS")) or "–"
        compare("The API of a university's own", scope, found)


def keyless(world: World) -> Iterator[tuple[str, Client, dict[str, str]]]:
    """Who has no key that serves."""
    kaznu, now = Institution.objects.get(code="kaznu"), timezone.now()
    long_ago = now - timedelta(days=9)
    yield "a visitor", Client(), {}
    yield "a key that nobody made", Client(), {"authorization": "Bearer qamtu_nobody"}
    for what, over in {
        "revoked": {"revoked_at": now, "made_at": long_ago},
        "expired": {"expires_at": now, "made_at": long_ago},
    }.items():
        yield f"a key {what}", Client(), secret(kaznu, "read", "write", "submit", **over)
    for who, person in {
        "a signatory": world.rector,
        "the ministry": make_reviewer(is_superuser=True),
    }.items():
        client = Client()
        client.force_login(person)
        yield f"{who} who is signed in", client, {}


def test_without_a_key_that_serves_nothing_is_told(world: World) -> None:
    before = rows()
    for who, client, headers in keyless(world):
        for name in OWN:
            known = arguments(name, world)
            nowhere = {one: NOWHERE.get(one, value) for one, value in known.items()}
            for method in METHODS:
                there, none = (
                    said(client, method, reverse(name, kwargs=one), *one.values(), headers=headers)
                    for one in (known, nowhere)
                )
                assert there == none, (who, method, name)
                assert there.status == 401 or method == "OPTIONS", (who, method, name)
    assert rows() == before


def test_what_another_university_has_is_answered_like_what_there_is_not(world: World) -> None:
    """A key that may do all, of a university that knows every code and number of the other."""
    satbayev = make_institution(code="satbayev")
    headers = secret(satbayev, "read", "write", "submit")
    kaznus = {"institution__code": "kaznu"}
    before, wrong = rows(**kaznus), []
    for name in OWN:
        known = arguments(name, world)
        nowhere = {one: NOWHERE.get(one, value) for one, value in known.items()}
        for method in METHODS:
            body = b'{"title_en": "Ours", "ai_category": "none", "lines": []}' if method == "PUT" else b""
            foreign, missing = (
                said(Client(), method, reverse(name, kwargs=one), *one.values(), body=body, headers=headers)
                for one in (known, nowhere)
            )
            wrong += differing(f"{method} {name}", foreign, missing)
            assert "Kazakhstan" not in foreign.body, (method, name)
            if known != nowhere and method == "GET":
                assert foreign.status in (404, 405), name
    assert not wrong, "\n".join(wrong)
    assert rows(**kaznus) == before


def test_lists_hold_only_what_is_of_the_keys_university(world: World) -> None:
    satbayev = make_institution(code="satbayev")
    make_programme(satbayev, code="6B06177", title_en="Ours")
    make_discipline(satbayev, code="OURS1")
    headers = secret(satbayev, "read")
    for name in OWN:
        if not OWN[name]:
            body = said(Client(), "GET", reverse(name), headers=headers).body
            assert not [word for word in ("6B0610", "AI101", "HIS1", "kaznu", "KazNU") if word in body], name


def smuggling(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The body with a member that is not its own to write: at the top, and within each of its lines."""
    for name, value in SMUGGLED.items():
        yield name, {**body, name: value}
        if "lines" in body:
            yield name, {**body, "lines": [{**line, name: value} for line in body["lines"]]}


def test_no_body_writes_what_is_not_its_own_to_write(world: World) -> None:
    """Refused with its place, or passed over where it is only read; nothing of it is taken over."""
    make_institution(code="satbayev")
    client = Client(headers=secret(Institution.objects.get(code="kaznu"), "read", "write", "submit"))
    before, tried = rows(), 0
    for name in ("api-own-programme", "api-own-discipline", "api-own-curriculum"):
        where = reverse(name, kwargs=arguments(name, world))
        read = client.get(where)
        for member, body in smuggling(read.json()):
            said_to = {"if-match": read.headers["ETag"]}
            answer = client.put(where, body, content_type="application/json", headers=said_to)
            if answer.status_code == 200:  # it may come back as it was read, whatever it says
                assert (name, member) in {("api-own-curriculum", one) for one in ABOUT}, member
                assert answer.json() == read.json()
            else:
                assert answer.status_code == 422, (name, member)
                assert f"/{member}" in str([fault["pointer"] for fault in answer.json()["errors"]]), name
            tried += 1
    assert tried == 4 * len(SMUGGLED)
    assert rows() == before


def test_no_list_of_documents_writes_what_is_not_its_own_to_write(world: World) -> None:
    client = Client(headers=secret(Institution.objects.get(code="kaznu"), "read", "write"))
    known = arguments("api-own-curriculum", world)
    document = client.get(reverse("api-own-curriculum", kwargs=known)).json()
    versions = list(CurriculumVersion.objects.values())
    bodies = [body for member, body in smuggling(document) if body["lines"] != document["lines"]]
    bodies += [{**document, **SMUGGLED}]
    where = f"{reverse('api-own-imports')}?period={world.period}"
    for body in bodies:
        body["lines"][0]["credits"] = "9"
        sent = client.post(where, [body], content_type="application/json")
        importing.run_import(sent.json()["number"])
        assert Import.objects.get(pk=sent.json()["number"]).state == "refused", body
    assert list(CurriculumVersion.objects.values()) == versions

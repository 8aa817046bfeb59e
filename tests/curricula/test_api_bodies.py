"""What programs send beside and around a document: conditions, codings, marks, addresses without their slash."""

import gzip
import io
import json
from typing import Any

import pytest

from institutions.models import Institution, User
from tests.api_keys import Program
from tests.factories import make_discipline, make_period, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

TITLES = {"title_kk": "Жасанды интеллект", "title_ru": "", "title_en": ""}
ADDRESS = "/api/v1/own/programmes/6B06102/"


@pytest.fixture
def program(institution: Institution, signatory: User) -> Program:
    make_programme(institution, code="6B06102")
    return Program(institution, by=signatory)


def sent(program: Program, body: bytes, **about: Any) -> Any:
    headers = {"if-match": "*"} | about.pop("headers", {})
    return program.client.put(ADDRESS, body, content_type="application/json", headers=headers, **about)


@pytest.mark.parametrize("form", ["W/{tag}", '"another", W/{tag}', '"another", {tag}', "*"])
def test_a_tag_that_a_proxy_made_weak_names_the_same_state(program: Program, form: str) -> None:
    said = form.format(tag=program.get("programmes/6B06102/")["ETag"])
    assert program.put("programmes/6B06102/", TITLES, if_match=said).status_code == 200


@pytest.mark.parametrize("said", ["{tag}", "", "another"])
def test_a_tag_without_its_quotes_is_told_from_an_old_one(program: Program, said: str) -> None:
    tag = program.get("programmes/6B06102/")["ETag"].strip('"')
    answer = program.put("programmes/6B06102/", TITLES, if_match=said.format(tag=tag))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "If-Match"


def test_the_mark_before_utf_8_is_passed_over(program: Program) -> None:
    answer = sent(program, b"\xef\xbb\xbf" + json.dumps(TITLES).encode())
    assert answer.status_code == 200
    assert answer.json()["title_kk"] == TITLES["title_kk"]


def test_a_compressed_document_is_refused_as_such(program: Program) -> None:
    body = gzip.compress(json.dumps(TITLES).encode())
    answer = sent(program, body, headers={"content-encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (415, "coding")
    assert (
        sent(program, json.dumps(TITLES).encode(), headers={"content-encoding": "identity"}).status_code
        == 200
    )


def test_a_body_that_comes_in_pieces_is_read_to_its_end(program: Program) -> None:
    def piecewise(body: bytes) -> Any:
        as_gunicorn_does = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
        said = {"CONTENT_TYPE": "application/json", "HTTP_IF_MATCH": "*"}
        return program.client.request(REQUEST_METHOD="PUT", PATH_INFO=ADDRESS, **as_gunicorn_does, **said)

    answer = piecewise(json.dumps(TITLES).encode())
    assert answer.status_code == 200, answer.content
    assert answer.json()["title_kk"] == TITLES["title_kk"]
    assert piecewise(b" " * (1024 * 1024 + 1)).status_code == 413


def test_an_address_without_its_slash_leads_on_with_what_was_sent(program: Program) -> None:
    address = ADDRESS.rstrip("/")
    led = program.client.put(address, TITLES, content_type="application/json")
    assert (led.status_code, led["Location"]) == (308, ADDRESS)
    assert program.client.put(address + "/no", TITLES, content_type="application/json").status_code == 404


def test_a_parameter_that_is_not_there_is_refused_everywhere(program: Program) -> None:
    for address in ("", "programmes/", "programmes/6B06102/", "imports/"):
        for name in ("format=csv", "format=json", "colour=red"):
            answer = program.get(f"{address}?{name}")
            assert answer.status_code == 400, (address, name)
            assert answer.json()["errors"][0]["parameter"] == name.partition("=")[0]


def test_moments_are_told_in_utc(program: Program) -> None:
    assert program.get().json()["key"]["expires_at"].endswith("Z")


def test_a_choice_that_is_none_is_answered_by_those_that_are(program: Program) -> None:
    answer = program.put(
        "disciplines/AI101/", {"title_en": "AI", "ai_category": "corr", "language": "english"}
    )
    assert answer.status_code == 422
    faults = {fault["pointer"]: fault for fault in answer.json()["errors"]}
    assert "core" in faults["/ai_category"]["allowed"]
    assert "“english”" in faults["/language"]["message"]
    assert "kk, ru, en" in faults["/language"]["message"]


def test_a_curriculum_may_name_its_year_by_a_number_and_its_faults_say_where(
    program: Program, institution: Institution
) -> None:
    make_period(code="2026")
    make_discipline(institution, code="AI101")
    named = program.put("curricula/2026/6B06102/", {"period": 2026, "lines": []})
    assert named.status_code == 201, named.content
    faulty = program.put("curricula/2026/6B06102/", {"period": 2025, "lines": [{}]}, if_match="*")
    assert {"/period", "/lines/0/credits"} <= {fault["pointer"] for fault in faulty.json()["errors"]}
    assert "/lines/0/credits: " in faulty.json()["detail"]

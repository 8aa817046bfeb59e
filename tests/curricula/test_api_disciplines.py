"""An institution's own programs read and write its disciplines: checked as the form is, and told who was faster."""

import json
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from curricula.models import Discipline
from institutions.api import repeating
from institutions.models import GivenAnswer, Institution, User
from institutions.tasks import forget_given_answers
from tests.api_keys import Program
from tests.at_once import at_once, beside, no_row_is_written
from tests.curricula.api_events import contexts_of
from tests.factories import make_discipline, make_institution, make_programme, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

AI = {
    "title_ru": "Основы искусственного интеллекта",
    "title_en": "Foundations of artificial intelligence",
    "description": "Learning from data.",
    "credits": 5,
    "language": "ru",
    "ai_category": "core",
    "evidence_url": "https://kaznu.kz/ai101",
}


@pytest.fixture
def program(institution: Institution, signatory: User) -> Program:
    return Program(institution, by=signatory)


def test_a_discipline_is_added_read_and_replaced(program: Program, institution: Institution) -> None:
    made = program.put("disciplines/AI101/", AI)
    assert (made.status_code, made["Location"]) == (201, "/api/v1/own/disciplines/AI101/")
    assert made.json()["credits"] == "5.0"
    read = program.get("disciplines/AI101/")
    assert (read.json(), read["ETag"]) == (made.json(), made["ETag"])
    assert read.json()["etag"] == read["ETag"]
    replaced = program.put(
        "disciplines/AI101/", {"title_kk": "ЖИ негіздері", "ai_category": "applied"}, if_match=read["ETag"]
    )
    assert replaced.status_code == 200
    discipline = Discipline.objects.get(institution=institution, code="AI101")
    assert (discipline.title_kk, discipline.title_ru, discipline.credits) == ("ЖИ негіздері", "", None)
    assert discipline.suggested_by


def test_what_was_read_can_be_sent_back_and_changes_nothing(program: Program) -> None:
    made = program.put("disciplines/AI101/", AI)
    again = program.put("disciplines/AI101/", made.json(), if_match=made["ETag"])
    assert (again.status_code, again["ETag"]) == (200, made["ETag"])
    events: Any = Discipline.pgh_event_model.objects  # type: ignore[attr-defined]
    assert events.count() == 1


def test_a_code_may_have_a_stroke_and_kazakh_letters(program: Program) -> None:
    for code in ("ЖИ/ML-101", "AI (101) & co."):
        assert program.put(f"disciplines/{code}/", AI).status_code == 201
        assert program.get(f"disciplines/{code}/").json()["code"] == code


def test_who_does_not_say_what_they_have_read_is_asked_to(program: Program) -> None:
    program.put("disciplines/AI101/", AI)
    answer = program.put("disciplines/AI101/", {**AI, "credits": 6})
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_missing")
    assert program.get("disciplines/AI101/").json()["credits"] == "5.0"


def test_who_was_slower_is_told_what_there_is_now(program: Program) -> None:
    first = program.put("disciplines/AI101/", AI)
    program.put("disciplines/AI101/", {**AI, "credits": 6}, if_match=first["ETag"])
    answer = program.put("disciplines/AI101/", {**AI, "credits": 7}, if_match=first["ETag"])
    assert answer.status_code == 412
    assert answer.json()["current"]["credits"] == "6.0"
    assert answer.json()["etag"] == answer["ETag"] == program.get("disciplines/AI101/")["ETag"]
    assert program.put("disciplines/AI102/", AI, if_match=first["ETag"]).json()["code"] == "not_there"
    asked_for_new = program.put("disciplines/AI101/", AI, if_none_match="*")
    assert asked_for_new.status_code == 412


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({**AI, "credits": "five"}, {"/credits"}),
        ({**AI, "credits": 31}, {"/credits"}),
        ({**AI, "credits": "5.55", "ai_category": "magic"}, {"/credits", "/ai_category"}),
        ({**AI, "evidence_url": "javascript:alert(1)"}, {"/evidence_url"}),
        ({**AI, "language": "xx"}, {"/language"}),
        ({"ai_category": "core"}, {"/title_kk"}),
        ({**AI, "title_ru": "x" * 301}, {"/title_ru"}),
        ({**AI, "title": "x", "a/b~c": 1}, {"/title", "/a~1b~0c"}),
        ({**AI, "title_ru": ["x"], "credits": True}, {"/title_ru", "/credits"}),
        ({**AI, "description": {"a": 1}}, {"/description"}),
        ({**AI, "has_evidence_file": True}, {"/has_evidence_file"}),
        ({**AI, "code": "AI102"}, {"/code"}),
        ([AI], {""}),
        ("AI", {""}),
        (None, {""}),
    ],
)  # fmt: skip
def test_every_fault_is_named_with_its_place(program: Program, body: Any, places: set[str]) -> None:
    answer = program.put("disciplines/AI101/", json.dumps(body))
    assert answer.status_code == 422, answer.content
    assert {fault["pointer"] for fault in answer.json()["errors"]} == places
    assert all(fault["message"] in answer.json()["detail"] for fault in answer.json()["errors"])
    assert not Discipline.objects.exists()


@pytest.mark.parametrize(
    "code", ["AI%00101", "-AI101", "A" * 41, "AI  101", " AI101", "AI%0A101", "=1+1", "AI<b>"]
)
def test_a_code_that_no_discipline_can_have_makes_none(program: Program, code: str) -> None:
    answer = program.put(f"disciplines/{code}/", AI)
    assert answer.status_code in (404, 422), answer.content
    assert not Discipline.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff", b'{"title_ru": "a", "title_ru": "b"}', b"[" * 100_000, b"9" * 5000,
        b'{"credits": 1e999999999}', b'{"credits": 1e99999999999999999999}',
        b'{"credits": NaN}', b'{"credits": 1e99}', b'{"title_ru": "\\u0000"}', b'{"title_ru": "\\ud800"}',
        b'{"credits": 0.' + b"1" * 50 + b"}", b'{"\\u0000": 1}', b'{"a": ' * 30 + b"1" + b"}" * 30,
    ],
)  # fmt: skip
def test_hostile_bodies_are_refused_and_never_a_failure(program: Program, body: bytes) -> None:
    answer = program.put("disciplines/AI101/", body)
    assert answer.status_code in (400, 422), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Discipline.objects.exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=9,
)


@settings(max_examples=60)
@given(body=st.dictionaries(st.sampled_from([*AI, "code", "etag", "x"]), JSON, max_size=5))
def test_no_body_is_a_failure(program: Program, body: Any) -> None:
    answer = program.put("disciplines/AI101/", json.dumps(body), if_match="*")
    assert answer.status_code in (400, 412, 422)


def test_a_body_that_is_not_json_or_too_large_is_refused(program: Program) -> None:
    answer = program.client.put("/api/v1/own/disciplines/AI101/", "a=1", content_type="text/plain")
    assert answer.status_code == 415
    assert program.put("disciplines/AI101/", {**AI, "description": "x" * 1_100_000}).status_code == 413


def test_the_list_goes_on_from_the_last_row_however_rows_are_added(
    program: Program, institution: Institution
) -> None:
    for code in ("B", "D", "F"):
        make_discipline(institution, code=code)
    first = program.get("disciplines/?page_size=2").json()
    make_discipline(institution, code="A")
    make_discipline(institution, code="E")
    second = program.client.get(first["next"]).json()
    assert [row["code"] for row in first["results"]] == ["B", "D"]
    assert [row["code"] for row in second["results"]] == ["E", "F"]
    assert second["next"] is None


def test_a_hundred_rows_cost_no_more_queries_than_one(
    program: Program, institution: Institution, django_assert_num_queries: Any
) -> None:
    make_discipline(institution)
    program.get("disciplines/")
    for number in (1, 30):
        for _one in range(number):
            make_discipline(institution)
        with django_assert_num_queries(2):  # the key, and the rows
            program.get("disciplines/")


@pytest.mark.parametrize(
    "query", ["after=%00", "page_size=0", "page_size=x", "x=1", "after=a&after=b", "after="]
)
def test_a_parameter_that_is_not_understood_is_refused(program: Program, query: str) -> None:
    answer = program.get(f"disciplines/?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_what_is_another_institutions_is_not_there(program: Program) -> None:
    other = make_discipline(make_institution(code="satbayev"), code="AI101", title_en="Theirs")
    assert program.get("disciplines/AI101/").status_code == 404
    assert program.get("disciplines/").json()["results"] == []
    assert program.put("disciplines/AI101/", AI).status_code == 201  # of its own, beside
    assert Discipline.objects.get(pk=other.pk).title_en == "Theirs"


def test_the_code_of_what_was_handed_in_stays(program: Program, institution: Institution) -> None:
    discipline = make_discipline(institution, code="AI101")
    make_version(make_programme(institution), state="submitted", lines=({"discipline": discipline},))
    read = program.get("disciplines/AI101/")
    changed = program.put("disciplines/AI101/", {**AI, "code": "AI101"}, if_match=read["ETag"])
    assert changed.status_code == 200


def test_a_key_that_may_only_read_writes_nothing(institution: Institution) -> None:
    program = Program(institution, "read")
    assert program.put("disciplines/AI101/", AI).status_code == 403
    assert program.get("disciplines/").status_code == 200
    assert not Discipline.objects.exists()


def test_the_trail_names_the_key_and_who_answers_for_it(
    program: Program, signatory: User, client: Client, auditor: User
) -> None:
    program.put("disciplines/AI101/", AI)
    said = contexts_of(Discipline)
    assert [(one["user"], one["key"], one["action"]) for one in said] == [
        (signatory.pk, program.key.label, "save")
    ]
    assert said[0]["url"] == "/api/v1/own/disciplines/AI101/"
    client.force_login(auditor)
    page = client.get("/en/admin/institutions/trailentry/", {"text": program.key.prefix}).content.decode()
    assert program.key.name in page
    assert "Serik" in page


# Sent twice.


def test_what_is_sent_twice_under_one_name_is_done_once(program: Program) -> None:
    first = program.put("disciplines/AI101/", AI, idempotency_key="a-1")
    again = program.put("disciplines/AI101/", AI, idempotency_key="a-1")
    assert (again.status_code, again.json(), again["ETag"], again["Location"]) == (
        201, first.json(), first["ETag"], first["Location"],
    )  # fmt: skip
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert GivenAnswer.objects.count() == 1


def test_under_one_name_nothing_else_may_be_sent(program: Program) -> None:
    program.put("disciplines/AI101/", AI, idempotency_key="a-1")
    for address, body in (("AI101", {**AI, "credits": 6}), ("AI102", AI)):
        answer = program.put(f"disciplines/{address}/", body, idempotency_key="a-1")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Discipline.objects.count() == 1


def test_what_was_refused_may_be_mended_under_the_same_name(program: Program) -> None:
    refused = program.put("disciplines/AI101/", {**AI, "credits": 99}, idempotency_key="a-1")
    assert refused.status_code == 422
    assert program.put("disciplines/AI101/", AI, idempotency_key="a-1").status_code == 201


def test_after_a_day_an_answer_is_forgotten(program: Program) -> None:
    first = program.put("disciplines/AI101/", AI, idempotency_key="a-1")
    program.put("disciplines/AI102/", AI, idempotency_key="a-2")
    yesterday = timezone.now() - timedelta(hours=25)
    GivenAnswer.objects.filter(name="a-1").update(given_at=yesterday)
    again = program.put("disciplines/AI101/", AI, idempotency_key="a-1", if_match=first["ETag"])
    assert (again.status_code, "Idempotency-Replayed" in again.headers) == (200, False)
    GivenAnswer.objects.filter(name="a-1").update(given_at=yesterday)
    forget_given_answers()
    assert [answer.name for answer in GivenAnswer.objects.all()] == ["a-2"]


def test_two_keys_may_use_the_same_name(program: Program, institution: Institution) -> None:
    program.put("disciplines/AI101/", AI, idempotency_key="a-1")
    other = Program(institution).put("disciplines/AI101/", AI, idempotency_key="a-1")
    assert other.status_code == 428


@pytest.mark.parametrize("name", ["", "a b", "é", "x" * 256])
def test_a_name_that_cannot_be_one_is_refused(program: Program, name: str) -> None:
    answer = program.put("disciplines/AI101/", AI, idempotency_key=name)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_under_one_name_one_is_done(institution: Institution) -> None:
    program = Program(institution)

    def send() -> Any:
        return program.put("disciplines/AI101/", AI, idempotency_key="a-1")

    answers: list[Any] = at_once(*[send] * 10)
    assert Discipline.objects.count() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert [
        answer
        for answer in answers
        if answer.status_code == 201 and "Idempotency-Replayed" not in answer.headers
    ]
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert all(answer["Retry-After"] == "1" for answer in answers if answer.status_code == 409)
    assert send().status_code == 201


def sent_twice_at_once(program: Program) -> list[Any]:
    """The first is done and about to keep its answer when the second comes."""

    def send() -> Any:
        return program.put("disciplines/AI101/", AI, idempotency_key="a-1")

    answers: list[Any] = beside(send, send, meanwhile=no_row_is_written("institutions_givenanswer"))
    return [(answer.status_code, answer.json().get("code")) for answer in answers]


@pytest.mark.django_db(transaction=True)
def test_while_a_request_is_at_work_its_repetition_is_told_to_wait(institution: Institution) -> None:
    assert sent_twice_at_once(Program(institution)) == [(201, "AI101"), (409, "at_work")]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_it_would_be_told_that_somebody_else_was_quicker(
    institution: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr(repeating, "one_at_a_time", lambda *_subject, **_how: nullcontext())
    assert sent_twice_at_once(Program(institution)) == [(201, "AI101"), (428, "if_match_missing")]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_the_same_at_once_one_does(institution: Institution) -> None:
    program = Program(institution)
    answers: list[Any] = at_once(
        *[
            lambda number=number: program.put("disciplines/AI101/", {**AI, "credits": number})
            for number in range(1, 6)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [201, 428, 428, 428, 428]
    assert Discipline.objects.count() == 1

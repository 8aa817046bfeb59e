"""An institution's own programs name its programmes, hand over for signature, and read what was decided."""

from typing import Any

import pytest
from django.utils import timezone

from curricula.models import CurriculumVersion, Period, Programme
from institutions.models import Institution, Letter, User
from tests.api_keys import Program
from tests.curricula.api_events import contexts_of
from tests.factories import make_institution, make_programme, make_submission, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

TITLES = {"title_kk": "Жасанды интеллект", "title_ru": "", "title_en": "Artificial intelligence"}


@pytest.fixture
def program(institution: Institution, signatory: User) -> Program:
    return Program(institution, by=signatory)


# Programmes.


def test_titles_are_written_and_the_rest_is_the_registrys(program: Program, institution: Institution) -> None:
    make_programme(institution, code="6B06102")
    read = program.get("programmes/6B06102/")
    written = program.put("programmes/6B06102/", {**read.json(), **TITLES}, if_match=read["ETag"])
    assert written.status_code == 200, written.content
    assert written.json() == program.get("programmes/6B06102/").json() != read.json()
    programme = Programme.objects.get()
    assert (programme.title_kk, programme.title_ru) == ("Жасанды интеллект", "")
    assert [said["key"] for said in contexts_of(Programme) if said.get("action") == "rename"] == [
        program.key.label
    ]


@pytest.mark.parametrize(
    "change",
    [{"is_ai_dedicated": True}, {"language": "en"}, {"active_to": "2026-01-01"}, {"code": "6B06199"}],
)
def test_what_figures_count_by_is_not_written_here(
    program: Program, institution: Institution, change: dict[str, Any]
) -> None:
    make_programme(institution, code="6B06102")
    before = list(Programme.objects.values())
    read = program.get("programmes/6B06102/")
    answer = program.put("programmes/6B06102/", {**read.json(), **change}, if_match=read["ETag"])
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{name}" for name in change]
    assert list(Programme.objects.values()) == before


def test_a_title_is_needed_and_an_old_state_is_told(program: Program, institution: Institution) -> None:
    make_programme(institution, code="6B06102")
    read = program.get("programmes/6B06102/")
    assert program.put("programmes/6B06102/", {}, if_match=read["ETag"]).status_code == 422
    assert program.put("programmes/6B06102/", TITLES).status_code == 428
    program.put("programmes/6B06102/", TITLES, if_match=read["ETag"])
    late = program.put("programmes/6B06102/", {"title_kk": "Басқа"}, if_match=read["ETag"])
    assert (late.status_code, late.json()["current"]["title_en"]) == (412, "Artificial intelligence")


def test_a_programme_that_the_registry_lacks_is_not_made(program: Program) -> None:
    make_programme(make_institution(code="satbayev"), code="6B06102")
    for answer in (program.get("programmes/6B06102/"), program.put("programmes/6B06102/", TITLES)):
        assert (answer.status_code, answer.json()["code"]) == (404, "no_programme")
    assert program.get("programmes/").json() == {"next": None, "results": []}


def test_programmes_are_listed_a_page_at_a_time(program: Program, institution: Institution) -> None:
    for number in range(1, 4):
        make_programme(institution, code=f"6B0610{number}")
    first = program.get("programmes/?page_size=2").json()
    rest = program.client.get(first["next"]).json()
    assert [row["code"] for row in (*first["results"], *rest["results"])] == ["6B06101", "6B06102", "6B06103"]


# Decisions.


def test_what_was_decided_is_read_with_its_reason(
    program: Program, institution: Institution, period: Period, reviewer: User
) -> None:
    submission = make_submission(institution, period=period)
    make_version(
        make_programme(institution, code="6B06101"), period=period, submission=submission, state="approved"
    )
    make_version(
        make_programme(institution, code="6B06102"), period=period, submission=submission, state="returned",
        reason="No evidence",
    )  # fmt: skip
    make_version(make_programme(institution, code="6B06103"), period=period)
    rows = program.get("versions/").json()["results"]
    assert [(row["programme"], row["state"], row["reason"]) for row in rows] == [
        ("6B06101", "approved", ""),
        ("6B06102", "returned", "No evidence"),
        ("6B06103", "draft", ""),
    ]
    assert all(row["lines"] >= row["ai_lines"] for row in rows)
    (signed,) = program.get("submissions/").json()["results"]
    assert (signed["receipt"], signed["approved"], signed["returned"]) == (submission.receipt_number, 1, 1)


def test_decisions_are_narrowed_and_asked_for_since_the_last_time(
    program: Program, institution: Institution, period: Period
) -> None:
    make_version(make_programme(institution, code="6B06102"), period=period, state="returned", reason="Why")
    make_version(make_programme(institution, code="6B06103"), period=period)
    decided = CurriculumVersion.objects.get(state="returned").decided_at
    assert decided
    for query, expected in {
        "state=returned": ["6B06102"],
        "programme=6B06103": ["6B06103"],
        f"period={period.code}": ["6B06102", "6B06103"],
        "period=1999": [],
        f"decided_since={decided.isoformat()}": ["6B06102"],
        f"decided_since={timezone.now().isoformat().replace('+', '%2B')}": [],
    }.items():
        rows = program.get(f"versions/?{query}").json()["results"]
        assert [row["programme"] for row in rows] == expected, query


@pytest.mark.parametrize(
    "query", ["state=lost", "decided_since=yesterday", "decided_since=2026-01-01", "after=x", "after=-1", "period="]
)  # fmt: skip
def test_a_parameter_that_is_not_understood_is_refused(program: Program, query: str) -> None:
    assert program.get(f"versions/?{query}").status_code == 400


def test_a_page_of_versions_costs_the_same_however_many(
    program: Program, institution: Institution, period: Period, django_assert_num_queries: Any
) -> None:
    program.get("versions/")
    for _number in range(3):
        make_version(make_programme(institution), period=period)
        with django_assert_num_queries(2):
            program.get("versions/")


# Handing over.


def test_the_signatories_are_told_once_of_what_is_there(
    program: Program, institution: Institution, period: Period, signatory: User, editor: User
) -> None:
    version = make_version(make_programme(institution, code="6B06102"), period=period)
    told = program.get(f"periods/{period.code}/handover/").json()
    assert (told["faults"], told["drafts"]) == ([], 1)
    first = program.post(f"periods/{period.code}/handover/", "")
    assert (first.status_code, first.json()["is_new"], first.json()["signatories"]) == (200, True, 1)
    assert program.post(f"periods/{period.code}/handover/", "").json()["is_new"] is False
    letter = Letter.objects.get()
    assert (letter.user, letter.kind, letter.parameters["program"]) == (signatory, "ready", program.key.name)
    assert letter.path.endswith(f"/workspace/kaznu/{period.code}/sign/")
    CurriculumVersion.objects.filter(pk=version.pk).update(edit_number=9)
    assert program.post(f"periods/{period.code}/handover/", "").json()["is_new"] is True
    version.refresh_from_db()
    assert version.state == "draft"


def test_what_stands_against_signing_is_told_and_refuses_to_hand_over(
    program: Program, period: Period, signatory: User
) -> None:
    told = program.get(f"periods/{period.code}/handover/").json()
    assert [fault["code"] for fault in told["faults"]] == ["nothing_to_submit"]
    refused = program.post(f"periods/{period.code}/handover/", "")
    assert (refused.status_code, refused.json()["code"]) == (422, "unready")
    assert [fault["code"] for fault in refused.json()["errors"]] == ["nothing_to_submit"]
    assert not Letter.objects.exists()


def test_a_key_without_the_scope_hands_nothing_over(institution: Institution, period: Period) -> None:
    program = Program(institution, "read", "write")
    assert program.post(f"periods/{period.code}/handover/", "").status_code == 403
    assert program.get(f"periods/{period.code}/handover/").status_code == 200
    assert program.get("periods/1999/handover/").status_code == 404

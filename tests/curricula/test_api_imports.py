"""Many curricula at once: taken in at once, saved whole or not at all by the worker, tried, cancelled, undone."""

import gzip
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curricula.importing import running
from curricula.models import Batch, CurriculumVersion, Discipline, Import, Line, Period
from curricula.tasks import sweep
from institutions.models import Institution, User
from tests.api_keys import Program
from tests.at_once import at_once
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line, ods, xlsx
from tests.curricula.test_documents import DOCUMENTS, LINES, VALUES, as_line
from tests.factories import make_earlier_period, make_institution, make_period, make_programme, make_version
from tests.workers import Worker, eventually, rounds_every

pytestmark = pytest.mark.django_db

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


class Sender(Program):
    """Sends whatever it is told to, as whatever it is told to call it."""

    def send(
        self, body: Any, kind: str = "application/json", query: str = "?period=2025", **more: str
    ) -> Any:
        said = body if isinstance(body, bytes) else json.dumps(body, default=float).encode()
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        return self.client.post(f"/api/v1/own/imports/{query}", said, content_type=kind, headers=headers)

    def result(self, answer: Any) -> Any:
        """What came of it, after a worker has had its turn."""
        assert answer.status_code == 202, answer.content
        sweep()
        return self.client.get(answer["Location"]).json()


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def period(institution: Institution) -> Period:
    for code in ("6B06101", "6B06102"):
        make_programme(institution, code=code)
    return make_period("2025")


@pytest.fixture
def program(institution: Institution, period: Period) -> Sender:
    return Sender(institution, name="Platonus")


def documents(*lines: dict[str, Any]) -> list[dict[str, Any]]:
    said = list(lines) or [as_line(1), as_line(2)]
    return [{"programme": code, "lines": said} for code in ("6B06101", "6B06102")]


def saved() -> list[tuple[Any, ...]]:
    rows = Line.objects.order_by("version__programme__code", "position")
    return list(
        rows.values_list("version__programme__code", "discipline__code", "credits", "cycle", "semester",
                         "ai_category", "evidence_url", "discipline__title_en")
    )  # fmt: skip


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (CurriculumVersion, Line, Discipline)]


def test_it_is_taken_in_at_once_and_saved_by_the_worker(program: Sender) -> None:
    answer = program.send(documents())
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer["Location"] == f"http://testserver/api/v1/own/imports/{answer.json()['number']}/"
    assert saved() == []
    found = program.result(answer)
    assert (found["state"], found["name"], found["errors"]) == ("done", "Platonus.json", [])
    assert found["rows"] == {"read": 4, "accepted": 4, "rejected": 0, "blank": 0}
    assert found["progress"] == {"done": 4, "total": 4}
    assert found["curricula"] == {"added": 2, "changed": 0, "unchanged": 0}
    assert found["lines"] == {"added": 4, "changed": 0, "removed": 0}
    assert found["disciplines"] == {"added": 2, "changed": 0}
    assert found["finished_at"]
    assert len(saved()) == 4


def test_every_form_of_the_same_lines_saves_the_same(program: Sender) -> None:
    rows = [line(number, programme_code=code) for code in ("6B06101", "6B06102") for number in (1, 2)]
    named = [dict(zip(HEADINGS, row, strict=True)) for row in rows]
    texts = "\n".join(map(json.dumps, named)).encode()
    sheet = csv_text(HEADINGS, *rows).encode()
    forms = [
        (documents(), "application/json"),
        (named, "application/json; charset=utf-8"),
        (texts, "application/x-ndjson"),
        ("\n".join(map(json.dumps, documents())).encode(), "application/jsonl"),
        (xlsx(HEADINGS, *rows), SHEET),
        (ods(HEADINGS, *rows), ODS),
        (sheet, "text/csv"),
    ]
    assert program.result(program.send(*forms[0]))["state"] == "done"
    expected, before = saved(), everything()
    for body, kind in forms[1:]:
        found = program.result(program.send(body, kind))
        assert (found["state"], found["curricula"]["unchanged"], found["errors"]) == ("done", 2, []), kind
        assert found["can_be_undone"] is False
    assert (saved(), everything()) == (expected, before)


def test_with_one_fault_nothing_is_saved_and_every_fault_is_told(program: Sender) -> None:
    bad = documents()
    bad[0]["lines"] = [as_line(1), as_line(2, credits="5,5 ects")]
    bad[1]["programme"] = "6B06109"
    found = program.result(program.send(bad, accept_language="en"))
    assert (found["state"], found["rows"]) == (
        "refused", {"read": 4, "accepted": 1, "rejected": 3, "blank": 0},
    )  # fmt: skip
    assert [(fault["pointer"], fault["code"]) for fault in found["errors"]] == [
        ("/0/lines/1/credits", "not_number"),
        ("/1/programme", "programme_nearest"),
    ]
    assert (found["errors"][0]["row"], found["errors"][0]["value"]) == (2, "5,5 ects")
    assert saved() == []


def test_faults_of_a_spreadsheet_are_told_by_row_and_cell(program: Sender) -> None:
    sheet = csv_text(HEADINGS, line(1), line(2, credits="x")).encode()
    [fault] = program.result(program.send(sheet, "text/csv"))["errors"]
    assert (fault["row"], fault["column"], fault["cell"], fault["value"]) == (3, "credits", "D3", "x")
    assert "pointer" not in fault


def test_what_is_no_json_is_refused_with_its_place(program: Sender) -> None:
    found = program.result(program.send(b'[{"programme": }]', accept_language="en"))
    assert (found["state"], found["errors"][0]["code"]) == ("refused", "json_broken")
    assert "line 1, column 16" in found["errors"][0]["message"]


def test_a_dry_run_says_the_same_and_saves_nothing(program: Sender) -> None:
    trial = program.result(program.send(documents(), query="?period=2025&dry_run=true"))
    assert (trial["state"], trial["dry_run"], trial["curricula"]["added"]) == ("tried", True, 2)
    assert (trial["lines"]["added"], trial["can_be_undone"]) == (4, False)
    assert everything() == [[], [], []]
    assert Batch.objects.count() == 0
    done = program.result(program.send(documents()))
    assert {name: done[name] for name in ("rows", "curricula", "lines", "disciplines")} == {
        name: trial[name] for name in ("rows", "curricula", "lines", "disciplines")
    }
    refused = program.result(
        program.send(documents(as_line(1, credits=0)), query="?period=2025&dry_run=true")
    )
    assert refused["state"] == "refused"


def test_it_can_be_undone_as_on_its_page(program: Sender) -> None:
    make_version(Institution.objects.get().programmes.get(code="6B06101"), lines=[{"credits": 7}])
    before = [(row[0], row[2]) for row in saved()]
    answer = program.send(documents())
    assert program.result(answer)["can_be_undone"] is True
    undone = program.client.post(answer["Location"] + "undo/")
    assert (undone.status_code, undone.json()) == (200, {"restored": 2, "kept": []})
    assert [(row[0], row[2]) for row in saved()] == before
    assert not Discipline.objects.filter(code__startswith="AI").exists()
    found = program.client.get(answer["Location"]).json()
    assert found["undone_at"]
    assert not found["can_be_undone"]
    again = program.client.post(answer["Location"] + "undo/")
    assert (again.status_code, again.json()["code"]) == (409, "undone_already")


def test_what_changed_nothing_has_nothing_to_undo(program: Sender) -> None:
    program.result(program.send(documents()))
    answer = program.send(documents(), query="?period=2025&dry_run=true")
    program.result(answer)
    assert program.client.post(answer["Location"] + "undo/").json()["code"] == "nothing"


def test_one_that_waits_is_cancelled_and_one_that_has_ended_is_not(program: Sender) -> None:
    answer = program.send(documents())
    assert program.client.delete(answer["Location"]).json()["state"] == "cancelled"
    assert program.result(answer)["state"] == "cancelled"
    assert saved() == []
    assert program.client.delete(answer["Location"]).status_code == 409


def test_the_same_is_not_taken_in_twice_while_it_waits(program: Sender) -> None:
    assert program.send(documents()).status_code == 202
    again = program.send(documents())
    assert (again.status_code, again.json()["code"]) == (409, "already_running")
    assert Import.objects.count() == 1
    assert program.send(documents(), query="?period=2025&dry_run=true").status_code == 202


@pytest.mark.django_db(transaction=True)
def test_of_two_that_send_the_same_at_the_same_moment_one_is_told_so(program: Sender) -> None:
    for number in range(1, 4):
        body = documents()
        body[0]["students"] = number
        answers = at_once(*[partial(program.send, body)] * 3)
        assert sorted(answer.status_code for answer in answers) == [202, 409, 409]  # type: ignore[attr-defined]
        assert Import.objects.count() == number


def test_a_named_request_that_is_sent_again_is_answered_the_same(program: Sender) -> None:
    first = program.send(documents(), idempotency_key="one")
    again = program.send(documents(), idempotency_key="one")
    assert (again.status_code, again["Location"]) == (202, first["Location"])
    assert Import.objects.count() == 1


def test_what_is_compressed_is_unpacked_up_to_a_limit(program: Sender) -> None:
    body = json.dumps(documents()).encode()
    found = program.result(program.send(gzip.compress(body), content_encoding="gzip"))
    assert found["curricula"]["added"] == 2
    bomb = gzip.compress(b" " * (51 * 1024 * 1024))
    refused = program.send(bomb, content_encoding="gzip")
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    cut = gzip.compress(body)[:-4]
    for wrong, coding, status in ((b"x", "gzip", 400), (cut, "gzip", 400), (body, "br", 415)):
        answer = program.send(wrong, content_encoding=coding)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    "query", ["", "?period=1999", "?period=2025&dry_run=x", "?period=%00", "?period=2025&x=1"]
)
def test_a_parameter_that_is_missing_or_wrong_takes_nothing_in(program: Sender, query: str) -> None:
    answer = program.send(documents(), query=query)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert Import.objects.count() == 0


@pytest.mark.parametrize("body", [b"<xml/>", b""])
def test_a_kind_that_is_not_taken_is_told_which_are(program: Sender, body: bytes) -> None:
    answer = program.send(body, "application/xml", accept_language="en")
    assert answer.status_code == 415
    assert "text/csv" in answer.json()["detail"]


def test_a_file_that_is_none_is_refused_at_once(program: Sender) -> None:
    refused = program.send(b"PK\x03\x04 no workbook", SHEET)
    assert (refused.status_code, Import.objects.count()) == (422, 0)


def test_a_period_that_is_closed_takes_nothing(program: Sender) -> None:
    make_earlier_period("2024")
    answer = program.send(documents(), query="?period=2024")
    assert (answer.status_code, answer.json()["code"]) == (409, "period_closed")


def test_what_is_another_institutions_is_not_there(program: Sender) -> None:
    enu = make_institution(code="enu")
    make_programme(enu, code="6B06101")
    theirs = Sender(enu)
    answer = theirs.send(documents()[:1])
    for asked in (
        program.client.get(answer["Location"]),
        program.client.delete(answer["Location"]),
        program.client.post(answer["Location"] + "undo/"),
    ):
        assert asked.status_code == 404
    assert program.client.get("/api/v1/own/imports/").json() == {"results": []}
    assert theirs.result(answer)["state"] == "done"
    assert set(Line.objects.values_list("institution__code", flat=True)) == {"enu"}


def test_the_list_has_what_people_have_uploaded_too(
    program: Sender, institution: Institution, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        program.send(documents(as_line(number)))
    sweep()
    with django_assert_max_num_queries(8):
        found = program.client.get("/api/v1/own/imports/").json()["results"]
    assert [one["state"] for one in found] == ["done"] * 3
    assert [one["can_be_undone"] for one in found] == [True, False, False]


def test_the_trail_names_the_key(program: Sender) -> None:
    program.result(program.send(documents()))
    draft = CurriculumVersion.objects.first()
    assert draft is not None
    event = draft.events.last()  # type: ignore[attr-defined]
    assert event.pgh_context.metadata["key"] == program.key.label
    assert event.pgh_context.metadata["user"] == program.key.made_by.pk


def test_who_has_asked_for_the_result_gets_no_letter(program: Sender) -> None:
    answer = program.send(documents())
    sweep()
    assert Import.objects.get().seen_at is None
    program.client.get(answer["Location"])
    assert Import.objects.get().seen_at is not None


@settings(max_examples=40)
@given(body=st.lists(DOCUMENTS | LINES | VALUES, max_size=4) | VALUES | st.binary(max_size=60))
def test_any_body_at_all_comes_to_an_end_and_accounts_for_its_rows(program: Sender, body: Any) -> None:
    answer = program.send(body, query="?period=2025&dry_run=true")
    if body == b"":  # which no client gives a kind
        assert answer.status_code == 415
        return
    found = program.result(answer)
    assert found["state"] in ("tried", "refused"), found
    rows = found["rows"]
    assert rows["read"] == rows["accepted"] + rows["rejected"] + rows["blank"]
    assert bool(found["errors"]) == (found["state"] == "refused")


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_saves_it_though_its_bell_is_never_rung(
    program: Sender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "ring", lambda *_args: None)  # as where Redis is gone
    worker = Worker.start(MEDIA_ROOT=str(tmp_path), first=rounds_every(3))
    try:
        number = program.send(documents()).json()["number"]
        eventually(lambda: Import.objects.get(pk=number).state == "done", "the import is done")
    finally:
        worker.stop()
    assert len(saved()) == 4


def test_its_page_shows_what_a_program_has_only_tried(
    program: Sender, client: Any, editor: User, english: None
) -> None:
    answer = program.send(documents(), query="?period=2025&dry_run=true")
    program.result(answer)
    client.force_login(editor)
    page = client.get(f"/en/workspace/kaznu/imports/{answer.json()['number']}/").content.decode()
    assert "Only tried: nothing was saved" in page
    assert "Platonus" in page

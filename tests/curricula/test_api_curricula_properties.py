"""Any JSON at all, many programs at once: nothing is lost, nothing breaks, and what was saved is put back as it is."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curricula.documents import replacing
from curricula.documents.showing import present
from curricula.models import CurriculumVersion, Programme
from tests.at_once import at_once
from tests.curricula.test_documents import DOCUMENTS, VALUES, as_line
from tests.curricula.university_programs import University, everything
from tests.full import IN_FULL

ROUNDS = 50 if IN_FULL else 2
pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_of_twenty_programs_that_have_read_the_same_one_saves(
    program: University, programme: Programme, there: str
) -> None:
    """Of each round the one that was told so is what is there; as many edits are on record as were told."""
    tag = program.put(there, {"lines": [as_line(1)]})["ETag"]
    before = edits(programme)
    for first in range(100, 100 + 20 * ROUNDS, 20):  # what is there already is no edit, so each has its own
        answers: list[Any] = at_once(
            *(
                partial(program.put, there, {"lines": [as_line(number)]}, tag)
                for number in range(first, first + 20)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
        (saved,) = (answer for answer in answers if answer.status_code == 200)
        assert program.get(there).json()["lines"] == saved.json()["lines"]
        tag = saved["ETag"]
    assert edits(programme) == before + ROUNDS


def edits(programme: Programme) -> int:
    """How many are on record."""
    events: Any = CurriculumVersion.pgh_event_model.objects  # type: ignore[attr-defined]
    return len(set(events.filter(programme=programme).values_list("edit_number", flat=True)))


@pytest.mark.django_db(transaction=True)
def test_of_two_that_begin_at_once_one_begins(program: University, programme: Programme, there: str) -> None:
    answers = at_once(
        *(
            lambda number=number: program.put(there, {"lines": [as_line(number)]}).status_code
            for number in (1, 2)
        )
    )
    assert answers.count(201) == 1
    assert set(answers) <= {201, 412, 428}
    assert CurriculumVersion.objects.filter(programme=programme).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_is_begun_amid_a_request_is_not_written_over(
    program: University, programme: Programme, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def then_another_begins(**said: Any) -> Any:
        found = present(**said)
        monkeypatch.setattr(replacing, "present", present)
        assert at_once(lambda: program.put(there, {"lines": [as_line(1)]}).status_code) == [201]
        return found

    monkeypatch.setattr(replacing, "present", then_another_begins)
    assert program.put(there, {"lines": [as_line(2)]}).status_code == 412
    assert [line["discipline_code"] for line in program.get(there).json()["lines"]] == ["AI1"]


HOSTILE = [
    b"", b"{", b"[" * 5000 + b"]" * 5000, b'{"lines": [], "lines": []}', b'{"lines": NaN}', b"\xff\xfe{}",
    b'{"lines": [{"discipline_title": "\\u0000"}]}', b'{"lines": [{"credits": 1e400}]}', b"9" * 5000,
    b'{"lines": [{"\\ud800": 1}]}', b'{"lines": [{"credits": ' + b"9" * 400 + b"}]}", b"null", b'"text"',
]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_bodies_are_refused_as_problems(program: University, there: str, body: bytes) -> None:
    answer = program.put(there, body)
    assert answer.status_code in (400, 422), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert everything() == [[], [], []]


@settings(max_examples=60)
@given(document=DOCUMENTS | VALUES, tag=st.sampled_from(["", "*", '"x"', "junk", "\u00e9"]))
def test_any_json_at_all_is_saved_or_refused_as_a_problem(
    program: University, there: str, document: Any, tag: str
) -> None:
    answer = program.put(there, document, tag)
    assert answer.status_code in (200, 201) or answer["Content-Type"] == "application/problem+json"
    assert answer.status_code < 500, answer.content


GOOD = st.builds(
    as_line,
    st.integers(1, 30),
    credits=st.integers(2, 60).map(lambda halves: str(halves / 2)),
    cycle=st.sampled_from(["general", "basic", "major"]),
    semester=st.integers(1, 12),
    ai_category=st.sampled_from(["none", "applied", "core"]),
)


@settings(max_examples=30)
@given(lines=st.lists(GOOD, max_size=12, unique_by=lambda said: said["discipline_code"]))
def test_whatever_was_saved_is_read_and_put_back_as_it_is(
    program: University, programme: Programme, there: str, lines: list[dict[str, Any]]
) -> None:
    programme.versions.all().delete()
    saved = program.put(there, {"lines": lines})
    assert saved.status_code == 201, saved.content
    shown = [
        (one["discipline_code"], float(one["credits"]), one["semester"]) for one in saved.json()["lines"]
    ]
    assert shown == [(one["discipline_code"], float(one["credits"]), one["semester"]) for one in lines]
    before = everything()
    assert program.put(there, saved.content, saved["ETag"]).content == saved.content
    assert everything() == before

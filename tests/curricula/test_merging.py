"""Merging two people's changes: what one has changed is taken over, what both have changed is asked."""

from hypothesis import given
from hypothesis import strategies as st

from curricula.merging import (
    BOTH,
    MINE,
    NEITHER,
    THEIRS,
    TOGETHER,
    Cells,
    MergeRow,
    default_of,
    merge,
    resolve,
    unanswered,
)

A = Cells("A", "Algebra", "5", "basic", "mandatory", "1", "none", "")
B = Cells("B", "Biology", "4", "basic", "mandatory", "2", "none", "")
C = Cells("C", "Chemistry", "3", "basic", "mandatory", "3", "none", "")

few = st.sampled_from(["", "1", "2", "3"])
typed_rows = st.builds(
    Cells,
    code=st.sampled_from(["", "A", "B", "C", "D"]),
    title=st.sampled_from(["", "One", "Two"]),
    credits=few,
    cycle=st.sampled_from(["basic", "major"]),
    semester=few,
    ai_category=st.sampled_from(["none", "core"]),
)
saved_rows = typed_rows.filter(lambda row: row.code and row.title)
typed = st.lists(typed_rows, max_size=6)
# What the database holds: a discipline stands once in a semester.
saved = st.lists(saved_rows, max_size=6, unique_by=lambda row: (row.code, row.semester))


def merged(base: list[Cells], theirs: list[Cells], mine: list[Cells]) -> list[Cells]:
    return resolve(merge(base=base, theirs=theirs, mine=mine), {})


def only(base: list[Cells], theirs: list[Cells], mine: list[Cells]) -> MergeRow:
    """The one row that has to be shown."""
    (row,) = [row for row in merge(base=base, theirs=theirs, mine=mine) if not row.agrees]
    return row


@given(saved, typed)
def test_if_they_changed_nothing_the_merge_is_mine(base: list[Cells], mine: list[Cells]) -> None:
    rows = merge(base=base, theirs=base, mine=mine)
    assert resolve(rows, {}) == mine
    assert not unanswered(rows, {})


@given(saved, saved)
def test_if_i_changed_nothing_the_merge_is_theirs(base: list[Cells], theirs: list[Cells]) -> None:
    rows = merge(base=base, theirs=theirs, mine=base)
    assert resolve(rows, {}) == theirs
    assert not unanswered(rows, {})


@given(saved, saved)
def test_if_both_made_the_same_of_it_there_is_nothing_to_ask(base: list[Cells], both: list[Cells]) -> None:
    rows = merge(base=base, theirs=both, mine=both)
    assert all(row.agrees for row in rows)
    assert resolve(rows, {}) == both


@given(saved, saved, typed)
def test_every_row_of_either_side_is_in_the_merge_exactly_once(
    base: list[Cells], theirs: list[Cells], mine: list[Cells]
) -> None:
    rows = merge(base=base, theirs=theirs, mine=mine)
    assert sorted(row.theirs for row in rows if row.theirs) == sorted(theirs)
    assert sorted(row.mine for row in rows if row.mine) == sorted(mine)


@given(saved, saved, typed)
def test_nothing_of_either_side_disappears_without_being_shown(
    base: list[Cells], theirs: list[Cells], mine: list[Cells]
) -> None:
    for row in merge(base=base, theirs=theirs, mine=mine):
        result = row.result(row.default) if row.default else []
        for side in (row.theirs, row.mine):
            if side and not any(not row.differing(side, cells) for cells in result):
                assert not row.agrees


@given(saved, saved, typed)
def test_what_was_in_neither_is_not_made_up(
    base: list[Cells], theirs: list[Cells], mine: list[Cells]
) -> None:
    known = {(name, value) for cells in (*theirs, *mine) for name, value in cells._asdict().items()}
    for row in merge(base=base, theirs=theirs, mine=mine):
        for choice in row.choices:
            for cells in row.result(choice):
                assert set(cells._asdict().items()) <= known


@given(saved, saved, typed)
def test_taking_one_side_everywhere_gives_that_side(
    base: list[Cells], theirs: list[Cells], mine: list[Cells]
) -> None:
    rows = merge(base=base, theirs=theirs, mine=mine)
    assert sorted(resolve(rows, dict.fromkeys(range(len(rows)), THEIRS))) == sorted(theirs)
    assert sorted(resolve(rows, dict.fromkeys(range(len(rows)), MINE))) == sorted(mine)


def test_rows_that_each_added_stand_where_each_put_them() -> None:
    new = [Cells(code, code, "1", semester="1") for code in "XYZ"]
    assert merged([A, B], [A, new[0], B], [new[1], A, B, new[2]]) == [new[1], A, new[0], B, new[2]]


def test_a_new_order_of_mine_is_kept_beside_what_they_added() -> None:
    assert merged([A, B], [A, B, C], [B, A]) == [B, C, A]


def test_a_row_that_they_removed_and_i_left_alone_is_removed() -> None:
    assert merged([A, B], [B], [A, B]) == [B]
    assert only([A, B], [B], [A, B]).default == THEIRS


def test_a_row_that_they_removed_and_i_changed_is_a_question() -> None:
    row = only([A], [], [A._replace(credits="6")])
    assert (row.default, row.choices) == ("", (MINE, THEIRS))
    rows = merge(base=[A], theirs=[], mine=[A._replace(credits="6")])
    assert unanswered(rows, {}) == [0]
    assert not unanswered(rows, {0: MINE})
    assert unanswered(rows, {0: BOTH}) == [0]


def test_changes_in_other_columns_of_one_row_are_joined() -> None:
    row = only([A], [A._replace(credits="6")], [A._replace(ai_category="core")])
    assert row.default == TOGETHER
    assert row.result(TOGETHER) == [A._replace(credits="6", ai_category="core")]


def test_different_changes_of_one_cell_are_a_question() -> None:
    row = only([A], [A._replace(credits="6")], [A._replace(credits="7", semester="2")])
    assert row.default == ""
    assert row.choices == (MINE, THEIRS, BOTH, NEITHER)
    assert [cells.credits for cells in row.result(BOTH)] == ["6", "7"]
    assert row.result(NEITHER) == []


def test_one_code_that_both_added_with_another_title_is_a_question() -> None:
    row = only([], [A], [A._replace(title="Algebra II")])
    assert row.default == ""
    assert row.differing(row.theirs, row.mine) == ["title"]


def test_a_known_row_is_the_same_whatever_language_its_title_is_in() -> None:
    assert merge(base=[A], theirs=[A._replace(title="Алгебра")], mine=[A])[0].agrees


def test_rows_that_are_not_finished_are_kept_like_any_others() -> None:
    half = Cells("", "No code yet")
    assert merged([A], [A, B], [A, half, half]) == [A, half, half, B]


def test_one_number_is_merged_like_a_row() -> None:
    assert default_of("20", "20", "25") == MINE
    assert default_of("20", "25", "20") == THEIRS
    assert default_of("20", "25", "25") == MINE
    assert default_of("20", "25", "30") == ""

"""Undoing an action on many drafts: all is as before, and nobody's later work is lost."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from curricula import drafting, undoing
from curricula.errors import Refused
from curricula.models import Batch, BatchDraft, CurriculumVersion, Line, Period, Programme
from institutions.models import Institution, User
from tests.at_once import at_once, beside, no_row_is_written
from tests.factories import make_lines, make_programme, make_submission, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def said(institution: Institution) -> list[tuple[Any, ...]]:
    """All that the drafts of an institution say."""
    versions = CurriculumVersion.objects.filter(institution=institution).order_by("programme__code", "number")
    columns = ("programme__code", "state", "students")
    return [
        *versions.values_list(*columns),
        *versions.exclude(lines=None).values_list(
            "programme__code", "lines__position", "lines__discipline", "lines__credits", "lines__cycle",
            "lines__component", "lines__semester", "lines__ai_category", "lines__evidence_url",
        ).order_by("programme__code", "lines__position"),
    ]  # fmt: skip


def act(
    programmes: list[Programme], period: Period, by: User, *, change: Callable[[CurriculumVersion], None]
) -> Batch:
    """An action on many drafts: each programme has a draft afterwards, changed and counted as saved."""
    institution = programmes[0].institution
    with transaction.atomic():
        batch = undoing.begin(institution=institution, period=period, action="apply", by=by, subject="AI101")
        undoing.remember(batch=batch, programmes=[one.pk for one in programmes])
        for programme in programmes:
            draft = drafting.start_draft(programme=programme, period=period, by=by)
            change(draft)
            CurriculumVersion.objects.filter(pk=draft.pk).update(edit_number=F("edit_number") + 1)
        undoing.seal(batch=batch)
    return batch


def add_line(draft: CurriculumVersion) -> None:
    make_lines(draft, [{"semester": 8, "ai_category": "core"}])


def test_drafts_say_again_what_they_said_and_those_begun_are_gone(
    institution: Institution, period: Period, editor: User
) -> None:
    written, empty = make_programme(institution), make_programme(institution)
    make_version(written, period=period, students=12)
    before = said(institution)
    batch = act([written, empty], period, editor, change=add_line)
    assert said(institution) != before
    assert undoing.undoable(batch)
    result = undoing.undo(batch=batch, by=editor)
    assert (result.restored, result.kept) == (2, [])
    assert said(institution) == before
    batch.refresh_from_db()
    assert batch.undone_by == editor
    assert not undoing.undoable(batch)


def test_a_draft_that_was_empty_is_empty_again_and_stays(
    institution: Institution, period: Period, editor: User
) -> None:
    draft = drafting.start_draft(programme=make_programme(institution), period=period, by=editor)
    batch = act([draft.programme], period, editor, change=add_line)
    undoing.undo(batch=batch, by=editor)
    assert CurriculumVersion.objects.filter(pk=draft.pk).exists()
    assert not Line.objects.filter(version=draft).exists()


def test_undoing_counts_as_a_save_so_that_an_open_form_is_told(
    institution: Institution, period: Period, editor: User
) -> None:
    draft = make_version(make_programme(institution), period=period)
    batch = act([draft.programme], period, editor, change=add_line)
    draft.refresh_from_db()
    seen = draft.edit_number
    undoing.undo(batch=batch, by=editor)
    with pytest.raises(drafting.Conflict):
        drafting.save_draft(version=draft, lines=[], students=1, edit_number=seen, by=editor)


def test_what_somebody_saved_since_is_left_and_told(
    institution: Institution, period: Period, editor: User
) -> None:
    touched, untouched = make_programme(institution), make_programme(institution)
    batch = act([touched, untouched], period, editor, change=add_line)
    draft = touched.versions.get()
    drafting.save_draft(
        version=draft, lines=drafting.content(draft), students=77, edit_number=draft.edit_number, by=editor
    )
    result = undoing.undo(batch=batch, by=editor)
    assert (result.restored, result.kept) == (1, [touched])
    assert touched.versions.get().students == 77
    assert not untouched.versions.exists()


def test_a_draft_that_was_discarded_and_begun_anew_is_somebody_elses_work(
    institution: Institution, period: Period, editor: User
) -> None:
    programme = make_programme(institution)
    batch = act([programme], period, editor, change=add_line)
    drafting.discard_draft(version=programme.versions.get(), by=editor)
    anew = drafting.start_draft(programme=programme, period=period, by=editor)
    CurriculumVersion.objects.filter(pk=anew.pk).update(edit_number=1)
    assert not undoing.undoable(batch)
    assert undoing.undo(batch=batch, by=editor).kept == [programme]
    assert programme.versions.get() == anew


def test_what_was_signed_since_stays_signed(institution: Institution, period: Period, editor: User) -> None:
    programme = make_programme(institution)
    batch = act([programme], period, editor, change=add_line)
    draft = programme.versions.get()
    make_submission(institution, period=period, versions=[draft])
    assert undoing.undo(batch=batch, by=editor).kept == [programme]
    assert programme.versions.get().state == "submitted"


def test_the_second_undo_is_refused_in_words(institution: Institution, period: Period, editor: User) -> None:
    batch = act([make_programme(institution)], period, editor, change=add_line)
    undoing.undo(batch=batch, by=editor)
    with pytest.raises(Refused, match="undone already"):
        undoing.undo(batch=batch, by=editor)


def test_an_action_that_left_a_programme_without_a_draft_remembers_nothing_of_it(
    institution: Institution, period: Period, editor: User
) -> None:
    batch = undoing.begin(institution=institution, period=period, action="apply", by=editor)
    undoing.remember(batch=batch, programmes=[make_programme(institution).pk, make_programme().pk])
    assert BatchDraft.objects.count() == 1, "another institution's programme is not even looked at"
    undoing.seal(batch=batch)
    assert not BatchDraft.objects.exists()


def test_as_many_queries_for_forty_programmes_as_for_two(
    institution: Institution, period: Period, editor: User
) -> None:
    counts = []
    for number in (2, 40):
        programmes = [make_programme(institution) for _ in range(number)]
        make_version(programmes[0], period=period)
        batch = act(programmes, period, editor, change=add_line)
        with CaptureQueriesContext(connection) as queries:
            undoing.undo(batch=batch, by=editor)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@settings(max_examples=25)
@given(
    drafts=st.lists(
        st.one_of(
            st.none(),
            st.lists(
                st.tuples(
                    st.integers(1, 12), st.decimals(1, 30, places=1), st.sampled_from(["none", "core"])
                ),
                max_size=4,
            ),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_undoing_right_away_is_as_if_nothing_had_been(
    institution: Institution,
    period: Period,
    editor: User,
    drafts: list[list[tuple[int, Decimal, str]] | None],
) -> None:
    programmes = [make_programme(institution) for _ in drafts]
    for programme, lines in zip(programmes, drafts, strict=True):
        if lines is not None:
            rows = [{"semester": a, "credits": b, "ai_category": c} for a, b, c in lines]
            make_version(programme, period=period, lines=rows)
    before = said(institution)

    def rewrite(draft: CurriculumVersion) -> None:
        Line.objects.filter(version=draft).delete()
        add_line(draft)
        CurriculumVersion.objects.filter(pk=draft.pk).update(students=999)

    undoing.undo(batch=act(programmes, period, editor, change=rewrite), by=editor)
    assert said(institution) == before


@pytest.mark.django_db(transaction=True)
def test_of_two_who_undo_at_once_one_is_told_that_it_is_done(
    institution: Institution, period: Period, editor: User
) -> None:
    batch = act([make_programme(institution)], period, editor, change=add_line)
    results = at_once(*[partial(undoing.undo, batch=batch, by=editor)] * 2)
    assert sorted(type(result).__name__ for result in results) == ["Refused", "UndoResult"]


@pytest.mark.django_db(transaction=True)
def test_who_saves_while_it_is_being_undone_is_told(
    institution: Institution, period: Period, editor: User
) -> None:
    batch = act([make_programme(institution)], period, editor, change=add_line)
    draft = CurriculumVersion.objects.get()
    mine = drafting.content(draft)
    results = beside(
        partial(undoing.undo, batch=batch, by=editor),
        partial(
            drafting.save_draft,
            version=draft,
            lines=mine,
            students=7,
            edit_number=draft.edit_number,
            by=editor,
        ),
        meanwhile=no_row_is_written("curricula_line"),
    )
    assert [type(result).__name__ for result in results] == ["UndoResult", "Conflict"]


class TestThePage:
    def address(self, batch: Batch) -> str:
        return reverse("batch-undo", args=[batch.institution.code, batch.period.code, batch.pk])

    def test_an_editor_undoes_with_one_click_and_comes_back(
        self, client: Client, institution: Institution, period: Period, editor: User
    ) -> None:
        batch = act([make_programme(institution)], period, editor, change=add_line)
        client.force_login(editor)
        answer = client.post(self.address(batch), {"next": "/en/workspace/kaznu/"}, follow=True)
        assert "Undone: 1 curriculum is as it was before." in answer.text
        assert "undone already" in client.post(self.address(batch), follow=True).text

    def test_nobody_is_led_to_another_site(
        self, client: Client, institution: Institution, period: Period, editor: User
    ) -> None:
        batch = act([make_programme(institution)], period, editor, change=add_line)
        client.force_login(editor)
        answer = client.post(self.address(batch), {"next": "https://elsewhere.example/"})
        assert answer["Location"] == f"/en/workspace/kaznu/?period={period.code}"

    def test_a_viewer_may_not_and_a_stranger_finds_nothing(
        self,
        client: Client,
        institution: Institution,
        period: Period,
        editor: User,
        viewer: User,
        stranger: User,
    ) -> None:
        batch = act([make_programme(institution)], period, editor, change=add_line)
        for user, status in ((viewer, 403), (stranger, 404)):
            client.force_login(user)
            assert client.post(self.address(batch)).status_code == status
        client.force_login(stranger)
        theirs = reverse("batch-undo", args=["satbayev", batch.period.code, batch.pk])
        assert client.post(theirs).status_code == 404
        client.logout()
        assert client.post(self.address(batch)).status_code == 302
        client.force_login(editor)
        assert client.get(self.address(batch)).status_code == 405
        batch.refresh_from_db()
        assert batch.undone_at is None

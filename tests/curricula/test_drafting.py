"""Drafting: begin, save, discard; and of two people who save the same draft the second is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.utils import timezone

from curricula import drafting
from curricula.drafting import Conflict, DraftLine
from curricula.errors import Refused
from curricula.models import CurriculumVersion, Discipline, Line, Period
from institutions.models import Institution, User
from tests.at_once import at_once
from tests.factories import make_discipline, make_earlier_period, make_programme, make_version

CORE = DraftLine(
    "AI101", Decimal(5), "major", "mandatory", 3, "core", "https://kaznu.kz/ai", "Machine learning"
)
PLAIN = DraftLine("HIS1", Decimal("4.5"), "general", "mandatory", 1, discipline_title="История Казахстана")

pytestmark = pytest.mark.usefixtures("english")


def save(
    version: CurriculumVersion, *lines: DraftLine, by: User, edit: int | None = None
) -> CurriculumVersion:
    return drafting.save_draft(
        version=version,
        lines=lines,
        students=30,
        edit_number=version.edit_number if edit is None else edit,
        by=by,
    )


@pytest.mark.django_db
class TestBeginning:
    def test_the_first_draft_is_empty(self, institution: Institution, period: Period, editor: User) -> None:
        draft = drafting.start_draft(programme=make_programme(institution), period=period, by=editor)
        assert (draft.number, draft.state, draft.edit_number, draft.lines.count()) == (1, "draft", 0, 0)

    def test_beginning_again_gives_the_same_draft(self, period: Period, editor: User) -> None:
        draft = make_version(period=period)
        assert drafting.start_draft(programme=draft.programme, period=period, by=editor) == draft

    @pytest.mark.parametrize("state", ["returned", "approved"])
    def test_the_next_draft_has_the_lines_of_the_version_before(
        self, period: Period, editor: User, state: str
    ) -> None:
        before = make_version(period=period, state=state, students=77)
        draft = drafting.start_draft(programme=before.programme, period=period, by=editor)
        assert (draft.number, draft.students) == (2, 77)
        assert drafting.content(draft) == drafting.content(before)

    def test_another_period_begins_empty(self, period: Period, editor: User) -> None:
        before = make_version(period=make_earlier_period(), state="approved")
        assert not drafting.start_draft(programme=before.programme, period=period, by=editor).lines.exists()

    def test_what_awaits_review_has_no_draft_beside_it(self, period: Period, editor: User) -> None:
        waiting = make_version(period=period, state="submitted")
        with pytest.raises(Refused, match="awaits review"):
            drafting.start_draft(programme=waiting.programme, period=period, by=editor)

    def test_nothing_is_begun_in_a_closed_period(self, institution: Institution, editor: User) -> None:
        with pytest.raises(Refused) as refusal:
            drafting.start_draft(
                programme=make_programme(institution), period=make_earlier_period(), by=editor
            )
        assert refusal.value.code == "period_closed"

    def test_copying_beside_a_draft_leaves_the_draft_alone(self, period: Period, editor: User) -> None:
        returned = make_version(period=period, state="returned")
        draft = make_version(returned.programme, period=period, lines=[])
        assert drafting.copy_as_draft(version=returned, by=editor) == draft
        assert not draft.lines.exists()


@pytest.mark.django_db
class TestSaving:
    def test_a_save_replaces_all_that_the_draft_said(self, period: Period, editor: User) -> None:
        draft = make_version(period=period)
        saved = save(draft, PLAIN, CORE, by=editor)
        assert [line.discipline_code for line in drafting.content(saved)] == ["HIS1", "AI101"]
        assert (saved.students, saved.edit_number, saved.edited_by) == (30, 1, editor)
        assert saved.edited_at
        assert timezone.now() - saved.edited_at < timedelta(minutes=1)

    def test_new_disciplines_join_the_list_with_their_title_in_its_language(
        self, institution: Institution, period: Period, editor: User
    ) -> None:
        save(make_version(make_programme(institution), period=period), PLAIN, CORE, by=editor)
        assert Discipline.objects.get(institution=institution, code="AI101").title_en == "Machine learning"
        assert Discipline.objects.get(institution=institution, code="HIS1").title_ru == "История Казахстана"

    def test_known_disciplines_are_taken_as_they_are(
        self, institution: Institution, period: Period, editor: User
    ) -> None:
        known = make_discipline(institution, code="AI101", title_en="Neural networks")
        saved = save(make_version(make_programme(institution), period=period, lines=[]), CORE, by=editor)
        assert saved.lines.get().discipline == known
        known.refresh_from_db()
        assert known.title_en == "Neural networks"

    def test_the_same_code_of_another_university_is_another_discipline(
        self, institution: Institution, period: Period, editor: User, stranger: User
    ) -> None:
        theirs = make_discipline(stranger.memberships.all()[0].institution, code="AI101")
        saved = save(make_version(make_programme(institution), period=period, lines=[]), CORE, by=editor)
        assert saved.lines.get().discipline != theirs

    def test_an_unknown_code_without_a_title_saves_nothing(self, period: Period, editor: User) -> None:
        draft = make_version(period=period)
        with pytest.raises(Refused, match="has no discipline AI101"):
            save(draft, replace(CORE, discipline_title=""), by=editor)
        draft.refresh_from_db()
        assert (draft.edit_number, draft.lines.count()) == (0, 2)

    def test_a_discipline_stands_once_in_a_semester(self, period: Period, editor: User) -> None:
        with pytest.raises(Refused, match="listed twice in semester 3"):
            save(make_version(period=period), CORE, replace(CORE, credits=Decimal(2)), by=editor)
        save(make_version(period=period), CORE, replace(CORE, semester=4), by=editor)

    @pytest.mark.parametrize("state", ["submitted", "approved", "returned"])
    def test_what_was_handed_in_is_not_saved_over(self, period: Period, editor: User, state: str) -> None:
        version = make_version(period=period, state=state)
        with pytest.raises(Conflict) as conflict:
            save(version, CORE, by=editor)
        assert conflict.value.current
        assert conflict.value.current.state == state

    def test_only_lines_that_changed_are_written(self, period: Period, editor: User) -> None:
        draft = make_version(period=period, lines=[])
        third = replace(PLAIN, discipline_code="PHY1", discipline_title="Physics")
        saved = save(draft, CORE, PLAIN, third, by=editor)
        history = apps.get_model("curricula", "LineEvent").objects
        before = {line.discipline.code: line.pk for line in saved.lines.all()}
        written = history.count()
        saved = save(saved, CORE, replace(PLAIN, credits=Decimal(6)), by=editor)
        assert drafting.content(saved) == [CORE, replace(PLAIN, credits=Decimal(6))]
        assert [line.pk for line in saved.lines.all()] == [before["AI101"], before["HIS1"]]
        assert history.count() == written + 1
        save(saved, CORE, replace(PLAIN, credits=Decimal(6)), by=editor)
        assert history.count() == written + 1

    def test_lines_that_change_places_say_the_same(self, period: Period, editor: User) -> None:
        saved = save(make_version(period=period), CORE, PLAIN, by=editor)
        saved = save(saved, PLAIN, replace(CORE, semester=4), replace(CORE, evidence_url=""), by=editor)
        assert drafting.content(saved) == [
            PLAIN,
            replace(CORE, semester=4),
            replace(CORE, evidence_url=""),
        ]

    def test_a_save_tells_of_itself_and_not_of_what_comes_after(
        self, period: Period, editor: User, django_assert_num_queries: Callable
    ) -> None:
        """The number of the edit is read before the commit, else the next save might pass over somebody's."""
        draft = make_version(period=period)
        with django_assert_num_queries(10) as queries:
            save(draft, CORE, by=editor)
        assert "RELEASE SAVEPOINT" in queries.captured_queries[-1]["sql"]

    def test_a_save_costs_the_same_for_one_line_and_for_many(
        self, period: Period, editor: User, django_assert_num_queries: Callable
    ) -> None:
        for count in (1, 40):
            draft = make_version(period=period)
            lines = [replace(CORE, discipline_code=f"AI{number}") for number in range(count)]
            with django_assert_num_queries(10):
                save(draft, *lines, by=editor)


@pytest.mark.django_db
class TestTwoPeople:
    def test_the_second_is_told_and_nothing_is_overwritten(
        self, period: Period, editor: User, signatory: User
    ) -> None:
        draft = make_version(period=period)
        save(draft, PLAIN, by=editor, edit=0)
        with pytest.raises(Conflict) as conflict:
            save(draft, CORE, by=signatory, edit=0)
        assert conflict.value.current
        assert (conflict.value.current.edited_by, conflict.value.current.edit_number) == (editor, 1)
        assert [line.discipline_code for line in drafting.content(draft)] == ["HIS1"]

    def test_the_same_save_twice_is_no_conflict(self, period: Period, editor: User) -> None:
        draft = make_version(period=period)
        save(draft, PLAIN, CORE, by=editor, edit=0)
        assert save(draft, PLAIN, CORE, by=editor, edit=0).edit_number == 1

    def test_a_draft_that_was_saved_since_is_not_discarded(self, period: Period, editor: User) -> None:
        draft = make_version(period=period)
        save(draft, PLAIN, by=editor)
        with pytest.raises(Conflict):
            drafting.discard_draft(version=draft, by=editor, edit_number=0)
        drafting.discard_draft(version=draft, by=editor, edit_number=1)
        assert not CurriculumVersion.objects.exists()

    def test_what_was_handed_in_is_not_discarded(self, period: Period, editor: User) -> None:
        with pytest.raises(Conflict):
            drafting.discard_draft(version=make_version(period=period, state="submitted"), by=editor)


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_of_twenty_saves_one_is_carried_out_and_the_others_are_told(
        self, period: Period, editor: User
    ) -> None:
        draft = make_version(period=period)
        lines = [replace(CORE, discipline_code=f"AI{number}") for number in range(20)]
        results = at_once(*(lambda line=line: save(draft, line, by=editor, edit=0) for line in lines))
        saved = [result for result in results if isinstance(result, CurriculumVersion)]
        assert len(saved) == 1
        assert sum(isinstance(result, Conflict) for result in results) == 19
        draft.refresh_from_db()
        winner = lines[results.index(saved[0])]
        assert draft.edit_number == 1
        assert [line.discipline_code for line in drafting.content(draft)] == [winner.discipline_code]

    def test_without_the_guard_saves_would_be_lost(self, period: Period, editor: User) -> None:
        """The control: the same twenty by the usual read, change, write all believe to have saved."""
        draft = make_version(period=period)

        def careless(number: int) -> int:
            mine = CurriculumVersion.objects.get(pk=draft.pk)
            mine.students = number
            mine.save(update_fields=["students"])
            return number

        assert sorted(at_once(*(lambda n=n: careless(n) for n in range(20)))) == list(range(20))  # type: ignore[type-var]

    def test_two_who_begin_together_share_one_draft(
        self, institution: Institution, period: Period, editor: User
    ) -> None:
        programme = make_programme(institution)
        drafts = at_once(*[lambda: drafting.start_draft(programme=programme, period=period, by=editor)] * 8)
        assert len({draft.pk for draft in drafts if isinstance(draft, CurriculumVersion)}) == 1
        assert len(drafts) == sum(isinstance(draft, CurriculumVersion) for draft in drafts)
        assert Line.objects.count() == 0

    def test_two_who_add_the_same_discipline_share_it(
        self, institution: Institution, period: Period, editor: User
    ) -> None:
        drafts = [make_version(make_programme(institution), period=period) for _number in range(6)]
        results = at_once(*(lambda draft=draft: save(draft, CORE, PLAIN, by=editor) for draft in drafts))
        assert all(isinstance(result, CurriculumVersion) for result in results), results
        assert Discipline.objects.filter(institution=institution, code="AI101").count() == 1

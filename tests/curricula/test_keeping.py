"""Drafts save by themselves; what can't be saved is kept for its owner, also when the session has ended."""

from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curricula import drafting
from curricula.models import CurriculumVersion, Discipline, Period, Programme, Typing
from institutions.models import Institution, User
from tests.curricula.test_draft_pages import ROW, Desk, fields, typed
from tests.curricula.test_drafting import CORE, PLAIN
from tests.factories import make_member, make_programme, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def programme(institution: Institution) -> Programme:
    return make_programme(institution, code="6B06102")


@pytest.fixture
def desk(client: Client, editor: User, programme: Programme, period: Period) -> Desk:
    return Desk(client, editor, programme, period)


@pytest.fixture
def draft(programme: Programme, period: Period, editor: User) -> CurriculumVersion:
    draft = make_version(programme, period=period, lines=[], students=30)
    return drafting.save_draft(version=draft, lines=[CORE, PLAIN], students=30, edit_number=0, by=editor)


def keep(desk: Desk, data: dict[str, str], **more: str) -> dict[str, Any]:
    answer = desk.send({**data, "mark": "m1", **more}, "keep/")
    assert answer.status_code == 200
    return answer.json()


class TestByItself:
    def test_what_is_right_is_saved_and_the_next_is_made_from_it(
        self, desk: Desk, draft: CurriculumVersion
    ) -> None:
        shown = fields(desk.look()) | {"lines-0-credits": "6"}
        said = keep(desk, shown)
        assert (said["state"], said["message"][:9]) == ("saved", "Saved at ")
        assert said["fields"]["edit_number"] == 2
        assert not Typing.objects.exists()
        shown |= {name: str(value) for name, value in said["fields"].items()} | {"lines-0-credits": "7"}
        assert keep(desk, shown)["state"] == "saved"
        assert drafting.content(draft)[0].credits == 7

    def test_what_is_saved_lets_go_what_was_kept_before(self, desk: Desk, draft: CurriculumVersion) -> None:
        half = fields(desk.look()) | {"lines-0-credits": "five"}
        assert keep(desk, half, mark="m0")["state"] == "kept"
        assert keep(desk, half | {"lines-0-credits": "6"})["state"] == "saved"
        assert not Typing.objects.exists()
        assert "not saved yet" not in unescape(desk.look())

    def test_what_is_saved_is_not_written_twice(self, desk: Desk, draft: CurriculumVersion) -> None:
        shown = fields(desk.look()) | {"lines-0-credits": "6"}
        with CaptureQueriesContext(connection) as asked:
            assert keep(desk, shown)["state"] == "saved"
        assert not [one["sql"] for one in asked if one["sql"].startswith('INSERT INTO "curricula_typing"')]

    def test_the_first_one_begins_the_draft(self, desk: Desk, draft: CurriculumVersion) -> None:
        shown = fields(desk.look()) | {"students": "31"}
        draft.delete()
        shown = fields(desk.look()) | {"students": "31"}
        assert keep(desk, shown)["state"] == "saved"
        assert CurriculumVersion.objects.get().students == 31

    def test_what_is_not_finished_is_kept_and_shown_again(self, desk: Desk, draft: CurriculumVersion) -> None:
        said = keep(desk, fields(desk.look()) | {"lines-0-credits": "five", "students": "31"})
        assert said["state"] == "kept"
        assert said["field"] == "id_lines-0-credits"
        assert "Line 1, Credits: “five” is not a number." in said["message"]
        page = unescape(desk.look())
        assert "Typed and not saved yet" in page
        assert (fields(page)["lines-0-credits"], fields(page)["mark"]) == ("five", "m1")
        draft.refresh_from_db()
        assert (draft.students, draft.edit_number) == (30, 1)

    def test_a_discipline_is_added_only_by_a_person_who_saves(
        self, desk: Desk, draft: CurriculumVersion
    ) -> None:
        row = {
            f"lines-2-{name}": value for name, value in {**ROW, "code": "NEW", "title": "Half a ti"}.items()
        }
        said = keep(desk, fields(desk.look()) | row)
        assert (said["state"], said["field"]) == ("kept", "id_lines-2-code")
        assert not Discipline.objects.filter(code="NEW").exists()
        assert desk.send({**fields(desk.look()), "action": "save"}).status_code == 302
        assert Discipline.objects.filter(code="NEW").exists()

    def test_what_says_nothing_new_writes_nothing(self, desk: Desk, draft: CurriculumVersion) -> None:
        assert keep(desk, fields(desk.look()))["state"] == "unchanged"
        draft.refresh_from_db()
        assert draft.edit_number == 1
        assert not Typing.objects.exists()

    def test_a_conflict_overwrites_nothing_and_leads_to_the_comparison(
        self, desk: Desk, draft: CurriculumVersion, signatory: User
    ) -> None:
        shown = fields(desk.look()) | {"lines-0-credits": "6"}
        drafting.save_draft(version=draft, lines=[PLAIN], students=30, edit_number=1, by=signatory)
        said = keep(desk, shown)
        assert (said["state"], said["link"]) == ("conflict", desk.address + "compare/")
        assert "Serik has changed this curriculum" in said["message"]
        assert [line.discipline_code for line in drafting.content(draft)] == ["HIS1"]
        page = desk.look()
        assert "Meanwhile Serik has saved the curriculum" in page
        assert fields(page)["lines-0-credits"] == "6"

    def test_on_leaving_it_is_only_kept(self, desk: Desk, draft: CurriculumVersion) -> None:
        said = keep(desk, fields(desk.look()) | {"lines-0-credits": "6"}, only="keep")
        assert said["state"] == "kept"
        draft.refresh_from_db()
        assert draft.edit_number == 1
        assert Typing.objects.get().data["lines-0-credits"] == "6"

    def test_what_is_dropped_is_gone(self, desk: Desk, draft: CurriculumVersion) -> None:
        keep(desk, fields(desk.look()) | {"lines-0-credits": "6"}, only="keep")
        assert desk.send({**fields(desk.look()), "action": "drop"}).status_code == 302
        assert fields(desk.look())["lines-0-credits"] == "5"
        assert not Typing.objects.exists()

    def test_it_is_seen_by_nobody_else(
        self, desk: Desk, draft: CurriculumVersion, institution: Institution
    ) -> None:
        keep(desk, fields(desk.look()) | {"lines-0-credits": "6"}, only="keep")
        desk.client.force_login(make_member(institution, "editor"))
        assert fields(desk.look())["lines-0-credits"] == "5"

    def test_there_is_an_end_to_what_is_kept(self, desk: Desk, draft: CurriculumVersion) -> None:
        said = keep(desk, fields(desk.look()) | {"lines-0-title": "x" * 700_000})
        assert (said["state"], said["stored"]) == ("refused", False)
        assert not Typing.objects.exists()

    @pytest.mark.parametrize("value", ["\0", "\ud83d\ude00", "a" * 5000, "<script>", "\u202e"])
    def test_odd_letters_are_no_crash(self, desk: Desk, draft: CurriculumVersion, value: str) -> None:
        value = value.encode("utf-16", "surrogatepass").decode("utf-16")
        for name in (
            "lines-0-title",
            "lines-0-code",
            "lines-0-credits",
            "students",
            "mark",
            "made_from",
            "rows",
        ):
            assert keep(desk, {**fields(desk.look()), name: value})["state"] in ("kept", "saved", "unchanged")
            desk.look()

    def test_who_may_not_edit_keeps_nothing(self, desk: Desk, draft: CurriculumVersion, viewer: User) -> None:
        shown = fields(desk.look())
        desk.client.force_login(viewer)
        assert desk.send(shown, "keep/").status_code == 403
        assert desk.client.get(desk.address + "keep/").status_code == 405


class TestWithoutSession:
    def test_a_save_after_the_session_has_ended_is_there_after_signing_in(
        self, desk: Desk, draft: CurriculumVersion, editor: User
    ) -> None:
        mine = {**fields(desk.look()), "lines-0-credits": "6", "action": "save"}
        desk.client.session.flush()
        answer = desk.client.post(desk.address, mine, follow=True)
        assert answer.redirect_chain == [(f"/en/sign-in/?next={desk.address}", 302)]
        assert "What you typed is kept" in unescape(answer.content.decode())
        draft.refresh_from_db()
        assert draft.edit_number == 1
        desk.client.force_login(editor)
        page = desk.look()
        assert "Typed and not saved yet" in page
        assert fields(page)["lines-0-credits"] == "6"
        assert desk.send({**fields(page), "action": "save"}).status_code == 302
        assert drafting.content(draft)[0].credits == 6

    def test_the_script_is_told(self, desk: Desk, draft: CurriculumVersion) -> None:
        mine = fields(desk.look()) | {"lines-0-credits": "6"}
        desk.client.logout()
        said = keep(desk, mine)
        assert (said["state"], said["stored"]) == ("signed-out", True)
        assert said["link"] == f"/en/sign-in/?next={desk.address}"
        assert Typing.objects.get().data["lines-0-credits"] == "6"

    def test_it_is_kept_for_whom_the_form_was_made_for_alone(
        self, desk: Desk, draft: CurriculumVersion, institution: Institution, editor: User
    ) -> None:
        desk.send({**fields(desk.look()), "lines-0-credits": "6", "action": "save"})
        mine = fields(desk.look()) | {"lines-0-credits": "7", "action": "save"}
        desk.client.logout()
        desk.client.post(desk.address, mine)
        assert Typing.objects.get().user == editor
        desk.client.force_login(make_member(institution, "editor"))
        assert fields(desk.look())["lines-0-credits"] == "6"

    @pytest.mark.parametrize("made_from", ["", "nonsense", "another programme"])
    def test_nobody_fills_the_tables_without_a_form_of_ours(
        self,
        desk: Desk,
        draft: CurriculumVersion,
        period: Period,
        editor: User,
        institution: Institution,
        made_from: str,
    ) -> None:
        if made_from == "another programme":
            other = Desk(desk.client, editor, make_programme(institution), period)
            made_from = fields(other.look())["made_from"]
        desk.client.logout()
        answer = desk.send({**typed(ROW), "made_from": made_from})
        assert answer["Location"] == f"/en/sign-in/?next={desk.address}"
        assert keep(desk, {**typed(ROW), "made_from": made_from})["stored"] is False
        assert not Typing.objects.exists()

    def test_nothing_is_kept_for_who_may_edit_no_more(
        self, desk: Desk, draft: CurriculumVersion, editor: User
    ) -> None:
        mine = fields(desk.look())
        editor.memberships.all().delete()
        desk.client.logout()
        desk.send({**mine, "action": "save"})
        assert not Typing.objects.exists()

    def test_a_token_of_an_earlier_session_loses_nothing(
        self, draft: CurriculumVersion, editor: User, programme: Programme, period: Period
    ) -> None:
        desk = Desk(Client(enforce_csrf_checks=True), editor, programme, period)
        mine = {
            **fields(desk.look()),
            "csrfmiddlewaretoken": "x" * 64,
            "lines-0-credits": "6",
            "action": "save",
        }
        answer = desk.client.post(desk.address, mine, follow=True)
        assert answer.redirect_chain == [(desk.address, 302)]
        page = unescape(answer.content.decode())
        assert "The page had expired, so nothing was saved." in page
        assert fields(page)["lines-0-credits"] == "6"
        assert drafting.content(draft)[0].credits == 5
        assert desk.client.post(desk.address, typed(ROW)).status_code == 403


class TestCost:
    def test_showing_and_saving_cost_the_same_for_few_rows_and_for_many(
        self, desk: Desk, draft: CurriculumVersion, editor: User
    ) -> None:
        costs = []
        for count in (3, 40):
            draft.refresh_from_db()
            lines = [replace(CORE, discipline_code=f"D{count}-{number}") for number in range(count)]
            drafting.save_draft(
                version=draft, lines=lines, students=30, edit_number=draft.edit_number, by=editor
            )
            with CaptureQueriesContext(connection) as shown:
                form = fields(desk.look())
            form |= {f"lines-{number}-credits": "7" for number in range(count)}
            with CaptureQueriesContext(connection) as kept:
                assert keep(desk, form)["state"] == "saved"
            costs.append((len(shown), len(kept)))
        assert costs[0] == costs[1]
        assert costs[0][0] <= 35
        assert costs[0][1] <= 35

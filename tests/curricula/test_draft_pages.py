"""The form of a curriculum by whole pages: nothing typed is lost, and a conflict is shown before anything is saved."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from curricula import drafting
from curricula.models import CurriculumVersion, Discipline, Period, Programme
from institutions.models import Institution, User
from tests.curricula.test_drafting import CORE
from tests.factories import make_discipline, make_programme, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

ROW = {
    "code": "AI101",
    "title": "Machine learning",
    "credits": "5",
    "cycle": "major",
    "component": "mandatory",
    "semester": "3",
    "ai_category": "core",
    "evidence_url": "https://kaznu.kz/ai",
}


def typed(*rows: dict[str, str], edit: int = 0, students: str = "30", action: str = "save") -> dict[str, str]:
    data = {"students": students, "edit_number": str(edit), "rows": str(len(rows)), "action": action}
    for index, row in enumerate(rows):
        data |= {f"lines-{index}-{name}": value for name, value in row.items()}
    return data


def fields(page: str) -> dict[str, str]:
    """What the inputs and selects of the page hold, by name: what would be sent if nothing else were typed."""
    found = {}
    page = re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        if "name" in attributes:
            found[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found.pop("csrfmiddlewaretoken", None)
    return found


@pytest.fixture
def programme(institution: Institution) -> Programme:
    return make_programme(institution, code="6B06102")


class Desk:
    """An editor at the form of one programme."""

    def __init__(self, client: Client, user: User, programme: Programme, period: Period) -> None:
        client.force_login(user)
        self.client = client
        self.address = reverse("draft-edit", args=[programme.institution.code, period.code, programme.code])

    def look(self) -> str:
        return self.client.get(self.address).content.decode()

    def send(self, data: dict[str, str], below: str = "") -> Any:
        return self.client.post(self.address + below, data)


@pytest.fixture
def desk(client: Client, editor: User, programme: Programme, period: Period) -> Desk:
    return Desk(client, editor, programme, period)


def test_looking_writes_nothing(desk: Desk) -> None:
    assert "Your first save begins version 1" in desk.look()
    assert not CurriculumVersion.objects.exists()


def test_the_first_save_begins_the_draft(desk: Desk, editor: User) -> None:
    assert desk.send(typed(ROW))["Location"] == desk.address
    draft = CurriculumVersion.objects.get()
    assert (draft.state, draft.number, draft.students, draft.edited_by) == ("draft", 1, 30, editor)
    assert drafting.content(draft) == [CORE]
    page = desk.look()
    assert "6B06102 is saved, version 1." in page
    assert "by Aigerim" in page


def test_what_is_saved_is_what_the_form_shows(desk: Desk) -> None:
    desk.send(typed(ROW, {**ROW, "code": "HIS1", "title": "History", "credits": "4,5"}))
    shown = fields(desk.look())
    assert shown["lines-1-credits"] == "4.5"
    assert shown["edit_number"] == "1"
    desk.send({**shown, "action": "save"})
    draft = CurriculumVersion.objects.get()
    assert (draft.edit_number, draft.lines.count()) == (2, 2)


def test_blank_rows_are_no_lines_and_ticked_rows_are_removed(desk: Desk) -> None:
    blank = {**dict.fromkeys(ROW, ""), "ai_category": "none"}
    desk.send(typed(blank, ROW, {**ROW, "code": "OLD", "credits": "nonsense", "remove": "on"}, blank))
    assert [line.discipline_code for line in drafting.content(CurriculumVersion.objects.get())] == ["AI101"]


def test_after_an_error_all_that_was_typed_is_there_and_every_fault_is_named(desk: Desk) -> None:
    wrong = {**ROW, "credits": "5,5 ects", "semester": "13", "cycle": "", "evidence_url": "kaznu"}
    data = typed(wrong, {**ROW, "code": "NEW", "title": ""}, students="many")
    answer = desk.send(data)
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert data.items() <= {**fields(page), "action": "save"}.items()
    for sentence in (
        "Line 1, Credits: “5,5 ects” is not a number. Write 5.5.",
        "Line 1, Semester: There is no semester 13. Write a whole number from 1 to 12.",
        "Line 1, Cycle: Fill this in.",
        "Line 1, Link to evidence: “kaznu” is not a web address.",
        "Line 2, Title: Your university has no discipline with this code yet. Write its title.",
        "Students who study by it: Write a whole number, such as 25.",
    ):
        assert sentence in page
    assert '<a href="#id_lines-0-credits">' in page
    assert not CurriculumVersion.objects.exists()


def test_the_same_discipline_twice_in_a_semester_is_named(desk: Desk) -> None:
    page = desk.send(typed(ROW, ROW)).content.decode()
    assert "Line 2, Code: Line 1 has the same discipline in the same semester." in page


def test_a_known_code_brings_its_title_and_refuses_another(desk: Desk, institution: Institution) -> None:
    make_discipline(institution, code="AI101", title_en="Neural networks", title_ru="Нейронные сети")
    page = unescape(desk.send(typed(ROW)).content.decode())
    assert "AI101 is “Neural networks” already." in page
    for edit, title in enumerate(("", "Нейронные сети")):
        assert desk.send(typed({**ROW, "title": title}, edit=edit)).status_code == 302
    assert Discipline.objects.get(code="AI101").title_en == "Neural networks"


def test_rows_are_added_without_a_word_about_what_is_not_finished(desk: Desk) -> None:
    data = typed({**ROW, "credits": "fi"}, action="add")
    page = desk.send(data).content.decode()
    shown = fields(page)
    assert shown["rows"] == "6"
    assert shown["lines-0-credits"] == "fi"
    assert "There is a problem" not in page
    assert not CurriculumVersion.objects.exists()


def test_there_is_an_end_to_rows(desk: Desk) -> None:
    answer = desk.send({"rows": "100000", "edit_number": "0", "action": "add"})
    assert fields(answer.content.decode())["rows"] == "305"


def test_a_line_too_many_is_refused_and_not_passed_over(
    desk: Desk, programme: Programme, period: Period
) -> None:
    make_version(programme, period=period, lines=[{"semester": 2}] * 300)
    sent = {**fields(desk.look()), "action": "save"}
    last = int(sent["rows"]) - 1
    answer = desk.send(sent | {f"lines-{last}-{name}": value for name, value in ROW.items()})
    page = unescape(answer.content.decode())
    assert "A curriculum has at most 300 lines; this one has 301." in page
    assert fields(page)[f"lines-{last}-code"] == "AI101"


@pytest.mark.parametrize("rows", ["", "-1", "x", "9" * 30, "0.5"])
def test_a_tampered_count_of_rows_is_no_crash(desk: Desk, rows: str) -> None:
    for action in ("save", "add", "merge"):
        assert desk.send({"rows": rows, "edit_number": "x", "action": action}).status_code in (200, 422)


def test_a_returned_curriculum_says_why(
    desk: Desk, programme: Programme, period: Period, editor: User
) -> None:
    returned = make_version(programme, period=period, state="returned", reason="Credits do not add up.")
    drafting.copy_as_draft(version=returned, by=editor)
    assert "Credits do not add up." in desk.look()


def test_what_awaits_review_is_not_edited(desk: Desk, programme: Programme, period: Period) -> None:
    make_version(programme, period=period, state="submitted")
    answer = desk.client.get(desk.address, follow=True)
    assert answer.redirect_chain[0][0] == desk.address.replace("edit", "history")
    assert "awaits review" in answer.content.decode()


def test_smuggled_fields_change_nothing(desk: Desk, stranger: User) -> None:
    theirs = stranger.memberships.all()[0].institution
    foreign = make_discipline(theirs, code="AI101")
    desk.send(
        {**typed(ROW), "institution": str(theirs.pk), "state": "approved", "number": "9", "version": "1"}
    )
    draft = CurriculumVersion.objects.get()
    assert (draft.state, draft.number) == ("draft", 1)
    assert draft.institution != theirs
    assert draft.lines.get().discipline != foreign


def test_a_draft_is_discarded_after_a_question(desk: Desk, programme: Programme, period: Period) -> None:
    draft = make_version(programme, period=period)
    address = desk.address.replace("edit", "discard")
    assert "has 2 lines" in desk.client.get(address).content.decode()
    assert CurriculumVersion.objects.exists()
    asked = fields(desk.client.get(address).content.decode())
    for other in ({"edit_number": "7"}, {"draft": str(draft.pk + 1)}):
        assert desk.client.post(address, {**asked, **other}).status_code == 409
    assert desk.client.post(address, asked).status_code == 302
    assert not CurriculumVersion.objects.exists()

"""Two at one curriculum: the second saver sees both sets of changes, and merges or drops; nothing is overwritten."""

from dataclasses import replace
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

from curricula import drafting
from curricula.drafting import DraftLine
from curricula.forms.made_from import MadeFrom
from curricula.models import CurriculumVersion, Period, Programme, Typing
from institutions.models import Institution, User
from tests.curricula.test_draft_pages import ROW, Desk, fields, typed
from tests.curricula.test_drafting import CORE, PLAIN
from tests.factories import make_programme, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def programme(institution: Institution) -> Programme:
    return make_programme(institution, code="6B06102")


@pytest.fixture
def desk(client: Client, editor: User, programme: Programme, period: Period) -> Desk:
    return Desk(client, editor, programme, period)


@pytest.fixture
def draft(programme: Programme, period: Period, editor: User) -> CurriculumVersion:
    """Two lines, saved by the editor: AI101 and HIS1."""
    draft = make_version(programme, period=period, lines=[], students=30)
    return drafting.save_draft(version=draft, lines=[CORE, PLAIN], students=30, edit_number=0, by=editor)


def they_save(draft: CurriculumVersion, by: User, *lines: DraftLine, students: int | None = 30) -> None:
    draft.refresh_from_db()
    drafting.save_draft(version=draft, lines=lines, students=students, edit_number=draft.edit_number, by=by)


def codes(draft: CurriculumVersion) -> list[str]:
    return [line.discipline_code for line in drafting.content(draft)]


def test_what_each_has_changed_is_taken_over_from_both(
    desk: Desk, draft: CurriculumVersion, signatory: User
) -> None:
    mine = fields(desk.look()) | {"lines-0-credits": "6", "lines-2-code": "PHY", "lines-2-title": "Physics"}
    mine |= {f"lines-2-{name}": ROW[name] for name in ("credits", "cycle", "component", "semester")}
    they_save(draft, signatory, CORE, replace(PLAIN, semester=2), students=40)
    answer = desk.send({**mine, "action": "save"})
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    for words in ("Serik saved 6B06102", "AI101 Machine learning", "PHY Physics", "taken over"):
        assert words in page
    assert "Both have changed these" not in page
    assert codes(draft) == ["AI101", "HIS1"]
    assert desk.send({**fields(page), "action": "merge"}, "compare/").status_code == 302
    draft.refresh_from_db()
    assert (draft.students, draft.edit_number, codes(draft)) == (40, 3, ["AI101", "HIS1", "PHY"])
    lines = drafting.content(draft)
    assert (lines[0].credits, lines[1].semester) == (Decimal(6), 2)
    assert not Typing.objects.exists()


def test_what_both_have_changed_must_be_chosen(desk: Desk, draft: CurriculumVersion, signatory: User) -> None:
    mine = fields(desk.look()) | {"lines-0-credits": "6", "students": "33"}
    they_save(draft, signatory, replace(CORE, credits=Decimal(7)), PLAIN, students=31)
    page = desk.send({**mine, "action": "save"}).content.decode()
    shown = fields(page)
    answer = desk.send({**shown, "action": "merge"}, "compare/")
    assert answer.status_code == 422
    assert "AI101 Machine learning: Choose what to keep." in unescape(answer.content.decode())
    assert "Students who study by it: Choose what to keep." in unescape(answer.content.decode())
    again = fields(answer.content.decode()) | {"keep-0": "mine", "keep-students": "theirs"}
    assert desk.send({**again, "action": "merge"}, "compare/").status_code == 302
    draft.refresh_from_db()
    assert (draft.students, drafting.content(draft)[0].credits) == (31, Decimal(6))


def test_who_is_overtaken_again_while_choosing_compares_again_and_loses_nothing(
    desk: Desk, draft: CurriculumVersion, signatory: User
) -> None:
    mine = fields(desk.look()) | {"lines-0-credits": "6"}
    they_save(draft, signatory, replace(CORE, credits=Decimal(7)), PLAIN)
    shown = fields(desk.send({**mine, "action": "save"}).content.decode())
    they_save(draft, signatory, replace(CORE, credits=Decimal(7)), replace(PLAIN, semester=5))
    answer = desk.send({**shown, "keep-0": "mine", "action": "merge"}, "compare/")
    assert answer.status_code == 409
    assert "changed these: choose" not in answer.content.decode()
    assert desk.send({**fields(answer.content.decode()), "action": "merge"}, "compare/").status_code == 302
    lines = drafting.content(draft)
    assert (lines[0].credits, lines[1].semester) == (Decimal(6), 5)


def test_all_of_mine_or_all_of_theirs(desk: Desk, draft: CurriculumVersion, signatory: User) -> None:
    mine = fields(desk.look()) | {"lines-0-credits": "6", "lines-1-remove": "on"}
    they_save(draft, signatory, replace(CORE, semester=4), PLAIN)
    shown = fields(desk.send({**mine, "action": "save"}).content.decode())
    assert desk.send({**shown, "action": "mine"}, "compare/").status_code == 302
    assert [(line.credits, line.semester) for line in drafting.content(draft)] == [(Decimal(6), 3)]
    they_save(draft, signatory, PLAIN)
    shown = fields(desk.send({**mine, "action": "save"}).content.decode())
    assert Typing.objects.exists()
    assert desk.send({**shown, "action": "theirs"}, "compare/").status_code == 302
    assert codes(draft) == ["HIS1"]
    assert not Typing.objects.exists()


def test_merging_may_go_on_in_the_form(desk: Desk, draft: CurriculumVersion, signatory: User) -> None:
    mine = fields(desk.look()) | {"lines-0-credits": "6"}
    they_save(draft, signatory, CORE, replace(PLAIN, semester=2))
    shown = fields(desk.send({**mine, "action": "save"}).content.decode())
    merged = fields(desk.send({**shown, "action": "merge-edit"}, "compare/").content.decode())
    assert (merged["lines-0-credits"], merged["lines-1-semester"]) == ("6", "2")
    assert draft.lines.get(discipline__code="AI101").credits == 5
    assert desk.send({**merged, "action": "save"}).status_code == 302
    assert draft.lines.get(discipline__code="AI101").credits == 6


def test_rows_that_do_not_go_together_come_back_in_the_form(
    desk: Desk, draft: CurriculumVersion, signatory: User
) -> None:
    mine = fields(desk.look()) | {"lines-0-semester": "4"}
    they_save(draft, signatory, CORE, PLAIN, replace(CORE, semester=4))
    shown = fields(desk.send({**mine, "action": "save"}).content.decode())
    answer = desk.send({**shown, "action": "merge"}, "compare/")
    assert answer.status_code == 422
    assert "has the same discipline in the same semester" in answer.content.decode()
    assert Typing.objects.get().data["lines-0-semester"] == "4"


def test_unfinished_typing_is_compared_like_any_other(
    desk: Desk, draft: CurriculumVersion, signatory: User
) -> None:
    mine = fields(desk.look()) | {"lines-2-title": "Something about robots", "lines-0-credits": "six"}
    they_save(draft, signatory, PLAIN, CORE)
    assert desk.send({**mine, "action": "save"}).status_code == 422
    page = unescape(desk.client.get(desk.address + "compare/").content.decode())
    assert "Something about robots" in page
    assert "six" in page
    answer = desk.send({**fields(page), "action": "merge"}, "compare/")
    assert answer.status_code == 422
    assert fields(answer.content.decode())["lines-0-credits"] in ("six", "4.5")
    assert codes(draft) == ["HIS1", "AI101"]


def test_a_draft_begun_again_is_another_draft_whatever_its_number(
    desk: Desk, draft: CurriculumVersion, programme: Programme, period: Period, signatory: User
) -> None:
    mine = {**fields(desk.look()), "lines-0-credits": "7", "action": "save"}
    drafting.discard_draft(version=draft, by=signatory)
    begun = drafting.start_draft(programme=programme, period=period, by=signatory)
    drafting.save_draft(version=begun, lines=[PLAIN], students=10, edit_number=0, by=signatory)
    answer = desk.send(mine)
    assert answer.status_code == 409
    assert codes(begun) == ["HIS1"]
    assert desk.send({**fields(answer.content.decode()), "action": "mine"}, "compare/").status_code == 302
    assert codes(begun) == ["AI101", "HIS1"]


def test_what_was_handed_in_meanwhile_is_not_saved_and_not_lost(
    desk: Desk, programme: Programme, period: Period
) -> None:
    make_version(programme, period=period, state="submitted")
    answer = desk.send(typed(ROW, edit=3))
    assert answer.status_code == 409
    assert fields(answer.content.decode())["lines-0-code"] == "AI101"
    assert "nothing can be saved in it now" in answer.content.decode()
    assert 'value="merge"' not in answer.content.decode()
    again = desk.client.get(desk.address, follow=True)
    assert again.redirect_chain[0][0] == desk.address + "compare/"
    assert "Machine learning" in again.content.decode()


def test_a_draft_that_was_discarded_meanwhile_can_be_saved_anew(desk: Desk) -> None:
    answer = desk.send(typed(ROW, edit=3))
    assert answer.status_code == 409
    assert "was discarded" in answer.content.decode()
    shown = fields(answer.content.decode())
    assert desk.send({**shown, "action": "merge"}, "compare/").status_code == 302
    assert CurriculumVersion.objects.get().edit_number == 1


def test_there_is_nothing_to_compare_where_nothing_was_kept(desk: Desk, draft: CurriculumVersion) -> None:
    assert desk.client.get(desk.address + "compare/")["Location"] == desk.address


@pytest.mark.parametrize("theirs", ["", "nonsense", "of somebody else"])
def test_a_tampered_other_side_saves_nothing(
    desk: Desk, draft: CurriculumVersion, signatory: User, programme: Programme, period: Period, theirs: str
) -> None:
    mine = fields(desk.look()) | {"lines-0-credits": "6"}
    they_save(draft, signatory, PLAIN)
    shown = fields(desk.send({**mine, "action": "save"}).content.decode())
    if theirs == "of somebody else":
        theirs = MadeFrom(signatory.pk, programme.pk, period.pk, 2, draft.pk).token()
    for action in ("mine", "merge", "merge-edit", "", "save"):
        assert desk.send({**shown, "theirs": theirs, "action": action}, "compare/").status_code == 409
    assert codes(draft) == ["HIS1"]


def test_who_may_not_edit_may_not_compare(desk: Desk, draft: CurriculumVersion, viewer: User) -> None:
    desk.client.force_login(viewer)
    for answer in (desk.client.get(desk.address + "compare/"), desk.send({}, "compare/")):
        assert answer.status_code == 403

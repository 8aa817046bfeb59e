"""Rows pasted from a spreadsheet into the form of a curriculum: all of them or none, and every fault by its place."""

from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.utils import translation

from curricula import drafting
from curricula.forms.pasting import LENGTH_LIMIT, read_pasted
from curricula.models import CurriculumVersion, Period, Programme
from institutions.models import Institution, User
from tests.curricula.test_draft_pages import ROW, Desk, fields, typed
from tests.factories import make_discipline, make_programme

pytestmark = pytest.mark.usefixtures("english")

KAZAKH = "Пән коды\tПән атауы\tКредиттер\tЦикл\tКомпонент\tСеместр\tЖИ санаты"
AI = {
    "code": "AI101",
    "title": "Машиналық оқыту",
    "credits": "5.5",
    "cycle": "major",
    "component": "elective",
    "semester": "3",
    "ai_category": "core",
}


def read(text: str, **over: str) -> list[dict[str, str]]:
    pasted = read_pasted(text, programme_code="6B06102", **over)
    assert not pasted.faults, [fault.sentence for fault in pasted.faults]
    return pasted.rows


def faults(text: str, **over: str) -> list[str]:
    return [fault.sentence for fault in read_pasted(text, programme_code="6B06102", **over).faults]


@pytest.mark.parametrize(
    "words",
    [
        "КП\tТК\t3\tнегізгі",
        "ПД\tпо выбору\t3\tядро",
        "Major\tElective\t3\tAI as the subject",
        "профилирующий\tКВ\t3.0\tcore",
    ],
)
def test_words_are_understood_in_three_languages(words: str) -> None:
    assert read(f"AI101\tМашиналық оқыту\t5,5\t{words}") == [AI]


def test_headings_tell_the_columns_in_any_order() -> None:
    assert read(f"{KAZAKH}\nAI101\tМашиналық оқыту\t5,5\tКП\tТК\t3\tнегізгі") == [AI]
    assert read("Семестр\tКод дисциплины\n2\tHIS1\n\n4\tPHY") == [
        {"semester": "2", "code": "HIS1"},
        {"semester": "4", "code": "PHY"},
    ]


def test_a_copy_from_the_template_has_the_programme_in_front() -> None:
    assert read("6B06102\tAI101\tМашиналық оқыту\t5,5\tПД\tКВ\t3\tcore") == [AI]
    assert read("programme_code\tdiscipline_code\n6B06102\tAI101") == [{"code": "AI101"}]


def test_rows_of_another_programme_are_not_taken() -> None:
    (fault,) = faults("programme_code\tdiscipline_code\n6B06102\tAI101\n6B06103\tAI101")
    assert fault.startswith("Row 3, programme_code: This is the curriculum of 6B06102.")


def test_a_title_in_the_readers_language_is_taken_first() -> None:
    text = (
        "discipline_code\ttitle_kk\ttitle_ru\tdescription\nAI101\tМашиналық оқыту\tМашинное обучение\tAbout"
    )
    with translation.override("ru"):
        assert read(text) == [{"code": "AI101", "title": "Машинное обучение"}]
    assert read(text) == [{"code": "AI101", "title": "Машиналық оқыту"}]


def test_a_block_may_begin_at_any_column() -> None:
    assert read("5\tООД\n6\tБД", first_column="credits") == [
        {"credits": "5", "cycle": "general"},
        {"credits": "6", "cycle": "basic"},
    ]


def test_line_breaks_and_quotation_marks_within_cells() -> None:
    assert faults('AI101\t"Machine\nlearning"\nHIS1\tHistory')[0].startswith("Row 1, discipline_title:")
    assert read('AI101\tThe "new" AI\r\nHIS1\t"Quoted ""words"""\r\n') == [
        {"code": "AI101", "title": 'The "new" AI'},
        {"code": "HIS1", "title": 'Quoted "words"'},
    ]


def test_semicolons_serve_where_there_is_no_tab() -> None:
    assert read("AI101;Robots\nAI102;Agents") == [
        {"code": "AI101", "title": "Robots"},
        {"code": "AI102", "title": "Agents"},
    ]


def test_every_fault_is_named_by_row_and_column() -> None:
    found = faults(f"{KAZAKH}\nAI101\tA\tfive\tКП\tТК\t3\tжоқ\n\nAI102\tB\t5\tsome\tТК\t13\tжоқ")
    assert len(found) == 3
    assert found[0].startswith("Row 2, Кредиттер: “five” is not a number.")
    assert found[1].startswith("Row 4, Цикл: “some” is not among the values of this column.")
    assert found[2].startswith("Row 4, Семестр: There is no semester 13.")


def test_a_column_that_is_not_known_is_named() -> None:
    assert "Did you mean" in faults("Код дисциплины\tСеместр\tЦикл\tКредитки\nAI101\t1\tБД\t5")[0]
    assert faults("\t".join(str(number) for number in range(1, 12)))[-1].startswith("Row 1: The cell has")


def test_too_much_is_refused_at_once() -> None:
    assert len(faults("a\t" * LENGTH_LIMIT)) == 1
    assert read("\n\n\t\t\n") == []


@pytest.fixture
def programme(institution: Institution) -> Programme:
    return make_programme(institution, code="6B06102")


@pytest.fixture
def desk(client: Client, editor: User, programme: Programme, period: Period) -> Desk:
    return Desk(client, editor, programme, period)


@pytest.mark.django_db
class TestOnThePage:
    def test_rows_are_put_below_the_last_line_and_then_saved(self, desk: Desk) -> None:
        text = "HIS1\tИстория\t5\tООД\tОК\t1\nPHY1\tPhysics\t4,5\tБД\tВК\t2"
        answer = desk.send(typed(ROW, action="paste") | {"paste": text})
        page = unescape(answer.content.decode())
        assert answer.status_code == 200
        assert "2 rows are put in, from line 2 on." in page
        shown = fields(page)
        assert (shown["lines-0-code"], shown["lines-1-code"], shown["lines-2-credits"]) == (
            "AI101",
            "HIS1",
            "4.5",
        )
        assert desk.send({**shown, "action": "save"}).status_code == 302
        lines = drafting.content(CurriculumVersion.objects.get())
        assert [line.discipline_code for line in lines] == ["AI101", "HIS1", "PHY1"]

    def test_a_block_is_put_over_the_cells_where_it_was_pasted(self, desk: Desk) -> None:
        rows = typed(ROW, {**ROW, "code": "HIS1"}, action="paste")
        answer = desk.send(rows | {"paste": "7\tБД\n8", "paste_row": "2", "paste_column": "credits"})
        shown = fields(answer.content.decode())
        assert (shown["lines-0-credits"], shown["lines-1-credits"], shown["lines-1-cycle"]) == (
            "5",
            "7",
            "basic",
        )
        assert (shown["lines-1-code"], shown["lines-2-credits"]) == ("HIS1", "8")

    def test_faults_are_named_and_nothing_is_put_in_or_lost(self, desk: Desk) -> None:
        text = "HIS1\tHistory\tfive\nPHY1\tPhysics\t4"
        answer = desk.send(typed({**ROW, "credits": "six"}, action="paste") | {"paste": text})
        page = unescape(answer.content.decode())
        assert answer.status_code == 422
        assert "Row 1, credits: “five” is not a number." in page
        assert f">{text}</textarea>" in page
        assert (fields(page)["lines-0-credits"], fields(page)["rows"]) == ("six", "1")

    def test_a_known_code_brings_its_title_its_usual_credits_and_its_category(
        self, desk: Desk, institution: Institution
    ) -> None:
        make_discipline(
            institution, code="AI9", title_en="Agents", credits=Decimal("3.5"), ai_category="core"
        )
        answer = desk.send(typed(ROW, action="paste") | {"paste": "AI9\nAI101"})
        shown = fields(answer.content.decode())
        assert [shown[f"lines-1-{name}"] for name in ("title", "credits", "ai_category")] == [
            "Agents",
            "3.5",
            "core",
        ]
        again = desk.send(
            {**shown, "lines-1-credits": "4", "action": "paste", "paste": "AI9", "paste_row": "2"}
        )
        assert fields(again.content.decode())["lines-1-credits"] == "4"

    def test_there_is_an_end_to_rows(self, desk: Desk) -> None:
        text = "\n".join(f"D{number}" for number in range(300))
        page = unescape(desk.send(typed(ROW, action="paste") | {"paste": text}).content.decode())
        assert "A curriculum has at most 300 lines; this one has 301." in page

    @pytest.mark.parametrize("place", ["0", "-1", "x", "99999999999", "9"])
    def test_a_place_that_is_not_there_means_below(self, desk: Desk, place: str) -> None:
        answer = desk.send(
            typed(ROW, action="paste") | {"paste": "HIS1", "paste_row": place, "paste_column": "nonsense"}
        )
        assert fields(answer.content.decode())["lines-1-code"] == "HIS1"

    def test_nothing_pasted_is_told(self, desk: Desk) -> None:
        assert "Nothing was pasted." in desk.send(typed(ROW, action="paste")).content.decode()

    def test_rows_change_places_by_whole_pages(self, desk: Desk) -> None:
        rows = [ROW, {**ROW, "code": "HIS1", "credits": "not yet"}, {**ROW, "code": "PHY1"}]
        shown = fields(desk.send(typed(*rows, action="up-1")).content.decode())
        assert [shown[f"lines-{index}-code"] for index in range(3)] == ["HIS1", "AI101", "PHY1"]
        shown = fields(desk.send({**shown, "action": "down-1"}).content.decode())
        assert [shown[f"lines-{index}-code"] for index in range(3)] == ["HIS1", "PHY1", "AI101"]
        for action in ("up-0", "down-2", "up-99", "down--1", "up-x", "up"):
            again = fields(desk.send({**shown, "action": action}).content.decode())
            assert again["lines-0-code"] == "HIS1", action
        assert shown["lines-0-credits"] == "not yet"

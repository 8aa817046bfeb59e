"""Suggestions are stored wherever a discipline is written, made anew when the taxonomy changes, and shown."""

import time
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from curricula import drafting, suggesting
from curricula.forms.lines import LineForm
from curricula.forms.suggested import suggest_beside
from curricula.importing import import_file
from curricula.models import Discipline, Period, SignedDiscipline
from curricula.taxonomy import taxonomy
from institutions.models import Institution, User
from tests.curricula.spreadsheet_files import HEADINGS, line, xlsx
from tests.factories import make_discipline, make_period, make_programme, make_submission, make_version

pytestmark = pytest.mark.django_db

STALE: dict[str, Any] = {"suggested_category": "core", "suggested_by": "ai-0", "suggested_terms": ["old"]}


def said(discipline: Discipline) -> tuple[str, list[str], list[str], str]:
    discipline.refresh_from_db()
    return (
        discipline.suggested_category,
        discipline.suggested_areas,
        discipline.suggested_terms,
        discipline.suggested_by,
    )


def test_a_discipline_typed_in_a_line_gets_one(institution: Institution, editor: User) -> None:
    version = make_version(make_programme(institution), lines=[])
    typed = drafting.DraftLine(
        discipline_code="N1", discipline_title="Нейросети", credits=Decimal(5), cycle="major",
        component="elective", semester=1,
    )  # fmt: skip
    drafting.save_draft(
        version=version, lines=[typed], students=1, edit_number=version.edit_number, by=editor
    )
    new = Discipline.objects.get(code="N1")
    assert said(new) == ("core", ["machine_learning"], ["Нейросети"], taxonomy().version)


def test_an_imported_discipline_gets_one_and_a_reworded_one_another(
    institution: Institution, period: Period
) -> None:
    make_programme(institution, code="6B06102")
    for title, category in (("Химия", "none"), ("Машинное обучение в химии", "applied")):
        content = xlsx(HEADINGS, line(1, discipline_title=title))
        outcome = import_file(
            institution=institution, period=period, content=content, file_name="a.xlsx", by=None
        )
        assert not outcome.faults
        assert said(Discipline.objects.get())[0] == category
    assert said(Discipline.objects.get())[2] == ["Машинное обучение"]


def test_only_what_an_older_taxonomy_suggested_is_suggested_anew(institution: Institution) -> None:
    old = make_discipline(institution, title_ru="Химия", **STALE)
    none_yet = make_discipline(institution, title_ru="Искусственный интеллект", suggested_category="")
    mine = make_discipline(
        institution, suggested_category="ethics", suggested_by=taxonomy().version, ai_category="core"
    )
    assert suggesting.refresh() == 2
    assert said(old) == ("none", [], [], taxonomy().version)
    assert said(none_yet)[0] == "foundations"
    assert said(mine)[0] == "ethics"
    assert suggesting.refresh() == 0


def test_refreshing_leaves_choice_and_history_alone(institution: Institution) -> None:
    old = make_discipline(institution, ai_category="applied", **STALE)
    before = old.events.count()  # type: ignore[attr-defined]
    suggesting.refresh()
    old.refresh_from_db()
    assert old.ai_category == "applied"
    assert old.events.count() == before  # type: ignore[attr-defined]


def test_what_somebody_saved_meanwhile_is_not_overwritten(institution: Institution) -> None:
    newer = make_discipline(institution, title_ru="Нейросети")
    suggesting._store([(newer.pk, suggesting.suggest(["Химия"]))])
    assert said(newer)[0] == "core"


def test_loading_the_reference_data_suggests_anew(institution: Institution) -> None:
    old = make_discipline(institution, title_ru="Химия", **STALE)
    call_command("load_reference_data", verbosity=0)
    assert said(old)[0] == "none"


def test_five_thousand_are_suggested_quickly_in_few_statements(
    institution: Institution, django_assert_max_num_queries: Any
) -> None:
    Discipline.objects.bulk_create(
        Discipline(institution=institution, code=f"Q{number}", title_ru=f"Дисциплина {number}: основы и практика",
                   description="Понятия, методы и задачи. Практические занятия, самостоятельная работа, зачёт. " * 3)
        for number in range(5_000)
    )  # fmt: skip
    began = time.process_time()
    with django_assert_max_num_queries(20):
        assert suggesting.refresh() == 5_000
    assert time.process_time() - began < 5


def test_choice_and_suggestion_are_both_kept_at_signing(institution: Institution) -> None:
    discipline = make_discipline(institution, title_ru="Нейросети")
    submission = make_submission(institution)
    make_version(
        make_programme(institution), state="submitted", submission=submission,
        lines=[{"discipline": discipline, "ai_category": "applied"}],
    )  # fmt: skip
    signed = SignedDiscipline.objects.get()
    assert (signed.ai_category, signed.suggested_category) == ("applied", "core")


def test_what_a_discipline_says_of_itself_is_kept_at_signing(institution: Institution) -> None:
    discipline = make_discipline(
        institution, title_ru="Машинное обучение", description="Модели", language="ru",
        evidence_url="https://kaznu.kz/all",
    )  # fmt: skip
    for link in ("", "https://kaznu.kz/one"):
        line = {"discipline": discipline, "ai_category": "core", "evidence_url": link}
        make_version(make_programme(institution), state="submitted", lines=[line])
    Discipline.objects.update(description="", language="en", evidence_url="https://kaznu.kz/new")
    signed = SignedDiscipline.objects.order_by("version_id")
    assert [one.evidence_url for one in signed] == ["https://kaznu.kz/all", "https://kaznu.kz/one"]
    assert {(one.description, one.language, tuple(one.areas)) for one in signed} == {
        ("Модели", "ru", ("machine_learning",))
    }


def row(**over: str) -> LineForm:
    typed = {"code": "", "title": "", "credits": "5", "ai_category": "none"} | over
    return LineForm(initial=typed, prefix="lines-0")


def test_a_row_shows_the_suggestion_only_where_it_says_otherwise(institution: Institution) -> None:
    known = make_discipline(institution, code="K1", title_ru="Нейросети")
    rows = [
        row(code="K1"),
        row(code="K1", ai_category="core"),
        row(code="NEW", title="Машинное обучение"),
        row(code="NEW2", title="Химия", ai_category="core"),
        row(code="NEW3", title="Химия"),
        row(credits=""),
    ]
    suggest_beside(rows, [known])
    categories = [each.suggestion and each.suggestion.suggested_category for each in rows]
    assert categories == ["core", None, "core", "none", None, None]


@pytest.mark.usefixtures("english")
def test_the_editor_of_a_curriculum_shows_the_words(
    client: Client, institution: Institution, editor: User
) -> None:
    period = make_period()
    programme = make_programme(institution, code="6B06102")
    make_version(
        programme, period=period,
        lines=[{"discipline": make_discipline(institution, title_en="Neural Networks"), "ai_category": "none"}],
    )  # fmt: skip
    client.force_login(editor)
    page = client.get(reverse("draft-edit", args=[institution.code, period.code, programme.code]))
    assert "Suggested by the words “Neural Networks”: AI as the subject. You decide." in page.content.decode()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_suggestion_beside_the_field_says_category_words_and_areas(
    institution: Institution, language: str
) -> None:
    discipline = make_discipline(
        institution, title_en="", title_kk="", title_ru="Глубокое < обучение в медицине"
    )
    with translation.override(language):
        shown = render_to_string("curricula/_suggestion.html", {"discipline": discipline})
        assert str(discipline.get_suggested_category_display()) in shown
        for name in discipline.suggested_area_names:
            assert name in shown
    assert "<mark>Глубокое &lt; обучение</mark>" in shown


def test_nothing_is_shown_where_nothing_was_suggested(institution: Institution) -> None:
    discipline = make_discipline(institution, suggested_category="")
    assert render_to_string("curricula/_suggestion.html", {"discipline": discipline}).strip() == ""


def test_nothing_is_shown_of_a_discipline_that_is_only_begun() -> None:
    assert render_to_string("curricula/_suggestion.html", {"discipline": Discipline()}).strip() == ""

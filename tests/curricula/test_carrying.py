"""Carrying forward: a new period starts from what was approved last, once, and nobody's work is replaced."""

from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curricula import drafting, undoing
from curricula.carrying import carry, preview
from curricula.drafting import Conflict, DraftLine
from curricula.errors import Refused
from curricula.models import Batch, CurriculumVersion, Line, Period, Programme
from curricula.since_last_year import since_last_year
from institutions.models import Institution, User
from tests.at_once import at_once
from tests.factories import make_earlier_period, make_institution, make_lines, make_programme, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def make_approved(
    institution: Institution, number: int, year: str = "2024", **over: Any
) -> CurriculumVersion:
    programme = institution.programmes.filter(code=f"6B0610{number}").first() or make_programme(
        institution, code=f"6B0610{number}"
    )
    return make_version(programme, period=make_earlier_period(year), state="approved", **over)


def said(version: CurriculumVersion) -> list[tuple[Any, ...]]:
    return list(
        version.lines.order_by("position").values_list(
            "position",
            "discipline",
            "credits",
            "cycle",
            "component",
            "semester",
            "ai_category",
            "evidence_url",
        )
    )


def draft_of(programme: Programme, period: Period) -> CurriculumVersion:
    return CurriculumVersion.objects.get(programme=programme, period=period, state="draft")


def test_drafts_begin_with_the_lines_that_were_approved(
    institution: Institution, period: Period, editor: User
) -> None:
    last = make_approved(
        institution, 1, lines=[{"evidence_url": "https://kaznu.kz/a"}, {"semester": 3}], students=25
    )
    batch = carry(institution=institution, period=period, by=editor)
    draft = draft_of(last.programme, period)
    assert said(draft) == said(last)
    assert (draft.carried_from, draft.students, draft.number) == (last, None, 1)
    assert (draft.edited_by, draft.edited_at is not None) == (editor, True)
    assert batch.action == Batch.Action.CARRY
    assert CurriculumVersion.objects.get(pk=last.pk).valid_to is None


def test_of_several_years_the_newest_is_carried(
    institution: Institution, period: Period, editor: User
) -> None:
    make_approved(institution, 1, "2023", lines=[{"semester": 1}])
    newest = make_approved(institution, 1, "2024", lines=[{"semester": 2}])
    older = make_approved(institution, 2, "2023", lines=[{"semester": 3}])
    carry(institution=institution, period=period, by=editor)
    sources = CurriculumVersion.objects.filter(period=period).values_list("carried_from", flat=True)
    assert set(sources) == {newest.pk, older.pk}


def test_only_what_is_valid_and_taught_and_not_begun_is_carried(
    institution: Institution, period: Period, editor: User
) -> None:
    carried = make_approved(institution, 1)
    begun = make_approved(institution, 2)
    make_version(begun.programme, period=period, lines=[{"semester": 7}])
    closed = make_approved(institution, 3)
    Programme.objects.filter(pk=closed.programme_id).update(active_to=date(2021, 1, 1))
    returned = make_version(
        make_programme(institution, code="6B06104"), period=make_earlier_period(), state="returned"
    )
    fresh = make_programme(institution, code="6B06105", active_from=period.starts_on)
    make_version(make_programme(make_institution()), period=make_earlier_period(), state="approved")

    seen = preview(institution, period)
    assert [source.programme_id for source in seen.sources] == [carried.programme_id]
    assert [source.programme_id for source in seen.closed] == [closed.programme_id]
    assert (seen.new, seen.without, seen.begun) == ([fresh], [returned.programme], 1)
    assert (seen.line_count, seen.period_names) == (2, ["2024/25"])

    carry(institution=institution, period=period, by=editor)
    assert list(CurriculumVersion.objects.exclude(carried_from=None).values_list("programme", flat=True)) == [
        carried.programme_id
    ]
    assert [line[5] for line in said(draft_of(begun.programme, period))] == [7]


def test_a_second_press_carries_nothing(institution: Institution, period: Period, editor: User) -> None:
    make_approved(institution, 1)
    carry(institution=institution, period=period, by=editor)
    with pytest.raises(Refused) as refused:
        carry(institution=institution, period=period, by=editor)
    assert refused.value.code == "nothing_to_carry"
    assert Batch.objects.count() == 1


def test_a_closed_period_takes_nothing(institution: Institution, editor: User) -> None:
    make_approved(institution, 1, "2023")
    with pytest.raises(Refused) as refused:
        carry(institution=institution, period=make_earlier_period("2024"), by=editor)
    assert refused.value.code == "period_closed"


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_carries(institution: Institution, period: Period, editor: User) -> None:
    for number in (1, 2, 3):
        make_approved(institution, number)
    press = partial(carry, institution=institution, period=period, by=editor)
    results = at_once(press, press, press)
    assert sum(isinstance(result, Batch) for result in results) == 1
    assert sum(isinstance(result, Refused) for result in results) == 2
    assert CurriculumVersion.objects.filter(period=period).count() == 3
    assert Line.objects.filter(version__period=period).count() == 6


def test_an_empty_form_that_was_open_does_not_replace_what_was_carried(
    institution: Institution, period: Period, editor: User
) -> None:
    last = make_approved(institution, 1)
    carry(institution=institution, period=period, by=editor)
    draft = draft_of(last.programme, period)
    typed = DraftLine("X1", Line._meta.get_field("credits").to_python("5"), "basic", "mandatory", 1,
                      discipline_title="Typed")  # fmt: skip
    with pytest.raises(Conflict):
        drafting.save_draft(version=draft, lines=[typed], students=None, edit_number=0, by=editor)
    assert said(draft) == said(last)


def test_undoing_takes_away_what_was_carried_and_nothing_else(
    institution: Institution, period: Period, editor: User
) -> None:
    untouched, worked_on = make_approved(institution, 1), make_approved(institution, 2)
    batch = carry(institution=institution, period=period, by=editor)
    draft = draft_of(worked_on.programme, period)
    drafting.save_draft(version=draft, lines=[], students=9, edit_number=draft.edit_number, by=editor)
    result = undoing.undo(batch=batch, by=editor)
    assert (result.restored, result.kept) == (1, [worked_on.programme])
    assert not CurriculumVersion.objects.filter(programme=untouched.programme, period=period).exists()
    assert [source.pk for source in preview(institution, period).sources] == [untouched.pk]


def test_what_became_of_last_years_curricula_is_told(
    institution: Institution, period: Period, editor: User
) -> None:
    same, changed, dropped = (make_approved(institution, number) for number in (1, 2, 3))
    long_gone = make_approved(institution, 5, "2022")
    Programme.objects.filter(pk=long_gone.programme_id).update(active_to=date(2023, 1, 1))
    carry(institution=institution, period=period, by=editor)
    make_lines(draft_of(changed.programme, period), [{"semester": 8}])
    drafting.discard_draft(version=draft_of(dropped.programme, period), by=editor)
    added = make_version(make_programme(institution, code="6B06104"), period=period)

    year = since_last_year(institution, period)
    assert [version.programme for version in year.same] == [same.programme]
    assert [(one.version.programme, one.before) for one in year.changed] == [(changed.programme, changed)]
    (difference,) = year.changed
    assert [line.semester for line in difference.differences.added] == [8]
    assert (difference.differences.removed, difference.differences.unchanged) == ([], 2)
    assert year.added == [added]
    assert [(version.pk, version.is_closed) for version in year.dropped] == [(dropped.pk, False)]  # type: ignore[attr-defined]


def test_the_cost_is_the_same_for_one_and_for_many(
    institution: Institution, period: Period, editor: User
) -> None:
    costs = []
    for number in range(1, 9):
        make_approved(institution, number)
        if number in (1, 8):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                preview(institution, period)
                batch = carry(institution=institution, period=period, by=editor)
                since_last_year(institution, period)
            costs.append(len(queries))
            undoing.undo(batch=batch, by=editor)
    assert costs[0] == costs[1] <= 30

"""Applying a discipline to many programmes: what is shown is what happens, once, to all of them or to none."""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from curricula import applying, drafting, undoing
from curricula.applying import Effect, Moved, Setting, Target, Wish
from curricula.errors import Refused
from curricula.models import Batch, CurriculumVersion, Discipline, Line, Period, Programme, WarningReason
from institutions.models import Institution, User
from tests.at_once import at_once
from tests.factories import (
    decide,
    make_discipline,
    make_earlier_period,
    make_programme,
    make_reviewer,
    make_submission,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SETTING = Setting(Decimal("5.0"), "major", "elective", 3, "core")
TYPED = {"credits": "5", "cycle": "major", "component": "elective", "semester": "3", "ai_category": "core"}


@pytest.fixture
def ai(institution: Institution) -> Discipline:
    return make_discipline(institution, code="AI101", evidence_url="https://kaznu.kz/ai101")


def wishes(discipline: Discipline, period: Period, setting: Setting = SETTING) -> dict[int, Wish]:
    return {one.programme.pk: Wish(one.seen, setting) for one in applying.targets(discipline, period)}


def effects(discipline: Discipline, period: Period) -> dict[str, str]:
    return {one.programme.code: one.effect(SETTING).value for one in applying.targets(discipline, period)}


def lines_of(programme: Programme) -> list[tuple[Any, ...]]:
    draft = programme.versions.get(state="draft")
    return list(draft.lines.order_by("position").values_list("discipline__code", "credits", "semester"))


def test_what_is_shown_is_what_happens(ai: Discipline, period: Period, editor: User) -> None:
    institution = ai.institution
    make_programme(institution, code="6B06101")
    draft = make_version(make_programme(institution, code="6B06102"), period=period)
    changed = make_version(
        make_programme(institution, code="6B06103"), period=period, lines=[{"discipline": ai, "semester": 3}]
    )
    same = {"discipline": ai, **{name: getattr(SETTING, name) for name in Setting.__slots__}}
    make_version(make_programme(institution, code="6B06104"), period=period, lines=[same])
    make_version(make_programme(institution, code="6B06105"), period=period, state="approved")
    returned = {"discipline": ai, "credits": 3}
    make_version(
        make_programme(institution, code="6B06106"), period=period, state="returned", lines=[returned]
    )
    assert effects(ai, period) == {
        "6B06101": "begin",
        "6B06102": "add",
        "6B06103": "change",
        "6B06104": "same",
        "6B06105": "based",
        "6B06106": "based_change",
    }
    done = applying.apply(discipline=ai, period=period, wishes=wishes(ai, period), by=editor)
    assert done.changed == 5
    assert set(effects(ai, period).values()) == {"same"}
    assert [row[0] for row in lines_of(draft.programme)][-1] == "AI101", "added as the last line"
    assert lines_of(changed.programme) == [("AI101", Decimal(5), 3)]
    assert len(lines_of(Programme.objects.get(code="6B06105"))) == 3, "the approved lines go along"
    assert Line.objects.filter(version__programme__code="6B06101").get().evidence_url == ai.evidence_url


def test_what_can_not_be_is_said_and_refused(ai: Discipline, period: Period, editor: User) -> None:
    institution = ai.institution
    make_version(make_programme(institution, code="6B06101"), period=period, state="submitted")
    twice = [{"discipline": ai, "semester": number} for number in (1, 2)]
    make_version(make_programme(institution, code="6B06102"), period=period, lines=twice)
    assert effects(ai, period) == {"6B06101": "awaits", "6B06102": "several"}
    for programme, wish in wishes(ai, period).items():
        with pytest.raises(Refused, match="not possible"):
            applying.apply(discipline=ai, period=period, wishes={programme: wish}, by=editor)
    assert not Batch.objects.exists()


def test_after_the_period_only_drafts_can_be_changed(ai: Discipline, period: Period) -> None:
    make_programme(ai.institution, code="6B06101")
    make_version(make_programme(ai.institution, code="6B06102"), period=period)
    Period.objects.filter(pk=period.pk).update(
        due_on=timezone.localdate().replace(year=2025), closes_on=timezone.localdate().replace(year=2025),
        opens_on=timezone.localdate().replace(year=2024),
    )  # fmt: skip
    period.refresh_from_db()
    assert effects(ai, period) == {"6B06101": "closed", "6B06102": "add"}


def test_a_draft_that_was_saved_since_is_not_touched_nor_is_any_other(
    ai: Discipline, period: Period, editor: User
) -> None:
    untouched = make_programme(ai.institution)
    draft = make_version(make_programme(ai.institution), period=period)
    looked_at = wishes(ai, period)
    drafting.save_draft(
        version=draft, lines=drafting.content(draft), students=9, edit_number=draft.edit_number, by=editor
    )
    with pytest.raises(Moved) as moved:
        applying.apply(discipline=ai, period=period, wishes=looked_at, by=editor)
    assert [one.code for one in moved.value.programmes] == [draft.programme.code]
    assert not untouched.versions.exists()


def test_whoever_edits_one_of_the_drafts_meanwhile_is_told(
    ai: Discipline, period: Period, editor: User
) -> None:
    draft = make_version(make_programme(ai.institution), period=period)
    applying.apply(discipline=ai, period=period, wishes=wishes(ai, period), by=editor)
    with pytest.raises(drafting.Conflict):
        drafting.save_draft(version=draft, lines=[], students=9, edit_number=draft.edit_number, by=editor)


def test_applying_again_changes_nothing(ai: Discipline, period: Period, editor: User) -> None:
    make_programme(ai.institution)
    looked_at = wishes(ai, period)
    assert applying.apply(discipline=ai, period=period, wishes=looked_at, by=editor).changed == 1
    again = applying.apply(discipline=ai, period=period, wishes=looked_at, by=editor)
    assert (again.batch, again.changed) == (None, 0)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_at_one_moment_is_one_apply(ai: Discipline, period: Period, editor: User) -> None:
    for number in range(40):
        make_programme(ai.institution, code=f"7M061{number:02d}")
    call = partial(applying.apply, discipline=ai, period=period, wishes=wishes(ai, period), by=editor)
    results = at_once(call, call)
    assert [type(result).__name__ for result in results] == ["Applied", "Applied"]
    assert Batch.objects.count() == 1


def test_as_many_queries_for_sixty_programmes_as_for_three(
    ai: Discipline, period: Period, editor: User
) -> None:
    counts = []
    for first, number in (("6B061", 3), ("7M061", 60)):
        programmes = [make_programme(ai.institution, code=f"{first}{n:02d}") for n in range(number)]
        make_version(programmes[0], period=period)
        make_version(programmes[1], period=period, lines=[{"discipline": ai}])
        looked_at = wishes(ai, period)
        with CaptureQueriesContext(connection) as queries:
            applying.apply(discipline=ai, period=period, wishes=looked_at, by=editor)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_reason_that_was_given_since_is_not_thrown_away_by_undo(
    ai: Discipline, period: Period, editor: User
) -> None:
    programme = make_programme(ai.institution)
    done = applying.apply(discipline=ai, period=period, wishes=wishes(ai, period), by=editor)
    assert done.batch
    WarningReason.objects.create(
        institution=ai.institution, version=programme.versions.get(), code="credits", reason="So it is.",
        given_by=editor,
    )  # fmt: skip
    assert undoing.undo(batch=done.batch, by=editor).kept == [programme]
    assert WarningReason.objects.count() == 1


def test_reasons_of_the_version_that_is_mended_come_along_and_do_not_hinder_undoing(
    ai: Discipline, period: Period, editor: User
) -> None:
    programme = make_programme(ai.institution)
    draft = make_version(programme, period=period)
    WarningReason.objects.create(
        institution=ai.institution, version=draft, code="unchanged", reason="So it is.", given_by=editor
    )
    returned = make_submission(ai.institution, period=period, versions=[draft])
    decide(draft, "returned", by=make_reviewer())
    done = applying.apply(discipline=ai, period=period, wishes=wishes(ai, period), by=editor)
    begun = programme.versions.get(state="draft")
    assert WarningReason.objects.get(version=begun).reason == "So it is."
    assert done.batch
    assert undoing.undo(batch=done.batch, by=editor).restored == 1
    assert WarningReason.objects.get().version == draft
    assert returned.versions.get() == draft


SETTINGS = st.builds(
    Setting,
    st.decimals(1, 30, places=1),
    st.sampled_from(Line.Cycle.values),
    st.sampled_from(Line.Component.values),
    st.integers(1, 12),
    st.sampled_from(Line.AICategory.values),
)
HAS: st.SearchStrategy[list[Setting] | None] = (
    st.none() | st.just([]) | st.lists(SETTINGS, min_size=1, max_size=1)
)


@settings(max_examples=25)
@given(state=st.lists(HAS, min_size=1, max_size=4), setting=SETTINGS)
def test_after_applying_all_have_it_so_and_after_undoing_all_is_as_before(
    ai: Discipline, period: Period, editor: User, state: list[list[Setting] | None], setting: Setting
) -> None:
    for has in state:
        programme = make_programme(ai.institution)
        if has is not None:
            lines = [
                {"discipline": ai, **{name: getattr(one, name) for name in Setting.__slots__}} for one in has
            ]
            make_version(programme, period=period, lines=[*lines, {"semester": 12}])
    before = _everything(ai.institution)
    done = applying.apply(discipline=ai, period=period, wishes=wishes(ai, period, setting), by=editor)
    now: list[Target] = applying.targets(ai, period)
    assert {one.effect(setting) for one in now} == {Effect.SAME}
    if done.batch:
        undoing.undo(batch=done.batch, by=editor)
    assert _everything(ai.institution) == before


def _everything(institution: Institution) -> list[tuple[Any, ...]]:
    columns = ("position", "discipline", "credits", "cycle", "component", "semester", "ai_category")
    drafts = CurriculumVersion.objects.filter(institution=institution).order_by("pk")
    return list(
        drafts.values_list("pk", "students", *(f"lines__{name}" for name in columns)).order_by(
            "pk", "lines__position"
        )
    )


class TestThePages:
    def address(self, ai: Discipline, period: Period) -> str:
        return reverse("discipline-apply", args=[ai.institution.code, period.code, ai.pk])

    def posted(self, targets: list[Target], action: str, **over: Any) -> dict[str, Any]:
        data: dict[str, Any] = {"action": action, "programme": [one.programme.pk for one in targets]}
        data |= {f"all-{name}": text for name, text in TYPED.items()}
        for one in targets:
            data |= {f"p{one.programme.pk}-{name}": text for name, text in TYPED.items()}
            data[f"p{one.programme.pk}-seen"] = one.seen
        return {**data, **over}

    def test_a_hundred_and_seventy_programmes_go_through_with_a_correction_for_one(
        self, client: Client, ai: Discipline, period: Period, editor: User
    ) -> None:
        for level, number in (("6B", 99), ("7M", 71)):
            for place in range(number):
                make_programme(ai.institution, code=f"{level}061{place:02d}")
        client.force_login(editor)
        targets = applying.targets(ai, period)
        corrected = targets[0].programme
        assert client.post(self.address(ai, period), self.posted(targets, "preview")).status_code == 200
        data = self.posted(targets, "apply", **{f"p{corrected.pk}-credits": "7,5"})
        answer = client.post(self.address(ai, period), data, follow=True)
        assert "AI101 is applied to 170 programmes." in answer.text
        assert CurriculumVersion.objects.count() == 170
        assert Line.objects.get(credits=Decimal("7.5")).version.programme == corrected
        assert "batches" in answer.text, "undo is offered"

    def test_what_is_chosen_stays_chosen_through_filters_and_faults(
        self, client: Client, ai: Discipline, period: Period, editor: User
    ) -> None:
        one, two = make_programme(ai.institution), make_programme(ai.institution, code="7M06101")
        client.force_login(editor)
        data = {"action": "show", "programme": [one.pk], "level": "7M", "all-credits": "4"}
        answer = client.post(self.address(ai, period), data)
        assert [shown.programme for shown in answer.context["shown"]] == [two]
        assert answer.context["hidden"] == [one.pk]
        answer = client.post(self.address(ai, period), {**data, "action": "all"})
        assert answer.context["chosen"] == {one.pk, two.pk}
        assert answer.context["common"]["credits"].value() == "4"
        answer = client.post(self.address(ai, period), {**data, "action": "preview", "all-credits": "many"})
        assert answer.status_code == 422
        assert answer.context["chosen"] == {one.pk}
        assert "many" in answer.text

    def test_last_years_curricula_are_best_carried_forward_first(
        self, client: Client, ai: Discipline, period: Period, editor: User
    ) -> None:
        programme = make_programme(ai.institution)
        make_version(programme, period=make_earlier_period(), state="approved")
        client.force_login(editor)
        assert "Carry last year" in client.get(self.address(ai, period)).text.replace("&#x27;", "'")
        make_version(programme, period=period)
        assert "Carry last year" not in client.get(self.address(ai, period)).text

    def test_a_programme_handed_in_between_preview_and_save_is_not_left_out_in_silence(
        self, client: Client, ai: Discipline, period: Period, editor: User
    ) -> None:
        one = make_programme(ai.institution)
        make_programme(ai.institution)
        draft = make_version(one, period=period)
        client.force_login(editor)
        data = self.posted(applying.targets(ai, period), "apply")
        make_submission(ai.institution, period=period, versions=[draft])
        answer = client.post(self.address(ai, period), data)
        assert answer.status_code == 409
        assert f"somebody has changed {one.code}" in answer.text
        assert not Batch.objects.exists()

    def test_the_way_back_keeps_the_corrections_and_lets_the_others_follow(
        self, client: Client, ai: Discipline, period: Period, editor: User
    ) -> None:
        one, two = make_programme(ai.institution), make_programme(ai.institution)
        client.force_login(editor)
        data = self.posted(applying.targets(ai, period), "show", **{f"p{one.pk}-credits": "7,5"})
        answer = client.post(self.address(ai, period), data)
        assert answer.context["corrections"] == [(f"p{one.pk}-credits", "7,5")]
        common = {f"all-{name}": text for name, text in TYPED.items()} | {"all-credits": "4"}
        back = {"action": "preview", "programme": [one.pk, two.pk], f"p{one.pk}-credits": "7,5", **common}
        rows = client.post(self.address(ai, period), back).context["rows"]
        given = {row.target.programme: str(row.form.setting.credits) for row in rows}
        assert given == {one: "7.5", two: "4.0"}

    def test_a_fault_in_one_row_names_programme_and_field(
        self, client: Client, ai: Discipline, period: Period, editor: User
    ) -> None:
        one = make_programme(ai.institution)
        client.force_login(editor)
        data = self.posted(applying.targets(ai, period), "apply", **{f"p{one.pk}-semester": "x"})
        answer = client.post(self.address(ai, period), data)
        assert answer.status_code == 422
        assert f"{one.code}, Semester" in answer.text
        assert not one.versions.exists()

    def test_a_viewer_may_not_and_a_stranger_finds_nothing(
        self, client: Client, ai: Discipline, period: Period, viewer: User, stranger: User
    ) -> None:
        programme = make_programme(ai.institution)
        data = self.posted(applying.targets(ai, period), "apply")
        theirs = reverse("discipline-apply", args=["satbayev", period.code, ai.pk])
        for user, address, status in (
            (viewer, self.address(ai, period), 403),
            (stranger, self.address(ai, period), 404),
            (stranger, theirs, 404),
        ):
            client.force_login(user)
            assert client.post(address, data).status_code == status
        assert not programme.versions.exists()

    def test_anothers_programme_is_never_written_to(
        self, client: Client, ai: Discipline, period: Period, editor: User
    ) -> None:
        mine, foreign = make_programme(ai.institution), make_programme()
        client.force_login(editor)
        data = self.posted(applying.targets(ai, period), "apply")
        data["programme"] = [mine.pk, foreign.pk]
        client.post(self.address(ai, period), data)
        assert mine.versions.exists()
        assert not foreign.versions.exists()


def test_an_action_by_name_of_a_wish_that_is_older_is_the_wish_of_its_state(
    ai: Discipline, period: Period, editor: User
) -> None:
    """Negative control: with the state left out of the comparison, the save in between would be overwritten."""
    draft = make_version(make_programme(ai.institution), period=period, lines=[{"discipline": ai}])
    looked_at = wishes(ai, period)
    CurriculumVersion.objects.filter(pk=draft.pk).update(edit_number=draft.edit_number + 1)
    with pytest.raises(Moved):
        applying.apply(discipline=ai, period=period, wishes=looked_at, by=editor)
    unseen = {
        number: replace(wish, seen=applying.targets(ai, period)[0].seen) for number, wish in looked_at.items()
    }
    assert applying.apply(discipline=ai, period=period, wishes=unseen, by=editor).changed == 1

"""The rules change by two people: one drafts, both read what would change, the second puts it into effect."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from curricula.models import AICategory, Component
from institutions.models import Institution, User
from reports import adopting, snapshots
from reports.errors import Refused
from reports.models import Assessment, Coverage, Outcome, Requirement, RequirementDraft, Snapshot
from reports.previewing import OUTSIDE, preview
from tests.at_once import beside, no_decision_ends
from tests.factories import make_period, make_programme, make_reviewer, make_user, make_version
from tests.reports.founding import Ground, country
from tests.reports.worlds import RequirementPlan, World, examples, requirement_plans, worlds
from tests.rules import make_requirement

pytestmark = pytest.mark.django_db

NAMES = ("code", "name_kk", "name_ru", "name_en", "categories", "components", "levels", "fields", "kinds")


def tomorrow(days: int = 1) -> Any:
    return timezone.localdate() + timedelta(days=days)


def stricter(requirement: Requirement, **over: Any) -> RequirementDraft:
    """An unsaved draft that asks for two disciplines and six credits."""
    same = {name: getattr(requirement, name) for name in NAMES}
    new = {"min_disciplines": 2, "min_credits": 6, "effective_from": tomorrow(), "reason": "Order No. 7."}
    return RequirementDraft(**{**same, **new, "mandate_id": requirement.mandate_id, **over})


def address(name: str, *args: Any) -> str:
    with translation.override("en"):
        return reverse(f"admin:reports_requirementdraft_{name}", args=args)


def form(requirement: Requirement, **over: Any) -> dict[str, Any]:
    unsaved = stricter(requirement)
    sent = {name: getattr(unsaved, name) for name in (*NAMES, "min_disciplines", "min_credits", "reason")}
    return {**sent, "mandate": unsaved.mandate_id, "effective_from": tomorrow().isoformat(), **over}


@pytest.fixture
def drafted(lead: User) -> RequirementDraft:
    return adopting.draft(rule=stricter(make_requirement()), by=lead)


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


# The steps


def test_a_draft_is_in_effect_only_once_a_second_person_adopts_it(
    drafted: RequirementDraft, deputy: User
) -> None:
    first = Requirement.objects.get()
    assert first.effective_to is None
    second = adopting.adopt(draft=drafted, by=deputy)
    first.refresh_from_db()
    assert (second.number, second.min_disciplines, second.adopted_by) == (2, 2, deputy)
    assert first.effective_to == second.effective_from == tomorrow()


def test_the_days_before_stay_assessed_by_the_rule_of_their_time(
    drafted: RequirementDraft, deputy: User
) -> None:
    second = adopting.adopt(draft=drafted, by=deputy)
    first = Requirement.objects.get(number=1)
    assert list(Requirement.objects.live_at(timezone.now())) == [first]
    assert list(Requirement.objects.live_at(timezone.now() + timedelta(days=1))) == [second]


def test_whoever_drafted_does_not_adopt(drafted: RequirementDraft, lead: User) -> None:
    with pytest.raises(Refused, match="second person"):
        adopting.adopt(draft=drafted, by=lead)
    assert Requirement.objects.count() == 1


def test_the_database_refuses_one_person_as_well(drafted: RequirementDraft, lead: User) -> None:
    with pytest.raises(DatabaseError, match="two_people"), transaction.atomic():
        RequirementDraft.objects.update(adopted_by=lead, adopted_at=timezone.now())
    with pytest.raises(DatabaseError, match="by a second person"), transaction.atomic():
        make_requirement(number=2, code="other", adopted_by=lead)


def test_what_was_drafted_is_never_changed_or_deleted(drafted: RequirementDraft) -> None:
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        RequirementDraft.objects.update(min_disciplines=1)
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        drafted.delete()


def test_a_draft_is_decided_on_once(drafted: RequirementDraft, deputy: User) -> None:
    adopting.adopt(draft=drafted, by=deputy)
    with pytest.raises(Refused, match="already"):
        adopting.adopt(draft=drafted, by=deputy)
    with pytest.raises(Refused, match="already"):
        adopting.withdraw(draft=drafted, by=deputy, reason="No.")
    assert Requirement.objects.count() == 2


def test_a_withdrawn_draft_never_takes_effect_and_says_why(
    drafted: RequirementDraft, deputy: User, lead: User
) -> None:
    with pytest.raises(Refused) as refused:
        adopting.withdraw(draft=drafted, by=lead, reason=" ")
    assert refused.value.field == "reason"
    adopting.withdraw(draft=drafted, by=lead, reason="The order was not signed.")
    with pytest.raises(Refused, match="withdrawn"):
        adopting.adopt(draft=drafted, by=deputy)
    drafted.refresh_from_db()
    assert drafted.withdrawal_reason == "The order was not signed."


@pytest.mark.parametrize(
    ("over", "field"),
    [({"reason": " "}, "reason"), ({"effective_from": tomorrow(0)}, "effective_from"),
     ({"effective_from": tomorrow(-1)}, "effective_from")],
)  # fmt: skip
def test_a_draft_without_reason_or_of_a_day_that_has_begun_is_refused(
    lead: User, over: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        adopting.draft(rule=stricter(make_requirement(), **over), by=lead)
    assert refused.value.field == field
    assert not RequirementDraft.objects.exists()


def test_a_draft_whose_day_has_been_overtaken_is_refused(
    drafted: RequirementDraft, lead: User, deputy: User
) -> None:
    other = adopting.draft(rule=stricter(Requirement.objects.get(), effective_from=tomorrow(2)), by=lead)
    adopting.adopt(draft=other, by=deputy)
    with pytest.raises(Refused, match="must begin later"):
        adopting.adopt(draft=drafted, by=deputy)


def test_a_rule_of_a_new_code_begins_with_version_one(lead: User, deputy: User) -> None:
    rule = stricter(make_requirement(), code="ai-ethics", effective_from=tomorrow(-3))
    adopted = adopting.adopt(draft=adopting.draft(rule=rule, by=lead), by=deputy)
    assert (adopted.number, adopted.code) == (1, "ai-ethics")


def test_nobody_but_the_ministry_drafts_and_adopts(drafted: RequirementDraft) -> None:
    stranger = make_user()
    for step in (
        lambda: adopting.draft(rule=stricter(Requirement.objects.get()), by=stranger),
        lambda: adopting.adopt(draft=drafted, by=stranger),
        lambda: adopting.withdraw(draft=drafted, by=stranger, reason="No."),
    ):
        with pytest.raises(Refused, match="Only the ministry"):
            step()


# The preview


def test_the_preview_tells_who_moves(institution: Institution, drafted: RequirementDraft) -> None:
    make_period()
    ai = {"ai_category": "core", "credits": 4}
    for code, lines in (("6B06101", [ai]), ("6B06102", [ai, ai]), ("6B06103", [{}])):
        make_version(make_programme(institution, code=code), state="approved", lines=lines)
    make_programme(institution, code="6B06104")
    found = preview(drafted)
    assert found
    assert (found.nation.now.met, found.nation.then.met) == (2, 1)
    assert (found.nation.gained, found.nation.lost) == (0, 1)
    assert found.nation.now.no_data == found.nation.then.no_data == 1
    assert [(key, moves.moved) for key, moves in found.most(10)] == [(institution.code, 1)]
    assert {dimension for dimension, rows in found.rows.items() if rows} == set(found.rows)


def test_another_scope_lets_programmes_in_and_out(institution: Institution, lead: User) -> None:
    make_period()
    for code in ("6B06101", "7M06101", "7M06102"):
        make_programme(institution, code=code)
    only_bachelor = make_requirement(levels=["6B"])
    found = preview(adopting.draft(rule=stricter(only_bachelor, levels=["7M"]), by=lead))
    assert found
    assert (found.nation.entered, found.nation.left) == (2, 1)


def test_without_a_period_there_is_nothing_to_preview(drafted: RequirementDraft) -> None:
    assert preview(drafted) is None


def test_what_the_preview_says_is_what_a_snapshot_would_say(ground: Ground) -> None:
    moved: list[int] = []

    @given(worlds, requirement_plans, st.booleans())
    @examples(one_in=15)
    def holds(world: World, plan: RequirementPlan, is_new: bool) -> None:
        with country(world, ground) as period:
            now = Requirement.objects.live_at(timezone.now()).first()
            code = "new" if is_new or now is None else now.code
            draft = _saved(plan, code)
            found = preview(draft)
            assert found
            assert found.period == period
            before, after = (_taken(period, draft, is_after) for is_after in (False, True))
            for dimension, rows in found.rows.items():
                for side, snapshot in ((0, before), (1, after)):
                    counted = {key: _counts(moves, side) for key, moves in rows.items()}
                    told = {key: counts for key, counts in counted.items() if sum(counts)}
                    assert told == _told(snapshot, code, dimension), (dimension, side)
            pairs = _pairs(before, after, code)
            assert found.nation.pairs == pairs
            moved.append(found.nation.moved)

    holds()
    assert any(moved)


def _saved(plan: RequirementPlan, code: str) -> RequirementDraft:
    mandate = Requirement.objects.all()[0].mandate
    by = User.objects.get(email="reviewer@world.test")
    said = {name: getattr(plan, name) for name in ("levels", "fields", "kinds", "min_disciplines", "min_credits",
            "categories", "components")}  # fmt: skip
    return RequirementDraft.objects.create(
        mandate=mandate, code=code, name_kk="А", name_ru="А", name_en="A", reason="A world's.", drafted_by=by,
        drafted_at=timezone.now(), effective_from=tomorrow(), **said,
    )  # fmt: skip


def _taken(period: Any, draft: RequirementDraft, is_after: bool) -> Snapshot:
    """By the rules as they are; or as if the draft had been in effect for long, which no step of ours can do."""
    if is_after:
        said = ("levels", "fields", "kinds", "min_disciplines", "min_credits", "categories", "components")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            live = Requirement.objects.live_at(timezone.now()).filter(code=draft.code)
            if not live.update(**{name: getattr(draft, name) for name in said}):
                make = {
                    name: getattr(draft, name) for name in (*said, "code", "name_kk", "name_ru", "name_en")
                }
                number = Requirement.objects.filter(code=draft.code).count() + 1
                Requirement.objects.filter(code=draft.code, effective_to=None).update(
                    effective_to=tomorrow(-500) + timedelta(days=499)
                )
                Requirement.objects.create(
                    mandate=draft.mandate, number=number, effective_from=tomorrow(0), effective_to=tomorrow(900),
                    adopted_at=timezone.now() - timedelta(hours=1), **make,
                )  # fmt: skip
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    return snapshots.take(snapshots.request(period=period).pk)


def _counts(moves: Any, side: int) -> tuple[int, ...]:
    counts = (moves.now, moves.then)[side]
    return tuple(getattr(counts, outcome) for outcome in Outcome.values)


def _told(snapshot: Snapshot, code: str, dimension: str) -> dict[str, tuple[int, ...]]:
    cells = Coverage.objects.filter(snapshot=snapshot, requirement__code=code, dimension=dimension)
    return {cell.key: tuple(getattr(cell, outcome) for outcome in Outcome.values) for cell in cells}


def _pairs(before: Snapshot, after: Snapshot, code: str) -> dict[tuple[str, str], int]:
    sides = [
        dict(
            Assessment.objects.filter(snapshot=one, requirement__code=code).values_list(
                "programme", "outcome"
            )
        )
        for one in (before, after)
    ]
    found: dict[tuple[str, str], int] = {}
    for programme in sides[0].keys() | sides[1].keys():
        pair = (sides[0].get(programme, OUTSIDE), sides[1].get(programme, OUTSIDE))
        found[pair] = found.get(pair, 0) + 1
    return found


# The pages


def test_a_rule_is_drafted_previewed_and_adopted_in_the_admin(
    client: Client, institution: Institution, lead: User, deputy: User
) -> None:
    make_period()
    make_version(make_programme(institution), state="approved", lines=[{"ai_category": "core", "credits": 4}])
    first = make_requirement()
    client.force_login(lead)
    page = client.get(address("add"), {"after": first.pk}).content.decode()
    assert first.name_en in page
    answer = client.post(address("add"), form(first, levels=["6B"]), follow=True)
    text = answer.content.decode()
    draft = RequirementDraft.objects.get()
    assert "It is drafted." in text
    assert "What it would change" in text
    assert "You have drafted this" in text
    assert "Put into effect</button>" not in text
    assert client.post(address("adopt", draft.pk)).status_code == 302
    assert Requirement.objects.count() == 1
    client.force_login(deputy)
    assert "Put into effect</button>" in client.get(address("change", draft.pk)).content.decode()
    answer = client.post(address("adopt", draft.pk), follow=True)
    assert "Version 2 of ai-discipline is adopted" in answer.content.decode()
    assert Requirement.objects.get(number=2).levels == ["6B"]
    assert client.get(reverse("admin:reports_requirement_add")).status_code == 403


def test_a_refused_draft_keeps_what_was_typed(client: Client, lead: User) -> None:
    first = make_requirement()
    client.force_login(lead)
    answer = client.post(
        address("add"), form(first, effective_from=tomorrow(0).isoformat(), reason="Order 12")
    )
    assert answer.status_code == 422
    assert "stay as they are" in answer.content.decode()
    assert "Order 12" in answer.content.decode()


def test_a_withdrawn_draft_can_be_drafted_anew(client: Client, drafted: RequirementDraft, lead: User) -> None:
    client.force_login(lead)
    page = client.post(
        address("withdraw", drafted.pk), {"reason": "Not signed."}, follow=True
    ).content.decode()
    assert "Not signed." in page
    assert f"?again={drafted.pk}" in page
    assert "Order No. 7." in client.get(address("add"), {"again": drafted.pk}).content.decode()


@pytest.mark.parametrize("role", ["reviewer", "auditor", "signatory"])
def test_nobody_but_leads_drafts_adopts_or_withdraws(
    client: Client, drafted: RequirementDraft, role: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(role))
    refused = 302 if role == "signatory" else 403
    for page in (address("add"), address("adopt", drafted.pk), address("withdraw", drafted.pk)):
        assert client.post(page, {"reason": "x"}).status_code == refused, page
    drafted.refresh_from_db()
    assert drafted.is_waiting
    assert client.get(address("change", drafted.pk)).status_code == (302 if role == "signatory" else 200)


def test_the_page_costs_the_same_for_one_and_for_many(
    client: Client, drafted: RequirementDraft, deputy: User, django_assert_max_num_queries: Any
) -> None:
    make_period()
    client.force_login(deputy)
    for number in range(6):
        version = make_version(state="approved", lines=[{"ai_category": AICategory.CORE}])
        assert version.lines.get().component in Component.values
        if number in (0, 5):
            with django_assert_max_num_queries(20):
                client.get(address("change", drafted.pk))


def test_the_history_of_a_draft_names_categories_in_words(
    client: Client, drafted: RequirementDraft, deputy: User
) -> None:
    client.force_login(deputy)
    text = client.get(address("history", drafted.pk)).content.decode()
    assert str(AICategory.FOUNDATIONS.label) in text
    assert "foundations, applied" not in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", ["", "a-new-rule"])
def test_of_two_drafts_of_a_rule_adopted_at_once_each_finds_what_the_other_has_made(code: str) -> None:
    """Whoever came second went on from the version before, and got an error of the database."""
    requirement, lead = make_requirement(), make_reviewer()
    rules = [
        stricter(requirement, effective_from=tomorrow(days), **({"code": code} if code else {}))
        for days in (1, 2)
    ]
    drafts = [adopting.draft(rule=rule, by=lead) for rule in rules]
    people = [make_reviewer(), make_reviewer()]
    told = beside(
        *(
            lambda draft=one, by=by: adopting.adopt(draft=draft, by=by)
            for one, by in zip(drafts, people, strict=True)
        ),
        meanwhile=no_decision_ends(),
    )
    assert [type(one).__name__ for one in told] == ["Requirement", "Requirement"]
    first, second = Requirement.objects.filter(code=rules[0].code).order_by("number")[0 if code else 1 :]
    assert first.effective_to == second.effective_from == tomorrow(2)

"""The ministry tries other thresholds: the answer is what the draft of such a rule would say, and nothing is kept."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from curricula.models import AICategory, Component, Period
from institutions.models import Institution, User
from reports import snapshots
from reports.models import Requirement, RequirementDraft
from reports.previewing import preview
from tests.factories import make_institution, make_member, make_programme, make_version
from tests.reports.releases import PLAIN
from tests.rules import make_exemption, make_requirement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PAGE = "/en/admin/reports/requirement/what-if/"
ONE = {"ai_category": "applied"}
FURTHER = {"ai_category": "core", "component": "elective", "credits": 3}


@pytest.fixture
def rule(period: Period, institution: Institution) -> Requirement:
    """Programmes with no, one and two AI disciplines, a silent one, and one that is excused."""
    made = make_requirement()
    for place, lines in enumerate((PLAIN, (ONE,), (ONE, FURTHER))):
        programme = make_programme(institution, code=f"6B0610{place}")
        make_version(programme, period=period, state="approved", lines=lines)
    make_programme(institution, code="6B06107")
    make_exemption(make_programme(institution, code="6B06108"), decided_at=timezone.now())
    return made


@pytest.mark.parametrize(
    "over",
    [{}, {"min_disciplines": 2}, {"min_credits": Decimal("5.5")}, {"categories": [AICategory.CORE]},
     {"components": [Component.MANDATORY], "min_disciplines": 2}],
)  # fmt: skip
def test_it_counts_as_a_snapshot_by_such_a_rule_would(
    period: Period, rule: Requirement, over: dict[str, Any]
) -> None:
    said = {
        "min_disciplines": 1,
        "min_credits": 0,
        "categories": rule.categories,
        "components": rule.components,
    }
    found = preview(RequirementDraft(code=rule.code, **(said | over)))
    assert found
    other = make_requirement(code="other", **over)
    taken = snapshots.take(snapshots.request(period=period).pk)
    cell = taken.coverage.get(requirement=other, dimension="nation")
    nation = found.nation
    # An exemption is from a requirement's code, so the other rule counts the excused as silent.
    assert (nation.then.met, nation.then.not_met) == (cell.met, cell.not_met)
    assert (nation.now.met, nation.now.exempt, nation.then.exempt) == (2, 1, 1)
    assert nation.then.met == nation.now.met + nation.gained - nation.lost


def test_only_the_ministry_asks_and_nothing_is_kept(
    client: Client, rule: Requirement, reviewer: User
) -> None:
    client.force_login(make_member(make_institution(), "editor"))
    assert client.get(PAGE).status_code == 302
    client.force_login(reviewer)
    assert PAGE in client.get(reverse("admin:reports_requirement_changelist")).content.decode()
    shown = client.get(PAGE)
    assert shown.context["preview"] is None
    asked = {**shown.context["form"].initial, "min_credits": "5.5"}
    with CaptureQueriesContext(connection) as queries:
        nation = client.get(PAGE, asked).context["preview"].nation
    assert (nation.now.met, nation.then.met, nation.lost) == (2, 1, 1)
    assert len(queries) < 20
    assert not RequirementDraft.objects.exists()


def test_what_cannot_be_asked_is_told(client: Client, rule: Requirement, reviewer: User) -> None:
    client.force_login(reviewer)
    asked = client.get(PAGE).context["form"].initial
    wrongs: tuple[dict[str, Any], ...] = (
        {"min_disciplines": "none"}, {"min_disciplines": "99999999999999999999"}, {"min_credits": "NaN"},
        {"min_credits": "-1"}, {"categories": ["other"]}, {"components": []}, {"requirement": "9" * 30},
    )  # fmt: skip
    for wrong in wrongs:
        shown = client.get(PAGE, {**asked, **wrong})
        assert (shown.status_code, shown.context["preview"]) == (200, None), wrong
        assert shown.context["form"].errors, wrong
    assert client.get(PAGE, {"requirement": "x"}).status_code == 200


def test_without_a_rule_or_a_year_the_page_says_what_is_missing(client: Client, reviewer: User) -> None:
    client.force_login(reviewer)
    assert "No requirement is in effect" in client.get(PAGE).content.decode()
    make_requirement()
    asked = client.get(PAGE).context["form"].initial
    assert "There is no academic year yet" in client.get(PAGE, asked).content.decode()

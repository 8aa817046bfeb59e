"""The worked examples of docs/methodology.md that begin with programmes: assessments, coverage, indicators."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from curricula import reviewing
from curricula.models import Period
from institutions.models import Institution
from reports import snapshots
from reports.assessing import parameters
from reports.crossing import crossed, crossed_as_at
from reports.figures import Counts
from reports.models import Snapshot
from tests.factories import (
    make_institution,
    make_period,
    make_programme,
    make_region,
    make_reviewer,
    make_version,
)
from tests.reports.methodology import EXAMPLES, NOTHING, table, tables
from tests.reports.releases import PLAIN
from tests.rules import make_exemption, make_requirement

pytestmark = pytest.mark.django_db

OUTCOMES = ("in_scope", "met", "not_met", "no_data", "exempt")


def taken(period: Period) -> Snapshot:
    return snapshots.take(snapshots.request(period=period).pk)


def told(counts: Counts) -> list[str]:
    """A row of numbers as the document writes it."""
    shares = (counts.share, counts.share_of_reported)
    rounded = [
        NOTHING if share is None else f"{round(share * 10**6) / Decimal(10**6):.6f}" for share in shares
    ]
    return [*(str(getattr(counts, name)) for name in OUTCOMES), *rounded]


def test_the_day_of_a_moment(period: Period) -> None:
    for moment, day in table(EXAMPLES["day"]):
        assert str(parameters(period=period, as_at=datetime.fromisoformat(moment))["day"]) == day


def test_inputs_as_at_a_moment(institution: Institution) -> None:
    period = make_period(
        starts_on=date(2025, 9, 1), ends_on=date(2026, 8, 31), opens_on=date(2025, 9, 1), due_on=date(2026, 7, 1),
        closes_on=date(2026, 8, 1),
    )  # fmt: skip
    make_requirement(adopted_at=datetime.fromisoformat("2025-01-01T00:00Z"))
    programme = make_programme(institution, in_registry_since=datetime.fromisoformat("2025-01-01T00:00Z"))
    approvals, moments = tables(EXAMPLES["as at"], "approved", "moment")
    for moment, disciplines in approvals:
        lines = [{"ai_category": "applied"}] * int(disciplines) or PLAIN
        make_version(
            programme, period=period, state="approved", lines=lines, at=datetime.fromisoformat(moment)
        )
    for moment, outcome in moments:
        (cell,) = crossed_as_at(datetime.fromisoformat(moment), [], period=period)
        assert cell.counts == Counts(**{outcome: 1}), moment


def test_assessments(period: Period, institution: Institution) -> None:
    lines = EXAMPLES["assessment"]
    rule = {name: rest.split() for name, _, rest in (line.partition(" ") for line in lines[:5])}
    make_requirement(
        levels=rule["levels"], categories=rule["categories"], components=rule["components"],
        min_disciplines=int(rule["min_disciplines"][0]), min_credits=Decimal(rule["min_credits"][0]),
    )  # fmt: skip
    rows = table(lines[5:])
    for code, taught, is_exempt, *_found in rows:
        programme = make_programme(institution, code=code)
        if taught != "no version":
            made = [one.split() for one in taught.split(", ")]
            make_version(
                programme, period=period, state="approved",
                lines=[
                    {"ai_category": category, "component": component, "credits": Decimal(number)}
                    for category, component, number in made
                ],
            )  # fmt: skip
        if is_exempt == "yes":
            make_exemption(programme)
    found = [
        [one.programme.code, one.outcome, str(one.ai_disciplines), str(one.ai_credits)]
        for one in taken(period).assessments.select_related("programme").order_by("programme__code")
    ]
    assert found == [
        [code, *outcome] for code, _taught, _exempt, *outcome in rows if outcome != ["out of scope"]
    ]


def found_country(period: Period, **of_programmes: dict[str, Any]) -> None:
    """The country of the example of coverage."""
    make_requirement()
    countries, _cells = tables(EXAMPLES["coverage"], "programme", "dimension")
    for code, name, region, kind, language, outcome in countries:
        university = Institution.objects.filter(code=name).first()
        university = university or make_institution(code=name, region=make_region(region), kind=kind)
        further = of_programmes.get(code, {})
        programme = make_programme(
            university, code=code, language=language, is_ai_dedicated=further.get("dedicated", False)
        )
        if outcome in ("met", "not_met"):
            lines = [{"ai_category": "applied"}] if outcome == "met" else PLAIN
            make_version(
                programme, period=period, state="approved", lines=lines, students=further.get("students")
            )
        elif outcome == "exempt":
            make_exemption(programme)


def test_coverage(period: Period) -> None:
    found_country(period)
    _country, rows = tables(EXAMPLES["coverage"], "programme", "dimension")
    cells = taken(period).coverage.filter(dimension__in={row[0] for row in rows})
    found = [[one.dimension, one.key or NOTHING, *told(Counts.of(one))] for one in cells]
    assert sorted(found) == sorted(rows)


def test_crossings(period: Period) -> None:
    found_country(period)
    asked, *rows = EXAMPLES["crossings"]
    by = asked.split()[1:]
    now = timezone.now()
    for cells in (crossed(taken(period), by), crossed_as_at(now, by, period=period)):
        assert [[one.key, *told(one.counts)] for one in cells] == table(rows)


def test_indicators(period: Period) -> None:
    universities, programmes, rows = tables(EXAMPLES["indicators"], "institution", "programme", "indicator")
    found_country(
        period,
        **{
            code: {
                "students": None if students == NOTHING else int(students),
                "dedicated": dedicated == "yes",
            }
            for code, students, dedicated in programmes
        },
    )
    for name, region, kind, faculty, trained, signed in universities:
        university = Institution.objects.filter(code=name).first()
        university = university or make_institution(code=name, region=make_region(region), kind=kind)
        assert university.submissions.exists() == (signed == "yes")
        if faculty != NOTHING:
            package = university.submissions.earliest("number")
            assert (package.faculty_total, package.faculty_trained) == (int(faculty), int(trained))
            reviewing.approve_staff_figures(submission=package, by=make_reviewer())
    found = {
        (one.indicator, one.dimension, one.key or NOTHING): [one.numerator, one.denominator, one.missing]
        for one in taken(period).indicators.all()
    }
    for indicator, dimension, key, *numbers in rows:
        assert found[indicator, dimension, key] == [int(number) for number in numbers], (indicator, key)
    assert {indicator for indicator, *_ in rows} == {indicator for indicator, *_ in found}

"""The worked examples of docs/methodology.md, read from the document and done by the program."""

import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.db.models import IntegerField, Value
from django.utils import timezone
from django.utils.translation import override

from curricula.models import Period, Programme
from institutions.models import Institution, Region
from reports import figures, snapshots, tables
from reports.exposure import exposures
from reports.improving import improvement
from reports.models import FieldOccupation, Occupation, Snapshot
from reports.movements import Behind, between
from reports.outlook import forecast, needed, what_if
from reports.wording import percent
from tests.factories import (
    make_exemption,
    make_field,
    make_programme,
    make_region,
    make_requirement,
    make_version,
)

TEXT = (Path(__file__).resolve().parents[2] / "docs/methodology.md").read_text(encoding="utf-8")
EXAMPLES = {
    name: lines.splitlines() for name, lines in re.findall(r"```text\nexample: (.+)\n((?:.*\n)+?)```", TEXT)
}
PLAIN = ({"ai_category": "none"},)


def test_every_example_is_done_here() -> None:
    assert set(EXAMPLES) == {
        "share", "rounding", "movements", "needed", "forecast", "most improved", "what if", "exposure"
    }  # fmt: skip
    assert len(EXAMPLES) == TEXT.count("```text")


def counts(line: str) -> figures.Counts:
    """`met 3, not_met 1`."""
    return figures.Counts(
        **{name: int(number) for name, number in (part.split() for part in line.split(", "))}
    )


def values(lines: list[str]) -> dict[str, str]:
    """`share 0.5`: the last word by those before it."""
    return dict(line.rsplit(" ", 1) for line in lines)


def table(lines: list[str]) -> list[list[str]]:
    """The rows of a table whose columns stand two spaces or more apart, without its heading."""
    return [re.split(r"\s{2,}", line) for line in lines[1:]]


def six_places(part: int, whole: int) -> str:
    """A share as data have it: the database divides."""
    make_region()
    share = tables.RoundedShare(Value(part, IntegerField()), Value(whole, IntegerField()))
    return Region.objects.annotate(found=tables.as_text(share)).values_list("found", flat=True)[0] or ""


@pytest.mark.django_db
def test_shares() -> None:
    first, *rest = EXAMPLES["share"]
    found = counts(first)
    with override("en"):
        assert values(rest) == {
            "in_scope": str(found.in_scope),
            "share": six_places(found.met, found.counted),
            "share_of_reported": six_places(found.met, found.met + found.not_met),
            "on pages": percent(found.share),
        }


@pytest.mark.django_db
def test_rounding() -> None:
    for line in EXAMPLES["rounding"]:
        read = re.fullmatch(r"(\d+) / (\d+) = ?(\S*)", line)
        assert read, line
        assert six_places(int(read[1]), int(read[2])) == read[3], line


def test_what_a_target_takes() -> None:
    first, *rest = EXAMPLES["needed"]
    told = values(rest)
    assert needed(counts(first), Fraction(told["target"])) == int(told["needed"])


def test_when_the_pace_meets_the_target() -> None:
    told = values(EXAMPLES["forecast"])
    points = [(date.fromisoformat(day), Fraction(share)) for day, share in told.items() if day[0] == "2"]
    found = forecast(points, Fraction(told["target"]))
    assert found is not None
    assert {name: told[name] for name in ("earliest", "expected", "latest")} == {
        name: str(getattr(found, name)) for name in ("earliest", "expected", "latest")
    }


def taken(period: Period) -> Snapshot:
    return snapshots.take(snapshots.request(period=period).pk)


def bring(programme: Programme, period: Period, outcome: str) -> None:
    """Make the outcome of a programme true from now on."""
    if outcome in ("met", "not_met"):
        lines = ({"ai_category": "applied"},) if outcome == "met" else PLAIN
        make_version(programme, period=period, state="approved", lines=lines)
    elif outcome == "exempt":
        make_exemption(programme, decided_at=timezone.now())
    elif outcome == "absent":
        Programme.objects.filter(pk=programme.pk).update(active_to=period.starts_on - timedelta(days=1))


def test_most_improved() -> None:
    rows = table(EXAMPLES["most improved"])
    was, now = ({row[0]: counts(row[place]) for row in rows} for place in (1, 2))
    found = improvement(was, now)
    assert [(one.code, str(round(one.points * 100))) for one in found.improved] == [
        (row[0], row[3]) for row in rows if row[3].isdecimal()
    ]
    assert found.left_out == sum(row[3] == "left out" for row in rows)


@pytest.mark.django_db
def test_what_moved_the_figures(period: Period, institution: Institution) -> None:
    make_requirement()
    *rows, sums = table(EXAMPLES["movements"])
    known = {}
    for code, before, _now, *_told in rows:
        if before != "absent":
            known[code] = make_programme(institution, code=code)
            bring(known[code], period, before)
    older = taken(period)
    for code, before, now, *_told in rows:
        if before == "absent":
            known[code] = make_programme(institution, code=code, in_registry_since=timezone.now())
        if now != before:
            bring(known[code], period, now)
    newer = taken(period)

    moved = between(older, newer)
    found: dict[int, tuple[Any, ...]] = {}
    for one in moved:
        behind = Behind(older, newer, "ai-discipline", "nation", "", [one.cause], one.programmes)
        for programme in behind[0 : one.programmes]:
            gain = (programme.now == "met") - (programme.was == "met")
            counted = (programme.now not in (None, "exempt")) - (programme.was not in (None, "exempt"))
            outcomes = (programme.was or "absent", programme.now or "absent")
            found[programme.programme_id] = (*outcomes, one.cause, gain, counted)
    for code, before, now, cause, *change in rows:
        told = (before, now, cause, *map(int, change))
        assert found.get(known[code].pk, (before, now, "none", 0, 0)) == told, code
    assert [int(sums[1]), int(sums[2])] == [sum(one.met for one in moved), sum(one.counted for one in moved)]


@pytest.mark.django_db
def test_other_thresholds(period: Period, institution: Institution) -> None:
    rule = make_requirement()
    rows = table(EXAMPLES["what if"])
    for code, lines, _now, _then in rows:
        programme = make_programme(institution, code=code)
        if lines != "no version":
            made = [part.split() for part in lines.split(", ")]
            make_version(
                programme,
                period=period,
                state="approved",
                lines=[{"ai_category": category, "credits": Decimal(number)} for category, number in made],
            )
    snapshot = taken(period)
    asked = {"min_credits": rule.min_credits, "categories": rule.categories, "components": rule.components}
    answer = what_if(snapshot, rule, min_disciplines=2, **asked)  # type: ignore[arg-type]
    outcomes = dict(snapshot.assessments.values_list("programme__code", "outcome"))
    assert outcomes == {code: now for code, _lines, now, _then in rows}
    then = [then for _code, _lines, _now, then in rows]
    assert answer.then == figures.Counts(**{name: then.count(name) for name in set(then)})


@pytest.mark.django_db
def test_exposure() -> None:
    links, _heading, *rows = EXAMPLES["exposure"]
    given = [re.split(r"\s{2,}", row) for row in rows]
    for code, score in given[:-2]:
        Occupation.objects.create(
            code=code, title_en=code, mean_score=Decimal(score), sd=0, gradient="minimal"
        )
    for link in links.split(", "):
        field, group = link.split()
        make_field(field)
        FieldOccupation.objects.create(code=f"{field}-{group}", field_id=field, group=group)
    found = exposures()
    for name, mean in given[-2:]:
        assert found[name.removeprefix("field ")].mean == Decimal(mean)

"""The worked examples of docs/methodology.md, read from the document and done by the program."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db.models import IntegerField, Value
from django.utils import timezone
from django.utils.translation import override

from curricula.models import Period, Programme
from institutions.models import Institution, Region
from reports import figures, peers, placing, snapshots, tables
from reports.exposure import Scored, exposure, exposures, finding, placed
from reports.improving import improvement
from reports.medians import medians
from reports.models import (
    Assessment,
    FieldOccupation,
    LiveAssessment,
    Occupation,
    Outcome,
    Release,
    Requirement,
    RequirementDraft,
    Snapshot,
)
from reports.movements import Behind, between
from reports.outlook import comparable, forecast, nearest, needed
from reports.previewing import preview
from reports.wording import percent
from tests.factories import make_field, make_institution, make_programme, make_region, make_version
from tests.reports.methodology import EXAMPLES, NOTHING, TEXT, table, values
from tests.reports.releases import PLAIN
from tests.rules import make_exemption, make_requirement


def test_every_example_is_done() -> None:
    """Here, in `test_methodology_of_figures` or in `test_fingerprint_text`."""
    assert set(EXAMPLES) == {
        "day", "as at", "assessment", "coverage", "crossings", "indicators", "share", "rounding", "on pages",
        "content hash", "fingerprint", "movements", "needed", "nearest", "points", "forecast", "most improved",
        "place", "what if", "medians", "exposure", "finding",
    }  # fmt: skip
    assert len(EXAMPLES) == TEXT.count("```text")


def counts(line: str) -> figures.Counts:
    """`met 3, not_met 1`."""
    return figures.Counts(
        **{name: int(number) for name, number in (part.split() for part in line.split(", "))}
    )


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


def test_shares_on_pages() -> None:
    for line in EXAMPLES["on pages"]:
        read = re.fullmatch(r"(\d+) / (\d+) = (.+)", line)
        assert read, line
        part, whole = int(read[1]), int(read[2])
        with override("en"):
            assert percent(Fraction(part, whole) if whole else None) == read[3], line


def test_what_a_target_takes() -> None:
    first, *rest = EXAMPLES["needed"]
    told = values(rest)
    assert needed(counts(first), Fraction(told["target"])) == int(told["needed"])


@pytest.mark.django_db
def test_which_programmes_are_nearest() -> None:
    disciplines, credit_sum, *rows = EXAMPLES["nearest"]
    asked = values([disciplines, credit_sum])
    rule = Requirement(
        min_disciplines=int(asked["min_disciplines"]), min_credits=Decimal(asked["min_credits"])
    )
    given = {
        code: Assessment(
            programme=Programme(code=code),
            outcome=Outcome.NO_DATA if number == "no version" else Outcome.NOT_MET,
            ai_disciplines=0 if number == "no version" else int(number),
            ai_credits=Decimal(0 if of == NOTHING else of),
        )
        for _place, code, number, of in table(rows)
    }
    found = nearest([given[code] for code in sorted(given)], rule, len(given))
    assert [one.programme.code for one in found] == [code for _place, code, *_rest in table(rows)]


def test_which_releases_are_points_of_the_pace() -> None:
    rows = table(EXAMPLES["points"])
    series = [
        figures.Standing(
            Release(snapshot=Snapshot(as_at=timezone.make_aware(datetime.fromisoformat(day)))),
            figures.Counts(*map(int, numbers)),
            int(version),
        )
        for day, version, *numbers, _told in rows
    ]
    expected = [date.fromisoformat(row[0]) for row in rows if row[-1] == "yes"]
    assert [day for day, _share in comparable(series)] == expected


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


def test_places_among_peers() -> None:
    shares, middle, *told = EXAMPLES["place"]
    everyone = tuple(map(Fraction, shares.split()))
    assert peers.Peers("nation", "", everyone[0], everyone).median == Fraction(middle.split()[1])
    for line in told:
        own, words = line.split(" ", 1)
        with override("en"):
            assert placing.quarter(peers.Peers("nation", "", Fraction(own), everyone)) == words


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
def test_other_rules(period: Period, institution: Institution) -> None:
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
    said = {"code": rule.code, "categories": rule.categories, "components": rule.components}
    answer = preview(RequirementDraft(**said, min_disciplines=2))
    assert answer
    assert answer.nation.pairs == Counter((now, then) for _code, _lines, now, then in rows)


@pytest.mark.django_db
def test_medians(institution: Institution, period: Period) -> None:
    rule = make_requirement()
    for place in range(0, len(EXAMPLES["medians"]), 2):
        given, told = EXAMPLES["medians"][place : place + 2]
        LiveAssessment.objects.all().delete()
        LiveAssessment.objects.bulk_create(
            LiveAssessment(
                institution=other, programme_id=number, period=period, requirement=rule, level="6B", language="kk",
                region_code=institution.region.code, kind=institution.kind, field_code="06",
                outcome=Outcome.MET if number < int(met) else Outcome.NOT_MET,
            )
            for met, counted in (share.split("/") for share in given.removeprefix("others ").split(", "))
            for other in [make_institution()]
            for number in range(int(counted))
        )  # fmt: skip
        expected = told.removeprefix("median ")
        found = medians(institution, period)
        for dimension, key in (
            ("region", institution.region.code),
            ("kind", institution.kind),
            ("field", "06"),
        ):
            share = found[rule.pk, dimension, key].share
            assert share == (None if expected == "none" else Fraction(expected)), (given, dimension)


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


def test_finding() -> None:
    *lines, least, among = EXAMPLES["finding"]
    fields, cells = {}, {}
    for code, exposed, share in table(lines):
        if exposed != NOTHING:
            fields[code] = exposure([Scored(code, Decimal(exposed), "gradient_1")])
        met = 0 if share == NOTHING else int(Decimal(share) * 100)
        cells[code] = figures.Counts() if share == NOTHING else figures.Counts(met=met, not_met=100 - met)
    found = finding(placed(cells, {code: one for code, one in fields.items() if one}, cells))
    assert found is not None
    assert (found.field.code, str(found.among)) == (least.split()[-1], among.split()[-1])

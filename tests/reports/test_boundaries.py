"""To the very day and moment: what begins then counts, and what ends then does not any more."""

from typing import Any

import pytest

from reports import snapshots, verifying
from reports.models import Assessment
from tests.reports.founding import Ground, country
from tests.reports.worlds import InstitutionPlan, ProgrammePlan, RequirementPlan, VersionPlan, World, day

AT = 100  # the day at whose beginning the world is looked at
FIRST, LAST = 0, 364  # days of the period
AI = ("applied", "mandatory", 5)


def version(*lines: tuple[str, str, int], decided: int = 20, **over: Any) -> VersionPlan:
    said: dict[str, Any] = {
        "lines": list(lines),
        "submitted": decided - 10,
        "takes": 10,
        "approved": True,
        "students": 30,
    }
    return VersionPlan(**said | over)


def programme(*versions: VersionPlan, **over: Any) -> ProgrammePlan:
    said: dict[str, Any] = {
        "level": "6B", "direction": "061", "language": "kk", "dedicated": False, "starts": -50, "ends": None,
        "versions": list(versions) or [version(AI)], "exemption": None,
    }  # fmt: skip
    return ProgrammePlan(**said | over)


def university(*taught: ProgrammePlan, **over: Any) -> InstitutionPlan:
    said: dict[str, Any] = {"region": 0, "kind": "state", "opened": None, "closed": None, "staff": []}
    return InstitutionPlan(**said | {"programmes": list(taught) or [programme()]} | over)


# What stands then at a university, or nothing where its programme does not count.
STANDS: list[tuple[InstitutionPlan, str | None]] = [
    (university(opened=AT), "met"),
    (university(opened=AT + 1), None),
    (university(closed=AT), None),
    (university(closed=AT + 1), "met"),
    (university(kind="planned"), None),
    (university(becomes=(AT, 1, "private")), "met"),
    (university(becomes=(AT + 1, 1, "private")), "met"),
    (university(staff=[(AT - 10, 7, True)]), "met"),
    (university(staff=[(AT - 9, 7, True)]), "met"),
    (university(staff=[(AT - 30, 7, True), (AT - 10, 8, True)]), "met"),
    (university(staff=[(AT - 30, 7, True), (AT - 9, 8, True)]), "met"),
    (university(staff=[(AT - 30, 7, False)]), "met"),
    (university(programme(starts=LAST)), "met"),
    (university(programme(starts=LAST + 1)), None),
    (university(programme(ends=FIRST)), "met"),
    (university(programme(ends=FIRST - 1)), None),
    (university(programme(becomes=(AT, "ru", True))), "met"),
    (university(programme(becomes=(AT + 1, "ru", True))), "met"),
    (university(programme(dedicated=True), programme(dedicated=True)), "met"),
    (university(programme(version(AI, decided=AT))), "met"),
    (university(programme(version(AI, decided=AT + 1))), "no_data"),
    (university(programme(version(AI), version(decided=AT))), "not_met"),
    (university(programme(version(AI), version(decided=AT + 1))), "met"),
    (university(programme(version(AI, approved=False))), "no_data"),
    (university(programme(version(AI), waits=True)), "no_data"),
    (university(programme(version(AI, students=None))), "met"),
    (university(programme(version(("applied", "mandatory", 4)))), "not_met"),
    (university(programme(version(("core", "mandatory", 5)))), "not_met"),
    (university(programme(version(("applied", "elective", 5)))), "not_met"),
    (university(programme(version(("applied", "mandatory", 2), ("ethics", "university", 3)))), "met"),
    (university(programme(exemption=(AT, 10, None))), "exempt"),
    (university(programme(ends=FIRST - 1, exemption=(AT - 10, 500, None))), None),
    (university(programme(exemption=(AT + 1, 10, None))), "met"),
    (university(programme(exemption=(AT - 10, 10, None))), "met"),
    (university(programme(exemption=(AT - 10, 11, None))), "exempt"),
    (university(programme(exemption=(AT - 10, 50, AT))), "met"),
    (university(programme(exemption=(AT - 10, 50, AT + 1))), "exempt"),
    (university(programme(version(decided=AT + 1), exemption=(AT, 10, None))), "exempt"),
    (university(closed=AT, staff=[(AT - 30, 7, True)]), None),
    (university(programme(level="7M", direction="101"), region=1, kind="national"), "met"),
]


def rule(**over: Any) -> RequirementPlan:
    said: dict[str, Any] = {
        "levels": [], "fields": [], "kinds": [], "min_disciplines": 1, "min_credits": 5,
        "categories": ["applied", "ethics"], "components": ["mandatory", "university"], "adopted": -1,
        "effective": -1, "until": None,
    }  # fmt: skip
    return RequirementPlan(**said | over)


RULES: list[tuple[RequirementPlan, bool]] = [  # whether it is in effect
    (rule(), True),
    (rule(adopted=AT), True),
    (rule(adopted=AT + 1), False),
    (rule(effective=AT), True),
    (rule(effective=AT + 1), False),
    (rule(until=AT + 1), True),
    (rule(until=AT), False),
    (rule(min_disciplines=2, min_credits=0), True),
    (rule(levels=["7M"]), True),
    (rule(fields=["10"]), True),
    (rule(kinds=["national"]), True),
]


@pytest.mark.django_db
def test_to_the_moment_and_by_both_computations(ground: Ground) -> None:
    world = World([plan for plan, _outcome in STANDS], [plan for plan, _is in RULES], [day(AT)])
    with country(world, ground) as period:
        snapshot = snapshots.take(snapshots.request(period=period, as_at=day(AT)).pk)
        cells = Assessment.objects.filter(snapshot=snapshot).select_related("institution", "requirement")
        outcomes: dict[str, dict[str, str]] = {}
        for cell in cells:
            outcomes.setdefault(cell.requirement.code, {})[cell.institution.code] = cell.outcome
        places = {cell.institution.code: (cell.region_code, cell.kind, cell.language) for cell in cells}
        assert verifying.differences(snapshot) == []
        assert snapshots.rebuild(snapshot).agrees
    stands = {f"u{number}": outcome for number, (_plan, outcome) in enumerate(STANDS) if outcome}
    assert outcomes["r0"] == stands
    assert set(outcomes) == {f"r{number}" for number, (_plan, is_so) in enumerate(RULES) if is_so}
    (two_lines,) = (code for code in stands if outcomes["r7"][code] == "met")
    assert two_lines == "u29"
    national = {f"u{len(STANDS) - 1}"}
    assert [set(outcomes[code]) for code in ("r8", "r9", "r10")] == [national] * 3
    assert places["u5"] == ("R2", "private", "kk")
    assert places["u6"] == ("R1", "state", "kk")
    assert [places[code][2] for code in ("u16", "u17")] == ["ru", "kk"]

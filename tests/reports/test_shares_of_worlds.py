"""What holds for the shares of any country: more AI never lowers one, and who was first never matters."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curricula.models import Component
from reports import snapshots
from reports.models import Coverage
from tests.reports.founding import Ground, country
from tests.reports.worlds import AFTERWARDS, ProgrammePlan, World, day, examples, programmes, worlds

pytestmark = pytest.mark.django_db

Cells = list[dict[tuple[Any, ...], tuple[Any, ...]]]


def cells(world: World, ground: Ground) -> Cells:
    """Of each moment the counts by requirement, dimension and key."""
    found = []
    with country(world, ground) as period:
        for moment in world.moments:
            snapshot = snapshots.take(snapshots.request(period=period, as_at=moment).pk)
            rows = Coverage.objects.filter(snapshot=snapshot).values_list(
                "requirement__code", "dimension", "key", "in_scope", "met", "not_met", "no_data", "exempt"
            )
            found.append({row[:3]: row[3:] for row in rows})
    return found


def each_programme(world: World, change: Callable[[ProgrammePlan], ProgrammePlan]) -> World:
    return replace(
        world,
        institutions=[
            replace(one, programmes=[change(programme) for programme in one.programmes])
            for one in world.institutions
        ],
    )


@given(
    worlds, st.sampled_from(["core", "applied", "foundations", "ethics"]), st.sampled_from(Component.values)
)
@examples(one_in=6)
def test_a_further_approved_ai_discipline_never_lowers_a_share(
    ground: Ground, world: World, category: str, component: str
) -> None:
    def richer(programme: ProgrammePlan) -> ProgrammePlan:
        versions = [
            replace(one, lines=[*one.lines[:2], (category, component, 3)]) for one in programme.versions
        ]
        return replace(programme, versions=versions)

    poorer = each_programme(
        world, lambda one: replace(one, versions=[replace(v, lines=v.lines[:2]) for v in one.versions])
    )
    richest = each_programme(world, richer)
    for before, after in zip(cells(poorer, ground), cells(richest, ground), strict=True):
        assert before.keys() == after.keys()
        for cell, (in_scope, met, _not_met, no_data, exempt) in before.items():
            now = after[cell]
            assert (now[0], now[3], now[4]) == (in_scope, no_data, exempt)
            assert now[1] >= met


@given(worlds, st.randoms(use_true_random=False))
@examples(one_in=6)
def test_the_order_of_approvals_never_matters(ground: Ground, world: World, chance: Random) -> None:
    """The same decisions at one another's moments: once all are made, the figures are the same."""
    moments = [(one.submitted, one.takes) for plan in programmes(world) for one in plan.versions]
    chance.shuffle(moments)

    def at_another_moment(programme: ProgrammePlan) -> ProgrammePlan:
        versions = [
            replace(one, submitted=submitted, takes=takes)
            for one, (submitted, takes) in ((one, moments.pop()) for one in programme.versions)
        ]
        return replace(programme, versions=versions)

    rules = [replace(one, until=None) for one in world.requirements]
    afterwards = replace(world, requirements=rules, moments=[day(AFTERWARDS)])
    assert cells(afterwards, ground) == cells(each_programme(afterwards, at_another_moment), ground)

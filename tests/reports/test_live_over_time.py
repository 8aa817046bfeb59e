"""Whatever happens, in whatever order, and however often it is refreshed: live coverage is what all of it comes to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curricula.models import Period, Programme
from institutions.models import Institution
from reports import live, snapshots
from reports.models import Coverage, Exemption
from tests.factories import make_institution, make_period, make_programme, make_region, make_version
from tests.rules import make_exemption, make_requirement

pytestmark = pytest.mark.django_db

ONE_LINE = [{"ai_category": "none"}]


@dataclass
class Country:
    period: Period
    programmes: list[Programme]

    def programme(self, number: int) -> Programme:
        return self.programmes[number % len(self.programmes)]

    def changed(self, number: int, **to: object) -> None:
        Programme.objects.filter(pk=self.programme(number).pk).update(**to)

    def moved(self, number: int, **to: object) -> None:
        Institution.objects.filter(pk=self.programme(number).institution_id).update(**to)

    def version(self, number: int, state: str, **over: object) -> None:
        waiting = self.programme(number).versions.filter(state__in=["draft", "submitted"])
        if not waiting.exists():
            make_version(self.programme(number), period=self.period, state=state, **over)  # type: ignore[arg-type]

    def another(self, number: int) -> None:
        self.programmes.append(make_programme(self.programme(number).institution))

    def many_at_once(self, number: int) -> None:
        """More than one by one would be looked at."""
        for _ in range(7):
            self.another(number)


STEPS: dict[str, Callable[[Country, int], object]] = {
    "approved": lambda country, number: country.version(number, "approved"),
    "approved without AI": lambda country, number: country.version(number, "approved", lines=ONE_LINE),
    "submitted": lambda country, number: country.version(number, "submitted"),
    "excused": lambda country, number: make_exemption(country.programme(number)),
    "no longer excused": lambda country, number: Exemption.objects.filter(
        programme=country.programme(number), revoked_at=None
    ).update(revoked_at=timezone.now()),
    "another language": lambda country, number: country.changed(number, language="en"),
    "no longer taught": lambda country, number: country.changed(
        number, active_to=country.period.starts_on - timedelta(days=1)
    ),
    "taught again": lambda country, number: country.changed(number, active_to=None),
    "another region": lambda country, number: country.moved(number, region=make_region("KZ-75")),
    "another kind": lambda country, number: country.moved(number, kind="private"),
    "closed": lambda country, number: country.moved(number, closed_on=timezone.localdate()),
    "another programme": Country.another,
    "many programmes": Country.many_at_once,
    "another rule": lambda _country, number: make_requirement(
        code=f"rule-{number}-{timezone.now().timestamp()}", levels=["6B"], min_disciplines=1 + number % 2
    ),
    "refreshed": lambda _country, _number: live.refresh(),
    "everything refreshed": lambda _country, _number: live.refresh(everything=True),
}
steps = st.lists(
    st.tuples(st.sampled_from([*STEPS, "refreshed"]), st.integers(0, 9)), min_size=1, max_size=12
)


def dimension(name: str) -> dict[tuple[int, str], tuple[int, ...]]:
    """What a snapshot of this moment has."""
    snapshot = snapshots.take(snapshots.request().pk)
    return {
        (cell.requirement_id, cell.key): (cell.in_scope, cell.met, cell.not_met, cell.no_data, cell.exempt)
        for cell in Coverage.objects.filter(snapshot=snapshot, dimension=name)
    }


@given(steps)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_live_coverage_equals_a_count_of_the_whole(taken: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        period = make_period()
        make_requirement()
        universities = [make_institution() for _ in range(2)]
        country = Country(period, [make_programme(universities[number % 2]) for number in range(4)])
        for name, number in taken:
            STEPS[name](country, number)
        live.refresh()
        assert (live.stale_since(), live.disagreements()) == (None, [])
        for name, column in (("nation", None), ("region", "region_code"), ("language", "language")):
            ours = {
                (row["requirement"], row[column] if column else ""): tuple(
                    row[outcome] for outcome in ("in_scope", "met", "not_met", "no_data", "exempt")
                )
                for row in live.coverage(period=period, by=column)
            }
            assert ours == dimension(name)
        transaction.set_rollback(True)

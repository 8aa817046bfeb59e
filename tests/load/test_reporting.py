"""What `make load` says of an hour: that which grew without end is called so, and what only goes up and down is not."""

from collections.abc import Callable

import pytest

from tests.load.reporting import BROKEN, GROWN, held, steady
from tests.load.watching import COUNTED, Look

HOUR = 3600


def looks(
    mib: Callable[[int], float] = lambda _at: 100, waits: Callable[[int], int] = lambda _at: 3
) -> list[Look]:
    return [
        Look(at, {"web": mib(at), "worker": 200}, {**dict.fromkeys(COUNTED, 5), "messages": waits(at)})
        for at in range(0, HOUR, 60)
    ]


def broken(lines: list[Look]) -> list[str]:
    return [line.split(":")[0] for line in steady(lines) if BROKEN in line]


def test_an_hour_that_goes_up_and_down_held() -> None:
    assert broken(looks(lambda at: 100 + at % 7, lambda at: at % 11)) == []


@pytest.mark.parametrize(
    ("hour", "named"),
    [
        (looks(mib=lambda at: 100 + 2 * GROWN * at / HOUR), "growth of web"),
        (looks(waits=lambda at: at // 60), "messages"),
    ],
)
def test_what_grows_without_end_is_named(hour: list[Look], named: str) -> None:
    assert broken(hour) == [named]


@pytest.mark.parametrize(("p95", "failed"), [(301, {}), (float("nan"), {}), (10, {"503": 1})])
def test_slow_missing_and_failed_saves_are_named(p95: float, failed: dict[str, int]) -> None:
    fine = {"p95": 10, "failed": {}}
    lines = list(held({"save": {"p95": p95, "failed": failed}, "public page": fine}))
    assert [line for line in lines if BROKEN in line and "save" in line]
    assert not [line for line in lines if BROKEN in line and "public" in line]

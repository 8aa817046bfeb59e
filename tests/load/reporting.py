"""The table that `make load` prints, and whether what was promised held."""

from collections.abc import Iterator
from typing import Any

from tests.load.watching import COUNTED, Look, growth

PROMISED = {"save": 300, "public page": 50}  # milliseconds, 95 of 100 requests
SHOWN_LOOKS = 5
LONG = 600  # seconds; before, processes still fill what they keep


def report(name: str, said: dict[str, Any], mark: dict[str, Any]) -> Iterator[str]:
    yield f"\n{name}, {said['seconds']:.0f} s"
    yield f"{'':28}{'a second':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'max ms':>9}{'done':>8}  failed"
    for kind, one in sorted(said["kinds"].items(), key=lambda item: -item[1]["count"]):
        times = "".join(f"{one[key]:9.0f}" for key in ("p50", "p95", "p99", "max"))
        failed = ", ".join(f"{number} {why}" for why, number in one["failed"].items())
        yield f"{kind:28}{one['rate']:9.2f}{times}{one['count']:8}  {failed or 0}"
    public = said["kinds"].get("public page", {"count": 0})["count"]
    yield f"of the public's pages {100 * said['copies'] / max(public, 1):.1f} % were copies of nginx"
    used = {part: seconds / mark["seconds"] for part, seconds in mark["used"].items()}
    yield (
        "cores used: "
        + ", ".join(f"{part} {cores:.2f}" for part, cores in used.items())
        + f"; {sum(used.values()):.2f}"
    )
    yield from series(mark["looks"])
    if name == "deadline":
        yield from held(said["kinds"])


def series(looks: list[Look]) -> Iterator[str]:
    """Memory and what waits, from the beginning to the end."""
    if len(looks) < SHOWN_LOOKS:
        return
    parts = list(looks[0].mib)
    yield f"{'':8}" + "".join(f"{part:>12}" for part in (*parts, *COUNTED))
    for place in range(SHOWN_LOOKS):
        look = looks[(len(looks) - 1) * place // (SHOWN_LOOKS - 1)]
        mib = "".join(f"{look.mib[part]:8.0f} MiB" for part in parts)
        yield f"{look.at - looks[0].at:6.0f} s" + mib + "".join(f"{look.counts[name]:12}" for name in COUNTED)
    if looks[-1].at - looks[0].at < LONG:
        return
    yield "growth, MiB an hour: " + ", ".join(f"{part} {growth(looks, part):+.0f}" for part in parts)


def held(kinds: dict[str, Any]) -> Iterator[str]:
    for kind, most in PROMISED.items():
        p95 = kinds[kind]["p95"] if kind in kinds else float("nan")
        yield f"p95 of a {kind}: {p95:.0f} ms, promised {most} ms: {'held' if p95 <= most else 'NOT HELD'}"

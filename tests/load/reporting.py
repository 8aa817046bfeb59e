"""The table that `make load` prints, and whether what was promised held."""

from collections.abc import Iterator
from statistics import median
from typing import Any

from tests.load.watching import COUNTED, Look, growth

PROMISED = {"save": 300, "public page": 50}  # milliseconds, 95 of 100 requests
SHOWN_LOOKS = 5
LONG = 600  # seconds; before, processes still fill what they keep
GROWN = 30  # MiB an hour and part; what a day of it would come to, a machine of 4 GB has room for
BROKEN = "NOT HELD"


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
    yield from steady(looks)


def steady(looks: list[Look]) -> Iterator[str]:
    """Whether memory grew, and whether more connections are held, or more waits, in the last third than ever before."""
    for part in looks[0].mib:
        grown = growth(looks, part)
        yield f"growth of {part}: {grown:+.0f} MiB an hour, at most {GROWN}: {verdict(grown <= GROWN)}"
    earlier, last = looks[: -len(looks) // 3], looks[-len(looks) // 3 :]
    for name in COUNTED:
        before = max(look.counts[name] for look in earlier)
        usual = median(look.counts[name] for look in last)
        yield f"{name}: up to {before} before, usually {usual:g} at the end: {verdict(usual <= before)}"


def verdict(held: bool) -> str:
    return "held" if held else BROKEN


def held(kinds: dict[str, Any]) -> Iterator[str]:
    for kind, most in PROMISED.items():
        p95 = kinds[kind]["p95"] if kind in kinds else float("nan")
        yield f"p95 of a {kind}: {p95:.0f} ms, promised {most} ms: {verdict(p95 <= most)}"
        failed = kinds[kind]["failed"] if kind in kinds else {}
        yield f"failures of a {kind}: {sum(failed.values())}: {verdict(not failed)}"

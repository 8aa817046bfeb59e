"""How much is tried, how much of it was done, and how long it took: `make test` tries a part."""

import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

KILLS = int(os.environ.get("QAMTU_KILLS", "10"))  # at how many instants each thing is killed
IN_FULL = KILLS >= 50

DONE: Counter[str] = (
    Counter()
)  # told at the end; each was found neither lost nor doubled nor half, or its test failed


@dataclass(frozen=True)
class Measured:
    """What took so many seconds, and how many were promised; told at the end. By `make faults` a test fails by it."""

    what: str
    seconds: float
    promised: float

    def __str__(self) -> str:
        late = "" if self.seconds < self.promised else ": TOO LONG"
        return f"{self.what}: {self.seconds:.2f} s ({self.promised:g} s promised){late}"


MEASURED: list[Measured] = []


def measured(what: str, seconds: float, *, promised: float) -> None:
    MEASURED.append(Measured(what, seconds, promised))
    assert seconds < promised or not IN_FULL, str(MEASURED[-1])


def took(work: Callable[[], object]) -> float:
    """In seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def p95(seconds: Sequence[float]) -> float:
    """What 95 of 100 stay below."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]

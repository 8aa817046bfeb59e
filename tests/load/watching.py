"""What the machine does meanwhile: the processor's time and the memory of each part, connections, and what waits."""

import threading
import time
from dataclasses import dataclass, field
from statistics import linear_regression
from typing import Any

import psutil
import psycopg
import redis

from tests.load.measuring import own_bytes

EVERY = 5.0  # seconds between two looks
WAITING = """
SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
       (SELECT count(*) FROM curricula_import WHERE state IN ('queued', 'running')),
       (SELECT count(*) FROM institutions_letter WHERE sent_at IS NULL AND given_up_at IS NULL),
       (SELECT count(*) FROM institutions_generation WHERE generation <> computed)
"""
COUNTED = ("connections", "imports", "letters", "stale", "messages")


@dataclass(frozen=True)
class Look:
    """At one moment: MiB by part of the site, and numbers by the names of COUNTED."""

    at: float
    mib: dict[str, float]
    counts: dict[str, int]


@dataclass
class Watch:
    """Looks every few seconds from a thread of its own, until `end`. `parts`: the first process of each by its name."""

    parts: dict[str, int]
    database: str
    broker: str
    looks: list[Look] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            bell = redis.Redis.from_url(self.broker)
            while not self.done.wait(EVERY):
                self.looks.append(Look(time.monotonic(), self.memory(), counts(connection, bell)))

    def memory(self) -> dict[str, float]:
        return {name: memory_of(pid) / 2**20 for name, pid in self.parts.items()}

    def processor(self) -> dict[str, float]:
        """Seconds of the processor that each part has used so far."""
        return {name: processor_seconds(pid) for name, pid in self.parts.items()}

    def end(self) -> None:
        self.done.set()
        self.thread.join()


def family(pid: int) -> list[psutil.Process]:
    father = psutil.Process(pid)
    return [father, *father.children(recursive=True)]


def processor_seconds(pid: int) -> float:
    """Of a process and its children, those that have ended among them."""
    seconds = 0.0
    for process in family(pid):
        try:
            seconds += sum(
                process.cpu_times()[:4]
            )  # user and system, its own and of children that it has buried
        except psutil.NoSuchProcess:
            continue
    return seconds


def memory_of(pid: int) -> int:
    """Bytes that the processes hold for themselves."""
    found = 0
    for process in family(pid):
        try:
            found += own_bytes([process.pid])
        except OSError:  # it has just ended
            continue
    return found


def counts(connection: "psycopg.Connection[Any]", bell: "redis.Redis") -> dict[str, int]:
    row = connection.execute(WAITING).fetchone()
    assert row
    return dict(zip(COUNTED, (*row, bell.llen("qamtu:qamtu")), strict=True))


def growth(looks: list[Look], part: str) -> float:
    """By how many MiB the memory of a part grows in an hour: the straight line through the last three quarters."""
    later = looks[len(looks) // 4 :]
    if len(later) < 3:
        return 0.0
    line = linear_regression([one.at for one in later], [one.mib[part] for one in later])
    return line.slope * 3600

"""How benchmarks measure: ours and the floor in turns, medians in seconds, and the memory that each needs."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from django.db import connection, connections

Work = Callable[[], object]


def timed(what: Work) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def in_turns(ours: Work, floor: Work, *, rounds: int, before: Work = lambda: None) -> dict[str, Any]:
    """Pairs, so that what else the machine does meets both; `before` each round is not measured."""
    pairs = []
    for _round in range(rounds):
        before()
        pairs.append((timed(ours), timed(floor)))
    before()
    return {
        "ours_s": round(median(pair[0] for pair in pairs), 5),
        "floor_s": round(median(pair[1] for pair in pairs), 5),
        "ratio": round(median(pair[0] / pair[1] for pair in pairs), 2),
        "ours_mib": memory_of(ours),
        "floor_mib": memory_of(floor),
    }


def memory_of(what: Work) -> float | None:
    """In MiB, by how much Python and its process of the database grow at most; None where nobody tells (not Linux).

    In a process of its own with a connection of its own: one that has worked already keeps what it had.
    """
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(_grown(what)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with open(reading, encoding="utf-8") as answer:
        grown: float | None = json.loads(answer.read())
    return grown


def _grown(what: Work) -> float | None:
    connection.ensure_connection()
    processes = [os.getpid(), connection.connection.info.backend_pid]
    if not all(Path(f"/proc/{process}/statm").exists() for process in processes):
        what()
        return None
    with watched(processes) as held:
        what()
    return round((max(held) - held[0]) / 2**20, 1)


def database_seconds() -> float:
    """What the database server on this machine has used of the processor: all its processes, also those that ended."""
    connection.ensure_connection()
    father = psutil.Process(connection.connection.info.backend_pid).parent()
    assert father is not None
    used = sum(father.cpu_times()[:4])
    for one in father.children():
        with suppress(psutil.NoSuchProcess):
            used += sum(one.cpu_times()[:2])
    return used


@contextmanager
def watched(processes: list[int]) -> Iterator[list[int]]:
    """Bytes that the processes hold for themselves, looked at every 2 ms; shared buffers are not theirs."""
    held, done = [own_bytes(processes)], threading.Event()

    def watch() -> None:
        while not done.wait(0.002):
            held.append(own_bytes(processes))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield held
    finally:
        done.set()
        watcher.join()


def own_bytes(processes: list[int]) -> int:
    pages = 0
    for process in processes:
        _size, resident, shared, *_rest = Path(f"/proc/{process}/statm").read_text().split()
        pages += int(resident) - int(shared)
    return pages * os.sysconf("SC_PAGE_SIZE")

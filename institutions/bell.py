"""Rings for background work. What is to be done is a row that was committed already; a bell only saves the wait for
the sweep, which looks every 30 s. So a bell may be lost, is never waited for, and never fails a request.
"""

import atexit
import os
import queue
import re
import threading
from collections.abc import Mapping
from typing import Any

import structlog
from celery import current_app

log = structlog.get_logger(__name__)

Bell = tuple[str, tuple[Any, ...], dict[str, Any]]

# The header of a message that says to whom the work is due, for the lines of the log; ids only.
TRACE = "qamtu"
REQUEST = re.compile(r"[0-9a-f]{32}")


class Ringer:
    """A thread that publishes one bell after another: a broker that hangs keeps it waiting, and nobody else."""

    def __init__(self) -> None:
        self.bells: queue.Queue[Bell] = queue.Queue(maxsize=200)
        self.thread: threading.Thread | None = None
        self.starting = threading.Lock()

    def ring(self, bell: Bell) -> None:
        with self.starting:
            if self.thread is None:
                self.thread = threading.Thread(target=self.publish, name="bell", daemon=True)
                self.thread.start()
        try:
            self.bells.put_nowait(bell)
        except queue.Full:
            log.warning("bell dropped, the sweep will see to it", task=bell[0])

    def publish(self) -> None:
        while True:
            name, arguments, trace = self.bells.get()
            try:
                current_app.send_task(
                    name, args=arguments, headers={TRACE: trace}, retry=False, ignore_result=True
                )
            except (
                Exception
            ) as error:  # whatever the broker's client raises: the row stands, the sweep finds it
                log.warning("bell not heard, the sweep will see to it", task=name, error=str(error))
            finally:
                self.bells.task_done()

    def flush(self, seconds: float = 2) -> None:
        """Wait until what was rung is published, but not for long: a command that ends takes its thread along."""
        with self.bells.all_tasks_done:
            self.bells.all_tasks_done.wait_for(lambda: not self.bells.unfinished_tasks, timeout=seconds)


ringer = Ringer()


def forget() -> None:
    """A forked process has no thread, and its parent's bells are the parent's."""
    global ringer
    ringer = Ringer()


os.register_at_fork(after_in_child=forget)
atexit.register(lambda: ringer.flush())


def ring(task: str, *arguments: int | str) -> None:
    """Ask a worker to run a task; ids only. Call it after commit: `transaction.on_commit(partial(ring, name, id))`."""
    ringer.ring((task, arguments, whose(structlog.contextvars.get_contextvars())))


def carried(headers: Any) -> dict[str, Any]:
    """What a message says of whose it is. Whoever can write to Redis can write anything: only ids are taken over."""
    trace = headers.get(TRACE) if isinstance(headers, Mapping) else None
    return whose(trace) if isinstance(trace, Mapping) else {}


def whose(said: Mapping[str, Any]) -> dict[str, Any]:
    """The request, the person and the institution, as far as they are named."""
    ids = {name: said[name] for name in ("user", "institution") if type(said.get(name)) is int}
    request = said.get("request_id")
    return ({"request_id": request} if isinstance(request, str) and REQUEST.fullmatch(request) else {}) | ids

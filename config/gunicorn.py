"""How the web server runs; the same under `make run` and on a server, where the environment says otherwise."""

import gc
import os
import signal
from typing import Any

from prometheus_client import multiprocess

from config import environment

bind = os.environ.get("BIND", "127.0.0.1:8000").split(",")
workers = environment.read(
    "WEB_CONCURRENCY", environment.number, default=2, remedy="Write how many processes."
)
if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
    environment.read(
        "PROMETHEUS_MULTIPROC_DIR", environment.folder, remedy="Make the folder, or leave it unset."
    )
threads = 4
worker_class = "gthread"
# Once, then forked: half the work at the start, and shared memory. No connection outlives the loading.
preload_app = True
timeout = 60
graceful_timeout = 30  # a download that has begun when the server is to end may go on so long
keepalive = 30  # seconds, for whoever comes without nginx, which keeps no connection
max_requests = 200_000
max_requests_jitter = 20_000
errorlog = "-"
control_socket_disable = True  # it would lie in the home folder, one for all programs of that user


def when_ready(server: Any) -> None:
    """What is loaded is never garbage: nobody need look through it again, and the processes go on sharing it."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Told to end, it goes on for a second with what waits at its socket. gunicorn has taken the name of a Unix socket
    away by then, so that nobody joins the queue, and nginx turns to another server at once.
    """
    signal.signal(signal.SIGALRM, worker.handle_exit)
    signal.signal(signal.SIGTERM, lambda _number, _frame: signal.setitimer(signal.ITIMER_REAL, 1))


def child_exit(server: Any, worker: Any) -> None:
    """The counts of a worker that ended must not stay among the living ones'."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)

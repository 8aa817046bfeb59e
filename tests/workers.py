"""Celery workers as processes of their own, to be watched, and killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Self

import redis

ROOT = Path(__file__).resolve().parent.parent


class Worker:
    def __init__(self, process: "subprocess.Popen[bytes]", log: IO[bytes]) -> None:
        self.process = process
        self.log = log

    @classmethod
    def start(cls, *, concurrency: int = 2, clean: bool = True, first: str = "", **environment: str) -> Self:
        """Start a worker and wait until it has done its first task. `clean` forgets what others left in Redis."""
        from django.conf import settings
        from django.utils import timezone

        from institutions.models import Heartbeat

        if clean:
            redis.Redis.from_url(settings.REDIS_URL).flushdb()
        began = timezone.now()
        name = f"worker{os.environ.get('PYTEST_XDIST_WORKER', '')}.log"
        log = open(settings.RUN_DIR / name, "w+b")  # noqa: SIM115 - stop() closes it
        process = subprocess.Popen(
            celery("worker", f"--concurrency={concurrency}", "--without-mingle", "--without-gossip", first=first),
            cwd=ROOT, env={**os.environ, "DATABASE_URL": database_url(), "LOG_LEVEL": "INFO", **environment},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        worker = cls(process, log)
        beats = Heartbeat.objects.filter(name="worker", beat_at__gte=began)
        try:
            eventually(beats.exists, "the worker's first task")
        except AssertionError:
            worker.kill()
            raise
        return worker

    def log_text(self) -> str:
        return Path(self.log.name).read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End it and its children at once, wherever they are."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.close()


def celery(kind: str, *options: str, first: str = "") -> list[str]:
    """The command that starts it as on a server; `first` is Python that it runs before."""
    started = ["-c", f"{first}\nfrom celery.__main__ import main\nmain()"] if first else ["-m", "celery"]
    return [sys.executable, "-W", "ignore", *started, "-A", "config", kind, *options]


def rounds_every(seconds: int) -> str:
    """To run first, where a round is waited for: sooner than on a server."""
    return f"from config import delivery\ndelivery.SWEEP_EVERY = {seconds}"


def database_url() -> str:
    """The tests' database, which pytest-django made under another name."""
    from django.db import connection

    settings = connection.settings_dict
    name, user, password = settings["NAME"], settings["USER"], settings["PASSWORD"]
    if str(settings["HOST"]).startswith("/"):
        return f"postgres://{user}@/{name}?host={settings['HOST']}"
    return f"postgres://{user}:{password}@{settings['HOST']}:{settings['PORT'] or 5432}/{name}"


def eventually(true: Callable[[], object], what: str, *, seconds: float = 120) -> None:
    """Wait until something has become true; another process makes it so. Long enough for a machine that is busy."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
        time.sleep(0.05)

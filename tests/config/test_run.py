"""`make run`: starts everything as real processes, and leaves none behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config.services import Services
from tests.workers import ROOT, eventually

pytestmark = pytest.mark.processes


class Run:
    """One `make run`, less make."""

    def __init__(self, run_dir: Path, port: int) -> None:
        self.run_dir, self.port = run_dir, port
        self.log = run_dir.parent / "run.log"
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.run"],
                cwd=ROOT,
                env={
                    "PATH": os.environ["PATH"],
                    "QAMTU_RUN_DIR": str(run_dir),
                    "PORT": str(port),
                    "DEMO": "off",
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        eventually(
            lambda: self.process.poll() is not None or self.status("/readyz") == 200, "readiness", seconds=600
        )
        assert self.process.poll() is None, self.log.read_text()

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def processes(self) -> list[psutil.Process]:
        """Whatever was started from this run folder: each has the folder in its command or environment."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                words = [*process.cmdline(), process.environ().get("QAMTU_RUN_DIR", "")]
                if process.status() != psutil.STATUS_ZOMBIE and any(
                    str(self.run_dir) in word for word in words
                ):
                    found.append(process)
        return found


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


Start = Callable[[int], Run]


@pytest.fixture
def run_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "run"


@pytest.fixture
def start(run_dir: Path) -> Iterator[Start]:
    """Starts it at a port, any number of times; ends what a test that failed has left."""
    runs: list[Run] = []

    def start(port: int) -> Run:
        runs.append(Run(run_dir, port))
        return runs[-1]

    yield start
    for run in runs:
        run.process.kill()
        run.process.wait()
    Services(run_dir, given={}).stop()


def test_it_starts_stops_and_keeps_its_data(start: Start, run_dir: Path, port: int) -> None:
    services = Services(run_dir, given={})
    run = start(port)
    run.wait_until_ready()
    commands = [" ".join(process.cmdline()) for process in run.processes()]
    for part in (
        "celery -A config worker",
        "celery -A config beat",
        "gunicorn",
        "bin/postgres",
        "redis-server",
    ):
        assert any(part in command for command in commands), part
    with psycopg.connect(services.addresses()["DATABASE_URL"]) as database:
        database.execute(
            "UPDATE institutions_institution SET website = 'https://kept.example' WHERE code = '001'"
        )
        kept = database.execute(
            "SELECT count(*) FROM institutions_institution WHERE website = 'https://kept.example'"
        )
        before = kept.fetchone()

    redis_pid = services.redis_pid()
    assert redis_pid
    os.kill(redis_pid, signal.SIGKILL)
    eventually(lambda: services.redis_pid() not in (None, redis_pid), "another Redis")

    began = time.monotonic()
    os.killpg(run.process.pid, signal.SIGINT)  # as Ctrl-C does
    run.process.wait(timeout=30)
    assert time.monotonic() - began < 20  # 4 s on two idle cores
    assert run.processes() == []

    again = start(port)
    again.wait_until_ready()
    with psycopg.connect(services.addresses()["DATABASE_URL"]) as database:
        kept = database.execute(
            "SELECT count(*) FROM institutions_institution WHERE website = 'https://kept.example'"
        )
        assert kept.fetchone() == before
    again.process.terminate()  # the runner alone
    again.process.wait(timeout=20)
    assert again.processes() == []


def test_a_taken_port_is_named_with_the_remedy(start: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        run = start(other.getsockname()[1])
        assert run.process.wait(timeout=20) == 1
    assert "make run PORT=" in run.log.read_text()
    assert run.processes() == []


def test_a_second_runner_on_the_same_folder_is_refused(start: Start, run_dir: Path, port: int) -> None:
    import fcntl

    Services(run_dir, given={}).make_run_dir()
    with open(run_dir / "runner.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = start(port)
        assert run.process.wait(timeout=20) == 1
    assert "It runs already" in run.log.read_text()

"""`make run`: the whole program on one's own machine. Starts the services, brings everything up to date, starts worker,
beat and web server as processes of their own, watches them, and stops all of it at Ctrl-C, leaving none behind.
"""

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

import psycopg

from config.services import Services, Unavailable

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
STOP_WITHIN = 5.0  # seconds for the processes; the services need another or two
SHORTEST_LIFE = 10.0  # a process that ends sooner would only end again


class Stopped(Exception):
    """Somebody wants it to end."""


class Failed(Exception):
    """It can't go on; the message says why."""


@dataclass
class Process:
    """One of the processes, with its own log; it is started again when it dies."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path | None = None  # None: the terminal
    began: float = 0.0
    running: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        self.began = time.monotonic()
        with contextlib.ExitStack() as stack:
            output = stack.enter_context(open(self.log, "ab")) if self.log else None
            # Its own session: Ctrl-C in the terminal reaches this runner only, which stops the others in order.
            self.running = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def status(self) -> int | None:
        """None as long as it runs."""
        return self.running.poll() if self.running else None

    def end(self) -> None:
        if self.running and self.status() is None:
            self.running.terminate()

    def kill(self) -> None:
        """End at once whatever is left of it and of the processes that it started: it heads a group of its own."""
        if self.running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log else []
        return "\n".join(f"    {line[:300]}" for line in lines[-15:])


def end_with_parent() -> None:
    """On Linux the kernel stops a process whose runner was killed; elsewhere the next run finds the port taken."""
    if sys.platform == "linux":
        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGTERM)


class Runner:
    def __init__(self, services: Services, port: int) -> None:
        self.services = services
        self.port = port
        self.logs = services.run_dir / "logs"
        self.environment: dict[str, str] = {}
        self.processes: list[Process] = []
        self.interrupted = False
        self.looked_at_services = 0.0

    def interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """Only noted here: an exception amid the start of a service could leave it behind."""
        self.interrupted = True

    def pause(self, seconds: float) -> None:
        if self.interrupted:
            raise Stopped
        time.sleep(seconds)

    def run(self) -> None:
        began = time.monotonic()
        self.services.make_run_dir()
        with only_one(self.services.run_dir), free_port(self.port):
            try:
                self.services.start()
                self.prepare()
                self.start_worker_and_beat()
                self.start_web()
                self.greet(time.monotonic() - began)
                while True:
                    self.pause(0.3)
                    self.look_after()
            finally:
                self.stop()

    def prepare(self) -> None:
        self.logs.mkdir(exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.unlink()
        counts = self.services.run_dir / "counts"
        shutil.rmtree(counts, ignore_errors=True)
        counts.mkdir()
        self.environment = {
            **os.environ,
            **self.services.addresses(),
            "QAMTU_RUN_DIR": str(self.services.run_dir),
            "PROMETHEUS_MULTIPROC_DIR": str(counts),
            "BIND": f"{HOST}:{self.port}",
            "SITE_URL": os.environ.get("SITE_URL") or f"http://{HOST}:{self.port}",
            "PYTHONUNBUFFERED": "1",
        }
        preparation = Process("preparation", [sys.executable, "-m", "config.prepare"], self.environment)
        preparation.start()
        try:
            while preparation.status() is None:
                self.pause(0.1)
            if preparation.status():
                raise Failed("The preparation failed; the lines above say why.")
        finally:
            preparation.kill()

    def start_worker_and_beat(self) -> None:
        """Before the web server: whoever finds the site open finds its figures looked after, too."""
        self.launch_celery("worker", "--concurrency=2", "--without-mingle", "--without-gossip")
        self.launch_celery("beat", f"--schedule={self.services.run_dir}/beat", "--pidfile=")
        self.wait_for("the first task of worker and beat", self.both_work, seconds=120)

    def launch_celery(self, kind: str, *options: str) -> None:
        # Celery warns of root's rights at each start; nobody is served from this machine but its owner.
        self.launch(kind, [sys.executable, "-W", "ignore", "-m", "celery", "-A", "config", kind, *options])

    def both_work(self) -> bool:
        began = max(process.began for process in self.processes)
        lately = """SELECT count(*) FROM institutions_heartbeat
            WHERE name IN ('worker', 'beat') AND beat_at > clock_timestamp() - make_interval(secs => %s)"""
        with psycopg.connect(self.environment["DATABASE_URL"], connect_timeout=5) as database:
            row = database.execute(lately, [time.monotonic() - began]).fetchone()
        return row == (2,)

    def start_web(self) -> None:
        config = ROOT / "config/gunicorn.py"
        self.launch(
            "web", [sys.executable, "-m", "gunicorn", f"--config={config}", "config.wsgi:application"]
        )
        self.wait_for("the web server", lambda: answers(self.port), seconds=120)

    def launch(self, name: str, command: list[str]) -> None:
        process = Process(name, command, self.environment, self.logs / f"{name}.log")
        process.start()
        self.processes.append(process)

    def wait_for(self, what: str, true: Callable[[], bool], *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                raise Failed(f"Waited {seconds:.0f} s in vain for {what}; see {self.logs}.")
            self.pause(0.1)
            self.look_after()

    def look_after(self) -> None:
        """Start again what has died, once it has lived for a while; what dies at once would go on doing so."""
        for process in self.processes:
            if (status := process.status()) is None:
                continue
            say(f"{process.name} has ended by itself (status {status}). The end of {process.log}:")
            say(process.last_words())
            if time.monotonic() - process.began < SHORTEST_LIFE:
                raise Failed(f"{process.name} does not stay alive.")
            process.kill()
            process.start()
            say(f"{process.name} was started again.")
        if time.monotonic() - self.looked_at_services > 3:
            self.looked_at_services = time.monotonic()
            if again := self.services.start():
                say(f"{' and '.join(again)} had ended and was started again.")

    def stop(self) -> None:
        say("stopping ...")
        deadline = time.monotonic() + STOP_WITHIN
        for process in reversed(self.processes):
            process.end()
        while any(process.status() is None for process in self.processes) and time.monotonic() < deadline:
            time.sleep(0.05)
        for process in self.processes:
            process.kill()
        self.services.stop()
        say("stopped.")

    def greet(self, seconds: float) -> None:
        accounts = self.services.run_dir / "accounts.txt"
        say(f"\nQamtu is ready after {seconds:.0f} s: http://{HOST}:{self.port}/\n")
        if accounts.exists():
            say(f"Demonstration accounts (all of them in {accounts}):")
            for line in some_of(accounts.read_text(encoding="utf-8").splitlines()):
                say(f"  {line}")
        if "EMAIL_URL" not in os.environ:
            say(f"\nLetters are not sent: they lie in {self.services.run_dir / 'letters'}.")
        say(f"\nLogs: {self.logs}. Ctrl-C stops everything; the data stays for the next time.\n")


def some_of(lines: list[str]) -> list[str]:
    """The ministry's accounts, and the first of each kind of a university's."""
    chosen = [line for line in lines if "@ministry.demo" in line]
    for kind in ("editor@", "signatory@", "viewer@"):
        chosen += [line for line in lines if line.lstrip().startswith(kind)][:1]
    return chosen


@contextlib.contextmanager
def only_one(run_dir: Path) -> Iterator[IO[str]]:
    """Two runners on one run folder would stop each other's services."""
    with open(run_dir / "runner.lock", "a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(f"It runs already, from this folder ({run_dir}). Stop that one first.") from None
        yield lock


@contextlib.contextmanager
def free_port(port: int) -> Iterator[None]:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise Failed(
                f"Port {port} can't be used: {error.strerror}. Choose another: make run PORT=8001"
            ) from None
    yield


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=20) as line:
        line.sendall(f"GET /healthz HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())
        return b" 200 " in line.recv(64)
    return False


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    try:
        runner = Runner(Services(), int(os.environ.get("PORT") or 8000))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, runner.interrupt)
        runner.run()
    except Stopped:
        pass
    except (Failed, Unavailable) as problem:
        sys.exit(f"make run: {problem}")


if __name__ == "__main__":
    main()

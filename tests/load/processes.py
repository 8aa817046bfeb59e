"""Steps of a benchmark in processes of their own, each of which reads the settings once."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def python(environment: Mapping[str, str], *arguments: str, stdout: int | None = None) -> None:
    command = [sys.executable, "-W", "ignore", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=stdout)


def manage(environment: Mapping[str, str], *command: str) -> None:
    python(environment, "manage.py", *command, stdout=subprocess.DEVNULL)

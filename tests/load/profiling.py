"""Where the web processes spend their time under load, by samples that py-spy takes from outside."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

SECONDS = 30
SHOWN = 12
OURS = ("institutions/", "curricula/", "reports/", "config/")


def start(pid: int, target: Path) -> "subprocess.Popen[bytes]":
    """Beside the load; it costs a few hundredths of a core, and ends by itself."""
    program = shutil.which("py-spy", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if program is None:
        sys.exit("LOAD_PROFILE=on needs py-spy: .venv/bin/python -m pip install py-spy")
    how = [
        "--subprocesses",
        "--format=raw",
        "--full-filenames",
        f"--duration={SECONDS}",
        f"--output={target}",
    ]
    command = [program, "record", *how, f"--pid={pid}"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def told(target: Path, root: Path) -> Iterator[str]:
    """Functions by the share of samples in which they were at work: themselves, and ours with all that they called."""
    alone: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for line in target.read_text().splitlines():
        stack, _space, number = line.rpartition(" ")
        calls = [named(call, root) for call in stack.split(";")]
        alone[calls[-1]] += int(number)
        within.update({call: int(number) for call in set(calls) if call.startswith(OURS)})
    whole = alone.total() or 1
    yield f"\nweb processes, {whole} samples in {SECONDS} s"
    yield from shares("at work themselves:", alone.most_common(SHOWN), whole)
    yield from shares("ours, with what they called:", within.most_common(2 * SHOWN), whole)


def named(call: str, root: Path) -> str:
    """`function (/long/path/file.py:12)` as `file.py function`, one name for all lines of it."""
    name, _bracket, place = call.partition(" (")
    path = place.rpartition(":")[0].removeprefix(f"{root}/")
    return f"{path.rpartition('site-packages/')[2]} {name}"


def shares(heading: str, found: Iterable[tuple[str, int]], whole: int) -> Iterator[str]:
    yield heading
    for name, number in found:
        yield f"{100 * number / whole:6.1f} %  {name}"

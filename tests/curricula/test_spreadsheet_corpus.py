"""Each file of the corpus yields what it must: in seconds, in little memory, and with every row accounted for."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from curricula.spreadsheets.rows import read_file
from tests.curricula.corpus import CORPUS

MEGABYTES = 300
SECONDS = 5


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 60


@pytest.mark.parametrize("name", CORPUS)
def test_a_file_of_the_corpus_yields_what_it_must(name: str) -> None:
    case = CORPUS[name]
    content = case.make()
    started = time.process_time()
    reading = read_file(content, case.file_name)
    taken = time.process_time() - started
    assert (reading.read, reading.accepted, reading.rejected, reading.blank) == case.counts
    assert reading.read == reading.accepted + reading.rejected + reading.blank
    assert list(dict.fromkeys(fault.code for fault in reading.faults)) == case.codes
    assert len(reading.rows) == reading.accepted
    if case.ignored_sheets:
        assert reading.ignored_sheets == case.ignored_sheets
    assert taken < SECONDS or name == "a full file"
    with translation.override("en"):
        for fault in reading.faults[:50]:
            assert fault.message
            assert "%(" not in fault.message


READ_ALL = """
import json, sys, time
import django; django.setup()
from curricula.spreadsheets.rows import read_file

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))

for name, path, file_name in json.loads(sys.stdin.read()):
    with open("/proc/self/clear_refs", "w") as counter:
        counter.write("5")  # the peak is counted anew
    with open(path, "rb") as file:
        content = file.read()
    started = time.process_time()
    reading = read_file(content, file_name)
    print(json.dumps([name, peak(), time.process_time() - started, reading.read]), flush=True)
    del reading, content
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells a process its peak")
def test_no_file_takes_more_than_300_megabytes(tmp_path: Path) -> None:
    """The whole of a process, Django and all, measured as the system counts it; made elsewhere, read there."""
    files = []
    for number, (name, case) in enumerate(CORPUS.items()):
        path = tmp_path / str(number)
        path.write_bytes(case.make())
        files.append([name, str(path), case.file_name])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ_ALL],
        input=json.dumps(files),
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
    )
    told: list[list[Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(CORPUS)
    assert {name: megabytes for name, megabytes, *_rest in told if megabytes >= MEGABYTES} == {}

"""What a release is made of is written from the lock; an audit that could not ask says so, and fails."""

import json
import re

import pytest

from config import audit


def test_the_bill_names_every_locked_package_with_the_hashes_of_its_files() -> None:
    lock = audit.LOCKS["production"].read_text("utf-8")
    pinned = set(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE))
    written = json.loads(audit.bill())
    assert written["specVersion"] == "1.6"
    assert {(one["name"], one["version"]) for one in written["components"]} == pinned
    hashes = [
        one["content"]
        for component in written["components"]
        for reference in component["externalReferences"]
        for one in reference["hashes"]
    ]
    assert sorted(hashes) == sorted(re.findall(r"--hash=sha256:(\w+)", lock))


@pytest.mark.parametrize(
    ("packages", "result"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], audit.OK),
        (
            [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}],
            audit.VULNERABLE,
        ),
        ([{"name": "a", "skip_reason": "not found"}], audit.UNKNOWN),
        (
            [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}],
            audit.UNKNOWN,
        ),
        ([], audit.UNKNOWN),
    ],
)
def test_silence_is_no_answer(packages: list[object], result: int) -> None:
    assert audit.judge(json.dumps({"dependencies": packages}))[0] == result


@pytest.mark.parametrize("answer", ["", "no network", "[]", "{}"])
def test_neither_is_anything_else(answer: str) -> None:
    assert audit.judge(answer)[0] == audit.UNKNOWN


def test_everything_that_is_installed_is_locked_with_hashes() -> None:
    for lock in (*audit.LOCKS.values(), audit.ROOT / "requirements/base.txt"):
        for block in re.split(r"\n(?=\S)", lock.read_text("utf-8").strip()):
            assert "--hash=sha256:" in block, block
            assert "://" not in block, "only from the index, never from an address"

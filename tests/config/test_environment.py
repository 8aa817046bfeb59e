"""A variable that is missing or wrong stops the start, and the message says which, its value and the remedy."""

import os
import subprocess
import sys

import pytest

from tests.workers import ROOT

RIGHT = {
    "SECRET_KEY": "q8Zr2mW6vT1xYb4nL7cKd9sHf3gJp5aEuRiOoPwQzXyVtNsMlB",
    "ALLOWED_HOSTS": "qamtu.example",
    "DATABASE_URL": "postgres://qamtu:word@db.example:5432/qamtu",
    "REDIS_URL": "redis://:word@redis.example:6379/0",
}


def load(**variables: str | None) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, as a server would."""
    settings = {name: value for name, value in {**RIGHT, **variables}.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", "import config.settings as s; print(s.DEBUG, s.HTTPS, s.DEMO, s.DATABASES)"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "QAMTU_RUN_DIR": "/nonexistent", **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_server_needs_four_variables_and_is_safe_with_them() -> None:
    done = load()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("False True False ")
    assert "'HOST': 'db.example'" in done.stdout


@pytest.mark.parametrize("name", RIGHT)
def test_a_missing_variable_is_named_with_the_remedy(name: str) -> None:
    done = load(**{name: None})
    assert done.returncode != 0
    assert f"{name} is not set. " in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "django-insecure-" + "a1b2c3" * 10),
        ("DATABASE_URL", "sqlite:///db.sqlite3"),
        ("REDIS_URL", "memcached://x"),
        ("DEBUG", "flase"),
        ("HTTPS", "maybe"),
        ("DATABASE_POOL", "0"),
    ],
)
def test_a_wrong_value_is_shown_with_the_remedy(name: str, value: str) -> None:
    done = load(**{name: value})
    assert done.returncode != 0
    last = done.stderr.splitlines()[-1]
    assert f"{name}={value!r} is wrong" in last
    assert last.endswith(".")


def test_only_web_processes_hold_a_pool() -> None:
    assert "'pool'" not in load().stdout
    assert "'pool'" in load(QAMTU_PROCESS="web").stdout

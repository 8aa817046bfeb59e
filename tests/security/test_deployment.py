"""A server that is set up wrongly does not start; one that is set up rightly has nothing to complain of."""

import secrets
import subprocess
import sys

import pytest

from tests.config.test_environment import RIGHT, load
from tests.workers import ROOT


def manage(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    said = {**RIGHT, "SECRET_KEY": secrets.token_urlsafe(60), "BEHIND_PROXY": "on", **variables}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": "", "QAMTU_RUN_DIR": "/nonexistent", **said},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_checks_of_a_deployment_are_silent() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "on"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "django-insecure-" + "q8Zr2mW6vT1xYb4nL7cKd9sHf3gJp5aEuRiO"),
        ("DATABASE_URL", "sqlite:///db.sqlite3"),
    ],
)
def test_a_server_refuses_to_start_with(name: str, value: str) -> None:
    done = load(**{name: value})
    assert done.returncode != 0
    assert f"{name}={value!r} is wrong" in done.stderr.splitlines()[-1]


def test_cookies_are_of_this_host_alone_and_out_of_reach_of_scripts() -> None:
    names = "SESSION_COOKIE CSRF_COOKIE LANGUAGE_COOKIE"
    shown = load(
        program=f"import config.settings as s; [print(getattr(s, f'{{c}}_NAME'), getattr(s, f'{{c}}_SECURE')) "
        f"for c in '{names}'.split()]"
    ).stdout.splitlines()
    assert shown == ["__Host-sessionid True", "__Host-csrftoken True", "__Host-django_language True"]


def test_programs_that_open_files_of_strangers_expand_nothing() -> None:
    """openpyxl is here only for tests; what reads a stranger's workbook asks defusedxml."""
    done = load(program="import curricula.spreadsheets.xlsx as x; print(x.ElementTree.__name__)")
    assert done.stdout.strip() == "defusedxml.ElementTree", done.stderr


def test_messages_between_processes_are_json_with_names_and_numbers_alone() -> None:
    from celery import current_app

    from config import celery as started  # noqa: F401 - the program's own

    assert current_app.conf.accept_content == ["json"]
    assert current_app.conf.task_serializer == "json"
    assert current_app.conf.result_backend is None

"""A variable that is missing or wrong stops the start, and the message says which, its value and the remedy."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workers import ROOT

RIGHT = {
    "SECRET_KEY": "q8Zr2mW6vT1xYb4nL7cKd9sHf3gJp5aEuRiOoPwQzXyVtNsMlB",
    "ALLOWED_HOSTS": "qamtu.example",
    "DATABASE_URL": "postgres://qamtu:word@db.example:5432/qamtu?sslmode=verify-full",
    "REDIS_URL": "rediss://:word@redis.example:6379/0",
    "EMAIL_URL": "smtp+tls://qamtu:word@mail.example:587",
}


SHOWN = "import config.settings as s; print(s.DEBUG, s.HTTPS, s.DEMO, s.DATABASES)"


def load(*, program: str = SHOWN, **variables: str | None) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, as a server would."""
    settings = {name: value for name, value in {**RIGHT, **variables}.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "QAMTU_RUN_DIR": "/nonexistent", **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_server_needs_five_variables_and_is_safe_with_them() -> None:
    done = load()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("False True False ")
    assert "'HOST': 'db.example'" in done.stdout


@pytest.mark.parametrize("name", RIGHT)
def test_a_missing_variable_is_named_with_the_remedy(name: str) -> None:
    done = load(**{**RIGHT, name: None})  # type: ignore[arg-type]
    assert done.returncode != 0
    assert f"{name} is not set. " in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "django-insecure-" + "a1b2c3" * 10),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "https://qamtu.example"),
        ("CSRF_TRUSTED_ORIGINS", "qamtu.example"),
        ("ALLOWED_HOSTS", "qamtu.example:443"),
        ("SECOND_FACTOR", "nearly"),
        ("COSTLY_RATE", "often"),
        ("CONTACT_EMAIL", "nobody"),
        ("BEHIND_PROXY", "perhaps"),
        ("STATIC_HASHED", "perhaps"),
        ("DATABASE_URL", "sqlite:///db.sqlite3"),
        ("REDIS_URL", "memcached://x"),
        ("DEBUG", "flase"),
        ("HTTPS", "maybe"),
        ("DATABASE_POOL", "0"),
        ("EMAIL_URL", "mail.example"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "memorymail://"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "Qamtu <a@b.kz>\nBcc: c@d.kz"),
        ("BREACHED_PASSWORDS", "/nonexistent/list.txt"),
        ("CLAMD_URL", "tcp://scanner.example"),
        ("CLAMD_URL", "unix://clamd.ctl"),
        ("SITE_URL", "qamtu.example"),
        ("SITE_URL", "http://qamtu.example"),
        ("SITE_URL", "https://elsewhere.example"),
        ("SITE_URL", "https://qamtu.example/app"),
        ("WEBHOOKS_TO_THIS_MACHINE", "on"),
        ("API_RATE", "often"),
        ("API_RATE", "0/min"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_shown_with_the_remedy(name: str, value: str) -> None:
    done = load(**{name: value})
    assert done.returncode != 0
    last = done.stderr.splitlines()[-1]
    assert f"{name}={value!r} is wrong" in last
    assert last.endswith(".")


def test_a_token_that_could_be_guessed_stops_the_start_and_is_not_shown() -> None:
    shown = "import config.settings as s; print(len(s.METRICS_TOKEN))"
    assert load(program=shown, METRICS_TOKEN="q8Zr2mW6vT1xYb4n").stdout == "16\n"
    last = load(METRICS_TOKEN="easyword").stderr.splitlines()[-1]
    assert "METRICS_TOKEN is wrong: less than 16 characters" in last
    assert "easyword" not in last


def test_a_key_of_before_that_is_wrong_stops_the_start_and_is_not_shown() -> None:
    right = RIGHT["SECRET_KEY"][::-1]
    shown = "import config.settings as s; print(len(s.SECRET_KEY_FALLBACKS))"
    assert load(program=shown, SECRET_KEY_FALLBACKS=f"{right}, {right[::-2] * 2}").stdout == "2\n"
    done = load(SECRET_KEY_FALLBACKS=f"{right},short")
    assert "SECRET_KEY_FALLBACKS is wrong: too short" in done.stderr.splitlines()[-1]
    assert right not in done.stderr


def test_a_secret_may_stand_in_a_file_that_a_vault_writes(tmp_path: Path) -> None:
    key = RIGHT["SECRET_KEY"][::-1]
    file = tmp_path / "key"
    file.write_text(f"{key}\n")
    shown = "import config.settings as s; print(s.SECRET_KEY)"
    assert load(program=shown, SECRET_KEY=None, SECRET_KEY_FILE=str(file)).stdout == f"{key}\n"
    both = load(SECRET_KEY_FILE=str(file)).stderr.splitlines()[-1]
    assert "SECRET_KEY and SECRET_KEY_FILE are both set. Keep one of them." in both
    gone = load(SECRET_KEY=None, SECRET_KEY_FILE="/nonexistent/key").stderr.splitlines()[-1]
    assert "SECRET_KEY_FILE='/nonexistent/key' can't be read: No such file" in gone
    file.write_text("short")
    assert "is wrong: too short" in load(SECRET_KEY=None, SECRET_KEY_FILE=str(file)).stderr.splitlines()[-1]


def test_the_owner_s_variables_may_have_a_file_where_the_others_have_none_and_the_other_way_round(
    tmp_path: Path,
) -> None:
    """/etc/qamtu/owner.env is read after qamtu.env, and can take nothing away."""
    shown = "import config.settings as s; print(s.DATABASE_URL)"
    owner = RIGHT["DATABASE_URL"].replace("qamtu:word", "owner:other")
    file = tmp_path / "address"
    file.write_text(owner)
    assert load(program=shown, DATABASE_URL="", DATABASE_URL_FILE=str(file)).stdout == f"{owner}\n"
    assert load(program=shown, DATABASE_URL=owner, DATABASE_URL_FILE="").stdout == f"{owner}\n"


def test_a_certificate_may_stand_for_the_password_of_the_database() -> None:
    address = "postgres://app@db.example/qamtu?sslmode=verify-full&sslcert=/run/app.crt&sslkey=/run/app.key"
    shown = "import config.settings as s; print(s.DATABASES['default']['OPTIONS'])"
    told = load(program=shown, DATABASE_URL=address).stdout
    assert "'sslcert': '/run/app.crt', 'sslkey': '/run/app.key'" in told


@pytest.mark.parametrize(
    ("name", "value"), [("WEB_CONCURRENCY", "two"), ("PROMETHEUS_MULTIPROC_DIR", "/nonexistent/counts")]
)
def test_what_the_web_server_is_told_is_looked_at_as_well(name: str, value: str) -> None:
    assert load(program="import config.gunicorn").returncode == 0
    done = load(program="import config.gunicorn", **{name: value})
    assert done.returncode != 0
    assert f"{name}={value!r} is wrong" in done.stderr.splitlines()[-1]


PLAIN = {
    "DATABASE_URL": "postgres://qamtu:word-db@10.0.0.5:5432/qamtu?sslmode=require",
    "REDIS_URL": "redis://:word-rd@redis.example:6379/0",
    "EMAIL_URL": "smtp://qamtu:word-ml@mail.example",
    "CLAMD_URL": "tcp://scanner.example:3310",
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_line_to_another_host_is_refused_unless_the_network_is_private(name: str) -> None:
    done = load(**{name: PLAIN[name]})
    last = done.stderr.splitlines()[-1]
    assert done.returncode != 0
    assert name in last
    assert "is not encrypted" in last
    assert "word-" not in done.stderr  # nor is its password shown


def test_plain_lines_are_taken_where_nobody_listens() -> None:
    assert load(**PLAIN, PRIVATE_NETWORK="on").returncode == 0
    assert "127.example.kz is not encrypted" in load(REDIS_URL="redis://127.example.kz/0").stderr
    here = {name: re.sub(r"10\.0\.0\.5|\w+\.example", "127.0.0.1", url) for name, url in PLAIN.items()}
    assert load(**here).returncode == 0, here
    assert load(**PLAIN, HTTPS="off").returncode == 0
    socket = {
        "DATABASE_URL": "postgres:///qamtu?host=/run/postgresql",
        "REDIS_URL": "unix:///run/redis.sock?db=0",
    }
    assert load(**socket).returncode == 0


def test_only_web_processes_hold_a_pool() -> None:
    assert "'pool'" not in load().stdout
    assert "'pool'" in load(QAMTU_PROCESS="web").stdout


def mail(**variables: str | None) -> list[str]:
    """What the settings of e-mail come to, a line each."""
    names = "SITE_URL EMAIL_BACKEND EMAIL_HOST EMAIL_PORT EMAIL_USE_TLS EMAIL_FILE_PATH DEFAULT_FROM_EMAIL"
    done = load(
        program=f"import config.settings as s; [print(getattr(s, name)) for name in '{names}'.split()]",
        **variables,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_letters_go_to_the_server_that_is_named_and_lead_to_the_site() -> None:
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    sender = "Qamtu <no-reply@qamtu.example>"
    assert mail() == ["https://qamtu.example", smtp, "mail.example", "587", "True", "None", sender]
    told = mail(
        EMAIL_URL="smtp://mail.example",
        PRIVATE_NETWORK="on",
        SITE_URL="https://qamtu.example/",
        MAIL_FROM="a@b.kz",
    )
    assert told == ["https://qamtu.example", smtp, "mail.example", "25", "False", "None", "a@b.kz"]


def test_on_ones_own_machine_letters_lie_in_a_folder() -> None:
    told = mail(EMAIL_URL=None, HTTPS="off", ALLOWED_HOSTS="127.0.0.1,localhost")
    assert told[0] == "http://127.0.0.1"
    assert told[1] == "django.core.mail.backends.filebased.EmailBackend"
    assert told[5:] == ["/nonexistent/letters", "Qamtu <no-reply@localhost>"]


def test_where_hosts_are_patterns_the_site_must_be_named() -> None:
    assert "SITE_URL is not set. " in load(ALLOWED_HOSTS=".qamtu.example").stderr.splitlines()[-1]
    assert (
        mail(ALLOWED_HOSTS=".qamtu.example", SITE_URL="https://a.qamtu.example")[0]
        == "https://a.qamtu.example"
    )

"""What stands in deploy/ is what the documents say: commands, variables, limits; pinned, hardened, without secrets."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection

from tests.config.test_environment import load
from tests.workers import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("qamtu:")}
WEBS = ("web-1", "web-2")
EXAMPLES = ("qamtu.env.example", "owner.env.example", ".env.example")


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def variables(example: str) -> dict[str, str]:
    lines = text(f"deploy/{example}").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def told_commands() -> dict[str, str]:
    """Of the table of processes in docs/operations.md."""
    rows = re.findall(r"^\| (\w+) \| `\.venv/bin/([^`]+)` \|", text("docs/operations.md"), re.MULTILINE)
    return dict(rows)


def test_processes_have_the_commands_of_the_operations_page() -> None:
    told = told_commands()
    assert told.keys() == {"web", "worker", "beat"}
    units = {
        path.stem.removeprefix("qamtu-").rstrip("@"): re.search(
            r"^ExecStart=(.*)$", path.read_text(), re.MULTILINE
        )
        for path in UNITS
    }
    for name, command in told.items():
        unit = units[name]
        assert unit
        assert unit[1] == f"/srv/qamtu/.venv/bin/{command}"
        for service in WEBS if name == "web" else (name,):
            assert " ".join(SERVICES[service]["command"]) == f".venv/bin/{command}"


@pytest.mark.parametrize("name", ["backup", "verify_backup"])
def test_backups_are_made_and_proved_by_the_commands_of_the_operations_page(name: str) -> None:
    assert f"manage.py {name} /var/backups/qamtu" in text("docs/operations.md")
    assert any(f"manage.py {name} /var/backups/qamtu" in path.read_text() for path in UNITS)
    assert f"manage.py {name} /srv/qamtu/backups" in SERVICES["backup"]["command"][-1]


def test_what_prepares_the_containers_is_what_sets_a_server_up() -> None:
    steps = re.findall(r"manage\.py (.+)", SERVICES["preparation"]["command"][-1])
    assert steps == ["check --deploy", "migrate", "load_reference_data", "collectstatic --noinput"]
    told = text("docs/operations.md").partition("## Setting up")[2]
    places = [told.index(f"manage.py {step}") for step in steps]
    assert places == sorted(places)


def test_every_variable_is_one_of_the_configuration_page() -> None:
    known = set(re.findall(r"`([A-Z_]+)`", text("docs/configuration.md")))
    used = set(variables("qamtu.env.example")) | set(variables("owner.env.example"))
    for service in OURS.values():
        used |= set(service["environment"])
    for path in UNITS:
        used |= set(re.findall(r"^Environment=(\w+)=", path.read_text(), re.MULTILINE))
    assert used - known == set()


def test_what_the_file_asks_for_is_in_its_example() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?in deploy/\.env\}", text("deploy/docker-compose.yml")))
    assert asked == set(variables(".env.example"))
    assert not re.search(r"(?<!\$)\$\{?\w+(?!\w*:\?)\}", text("deploy/docker-compose.yml")), (
        "one may be missing"
    )


def test_a_server_starts_with_the_example_once_its_secrets_are_filled_in() -> None:
    given = variables("qamtu.env.example")
    assert "SECRET_KEY is not set. " not in load(**given).stderr
    assert load(**given).returncode != 0, (
        "an example with a key that works would be a key that everybody knows"
    )
    done = load(**given | {"SECRET_KEY": "q8Zr2mW6vT1xYb4nL7cKd9sHf3gJp5aEuRiOoPwQzXyVtNsMlB"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("False True False ")


def test_no_file_holds_a_secret() -> None:
    for example in EXAMPLES:
        for name, value in variables(example).items():
            if name.endswith(("KEY", "PASSWORD", "TOKEN")):
                assert value == "", f"{example}: {name}"
    ignored = text(".gitignore").splitlines()
    assert {"deploy/.env", "deploy/*.env"} <= set(ignored)
    allowed = [line.removeprefix("!") for line in text(".dockerignore").splitlines() if line.startswith("!")]
    assert [
        path for path in allowed if path.startswith(("deploy", ".", "tests")) or not (ROOT / path).exists()
    ] == []


def test_every_image_and_every_package_is_pinned() -> None:
    images = {service["image"] for service in SERVICES.values()}
    images |= set(re.findall(r"^FROM (\S+)", text("deploy/Dockerfile"), re.MULTILINE))
    assert len(images) == 5
    assert "syntax=" not in text("deploy/Dockerfile"), "an image that nobody pinned would read the file"
    assert [image for image in images if not re.search(r":\d+\.\d+(\.\d+)?(-[\w-]+)?$", image)] == []
    assert "--require-hashes" in text("deploy/Dockerfile")
    version = re.search(r'^version = "(.+)"$', text("pyproject.toml"), re.MULTILINE)
    assert version
    assert {service["image"] for service in OURS.values()} == {f"qamtu:{version[1]}"}
    assert f"--tag qamtu:{version[1]} " in text("deploy/Dockerfile")


def test_containers_have_no_more_rights_and_room_than_they_need() -> None:
    assert re.findall(r"^USER (\w+)$", text("deploy/Dockerfile"), re.MULTILINE) == ["qamtu"]
    for name, service in SERVICES.items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        assert "healthcheck" in service or name == "preparation", name
        assert service["restart"] == ("no" if name == "preparation" else "unless-stopped"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service.get("read_only", False) == (name != "postgres"), name
        assert ("cap_add" in service) == (name in {"postgres", "nginx"}), name
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    lasting = [service for name, service in SERVICES.items() if name != "preparation"]
    room = sum(int(one["deploy"]["resources"]["limits"]["memory"].removesuffix("m")) for one in lasting)
    assert room <= 4096


def test_only_who_migrates_and_saves_is_the_owner_of_the_tables() -> None:
    owners = {
        name
        for name, service in OURS.items()
        if "postgres://qamtu:" in service["environment"]["DATABASE_URL"]
    }
    assert owners == {"preparation", "backup"}
    units = {path.stem for path in UNITS if "EnvironmentFile=/etc/qamtu/owner.env" in path.read_text()}
    assert units == {"qamtu-backup", "qamtu-verify"}


@pytest.mark.django_db
def test_accounts_of_the_database_are_made_for_servers_and_containers_by_one_file() -> None:
    """Under other names, for accounts belong to the whole server; given back at the end with the transaction."""
    said = re.sub(
        r"^(?:\\set .*|BEGIN;|COMMIT;)$", "", text("deploy/postgresql/accounts.sql"), flags=re.MULTILINE
    )
    for name in ("app", "qamtu_institution"):
        said = re.sub(rf"\b{name}\b", f"tried_{name}", said)
    with connection.cursor() as cursor:
        cursor.execute(said.replace(':"owner"', "CURRENT_USER"))
        cursor.execute("CREATE TABLE tried (id integer GENERATED ALWAYS AS IDENTITY)")
        cursor.execute(
            "SELECT has_table_privilege('tried_app', 'tried', 'SELECT, INSERT, UPDATE, DELETE'),"
            " has_table_privilege('tried_app', 'tried', 'TRUNCATE'),"
            " pg_has_role('tried_app', 'tried_qamtu_institution', 'SET'),"
            " pg_has_role('tried_app', 'tried_qamtu_institution', 'USAGE')"
        )
        assert cursor.fetchone() == (True, False, True, False)
    assert "CREATE ROLE" not in text("deploy/postgresql/first-start.sh")
    assert "--file=deploy/postgresql/accounts.sql" in text("docs/operations.md")


def test_the_database_of_containers_is_made_with_the_words_that_every_run_of_the_tests_makes_its_own_with() -> (
    None
):
    tried = re.search(r"place = \((.+)\)$", text("config/services.py"), re.MULTILINE)
    assert tried
    words = re.findall(r'"(--.+?)"', tried[1])
    assert len(words) == 4
    assert SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split() == [*words, "--data-checksums"]


def test_every_file_that_a_container_takes_from_here_is_there() -> None:
    taken = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service["volumes"]
        if volume.startswith("./")
    }
    assert [path for path in taken if not (DEPLOY / path).is_file()] == []
    changed = re.findall(r'"s[|/]([^|/]+)[|/]', SERVICES["nginx"]["command"][-1])
    assert changed == ["server 127.0.0.1:8000;", "qamtu.example"]
    assert [word for word in changed if word not in text("deploy/nginx/qamtu.conf")] == []
    assert "/etc/ssl/qamtu/fullchain.pem" in text("deploy/nginx/qamtu.conf")


def test_web_servers_that_take_turns_differ_in_their_socket_alone_and_nginx_asks_at_each() -> None:
    command = SERVICES["nginx"]["command"][-1]
    sockets = [SERVICES[name]["environment"]["BIND"].split(",")[0] for name in WEBS]
    assert re.findall(r"server (unix:\S+) max_fails=0;", command) == sockets
    same = [yaml.safe_dump(SERVICES[name]).replace(name, "web") for name in WEBS]
    assert same[0] == same[1]
    for service in (*(SERVICES[name] for name in WEBS), SERVICES["nginx"]):
        assert "sockets:/srv/qamtu/sockets" in {volume.removesuffix(":ro") for volume in service["volumes"]}
    account = re.search(r"useradd .*--uid (\d+) ", text("deploy/Dockerfile"))
    assert account
    assert f"uid={account[1]},mode=0711," in COMPOSE["volumes"]["sockets"]["driver_opts"]["o"]
    assert SERVICES["nginx"]["depends_on"].keys() == set(WEBS)


def test_an_update_renews_all_that_has_the_program_one_web_server_after_the_other() -> None:
    script = text("deploy/update")
    turns = re.search(r"^for web in (.+); do$", script, re.MULTILINE)
    assert turns
    assert turns[1].split() == list(WEBS)
    assert '--wait --wait-timeout 180 "$web" ||' in script
    rest = script.splitlines()[-1].partition("--no-build ")[2].split()
    assert {*WEBS, *rest, "preparation"} == OURS.keys()
    for service in OURS.values():
        assert all(not volume.startswith(".") for volume in service["volumes"]), (
            "the old folder could not be removed"
        )


def test_logs_of_nginx_are_not_hidden_in_its_memory() -> None:
    """/var/log/nginx is memory there, which hides the image's own links."""
    command = SERVICES["nginx"]["command"][-1]
    assert "/var/log/nginx" in SERVICES["nginx"]["tmpfs"]
    logs = re.findall(r"(?:access_log|error_log) /var/log/nginx/(\w+)\.log", text("deploy/nginx/qamtu.conf"))
    linked = re.search(r"for name in ([\w ]+); do ln -sf /dev/stdout", command)
    assert linked
    assert {*logs, "access"} == set(linked[1].split())
    assert "ln -sf /dev/stderr /var/log/nginx/error.log" in command


def test_folders_in_memory_belong_to_the_account_of_the_program() -> None:
    account = re.search(r"useradd .*--uid (\d+) ", text("deploy/Dockerfile"))
    assert account
    for service in OURS.values():
        folder, _, options = service["tmpfs"][-1].partition(":")
        assert folder == service["environment"]["QAMTU_RUN_DIR"]
        assert options == f"uid={account[1]},mode=0700"


def test_the_database_is_called_ready_only_where_it_answers_the_others() -> None:
    """While it is made it answers at its socket alone; and base-backup has no other account than the owner."""
    postgres = SERVICES["postgres"]
    assert {"pg_isready", "127.0.0.1"} <= set(postgres["healthcheck"]["test"])
    assert postgres["environment"]["PGUSER"] == postgres["environment"]["POSTGRES_USER"]


def test_one_service_builds_the_image_that_all_have() -> None:
    assert [name for name, service in SERVICES.items() if "build" in service] == ["preparation"]


def made_by(backups: Path, tmp_path: Path) -> list[str]:
    """The commands of one round of the service backup, with a python that only says what it was asked, and fails."""
    (tmp_path / ".venv/bin").mkdir(parents=True, exist_ok=True)
    python = tmp_path / ".venv/bin/python"
    python.write_text('#!/bin/sh\necho "$2"\nexit 1\n')
    python.chmod(0o755)
    loop = SERVICES["backup"]["command"][-1].replace("$$", "$").replace("/srv/qamtu/backups", str(backups))
    once = loop.replace("sleep 600", "break")
    done = subprocess.run(
        ["sh", "-uc", once], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


def test_the_backup_of_containers_is_made_once_a_day_and_again_after_a_failure(tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    assert made_by(backups, tmp_path) == ["backup", "verify_audit_trail"], "the first, which fails"
    (backups / "20261201T020000Z.part").mkdir()
    assert made_by(backups, tmp_path) == ["backup", "verify_audit_trail"], "a half one is none"
    (backups / "20261201T020000Z").mkdir()
    assert made_by(backups, tmp_path) == [], "started again on the same day"
    yesterday = time.time() - 25 * 60 * 60
    os.utime(backups / "20261201T020000Z", (yesterday, yesterday))
    assert made_by(backups, tmp_path) == ["backup", "verify_audit_trail"]


HARDENED = {
    "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "CapabilityBoundingSet=", "MemoryDenyWriteExecute=yes",
    "SystemCallFilter=@system-service", "UMask=0077",
}  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_units_run_hardened_and_never_as_root(unit: Path) -> None:
    lines = set(unit.read_text().splitlines())
    assert HARDENED - lines == set()
    assert lines & {"User=qamtu", "User=postgres"}
    assert ("RemoveIPC=yes" in lines) == ("User=qamtu" in lines), (
        "the database's memory is of the account postgres"
    )


def test_what_is_to_be_done_every_night_has_a_timer_and_is_told() -> None:
    timers = {path.stem for path in (DEPLOY / "systemd").glob("*.timer")}
    assert {"qamtu-backup", "qamtu-verify", "qamtu-trail", "qamtu-base-backup"} <= timers
    assert timers == {path.stem for path in UNITS if "Type=oneshot" in path.read_text()}
    told = text("docs/operations.md")
    assert [timer for timer in timers if f"{timer}.timer" not in told] == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    """With programs and an account that every machine has in the place of ours, or it complains of those alone."""
    for path in (DEPLOY / "systemd").iterdir():
        said = re.sub(r"(?<=^ExecStart=)\S+", "/bin/true", path.read_text(), flags=re.MULTILINE)
        said = re.sub(r"^User=.*$", "User=daemon", said, flags=re.MULTILINE)
        (tmp_path / path.name).write_text(said)
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_static_files_are_for_the_proxy_to_read_and_uploads_are_not() -> None:
    shown = (
        "import config.settings as s; print(s.STORAGES['staticfiles']['OPTIONS'], s.FILE_UPLOAD_PERMISSIONS)"
    )
    assert load(program=shown).stdout.split() == [
        "{'file_permissions_mode':", f"{0o644},", "'directory_permissions_mode':", f"{0o755}}}", f"{0o600}",
    ]  # fmt: skip

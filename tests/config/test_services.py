"""The embedded services: private, kept over a restart, and gone when they are stopped."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.services import Services, Unavailable, make_private, redis_server

pytestmark = pytest.mark.processes


@pytest.fixture
def run_dir() -> Iterator[Path]:
    """A run folder that everybody may pass, as in a checkout under /srv."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "run"


@pytest.fixture
def services(run_dir: Path) -> Iterator[Services]:
    services = Services(run_dir, durable=True, given={})
    yield services
    services.stop()


def connect(services: Services) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(services.addresses()["DATABASE_URL"], connect_timeout=5)


def test_start_gives_postgresql_18_and_a_redis_that_evicts_nothing(services: Services) -> None:
    assert services.start() == ["postgresql", "redis"]
    with connect(services) as database:
        version = database.info.server_version
        assert database.execute("SHOW fsync").fetchone() == ("on",)
        assert database.execute("SHOW listen_addresses").fetchone() == ("",)
    assert version // 10000 == 18
    settings = redis.Redis.from_url(services.addresses()["REDIS_URL"]).config_get("*")
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["appendonly"] == "yes"
    assert settings["port"] == "0"


def test_a_second_start_changes_nothing_and_what_was_stored_outlives_a_stop(services: Services) -> None:
    services.start()
    with connect(services) as database:
        database.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    redis.Redis.from_url(services.addresses()["REDIS_URL"]).set("kept", "42")
    assert services.start() == []
    services.stop()
    assert services.redis_pid() is None
    assert not services.postgresql_runs()
    services.start()
    with connect(services) as database:
        assert database.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert redis.Redis.from_url(services.addresses()["REDIS_URL"]).get("kept") == b"42"


def test_the_folders_are_closed_to_others(services: Services) -> None:
    services.start()
    for folder in (services.data, services.sockets, services.home / "redis", services.home / "logs"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((services.run_dir / "env").stat().st_mode) == 0o600


def test_a_closed_parent_folder_stays_closed_and_the_services_run_all_the_same(run_dir: Path) -> None:
    run_dir.parent.chmod(0o700)
    services = Services(run_dir, given={})
    try:
        services.start()
        with connect(services) as database:
            assert database.execute("SELECT 1").fetchone() == (1,)
        assert stat.S_IMODE(run_dir.parent.stat().st_mode) == 0o700
        if os.geteuid() == 0:
            assert run_dir not in services.home.parents
            assert Services(run_dir, given={}).home == services.home
    finally:
        services.stop()
        services.remove()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the services by another account")
def test_a_redis_that_only_root_can_run_is_left_alone(
    services: Services, run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run_dir.parent / "of-root"
    folder.mkdir(mode=0o700)
    program = folder / "redis-server"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    assert redis_server() != program
    assert "postgresql" in services.start()


def test_a_long_path_gets_its_sockets_elsewhere(run_dir: Path) -> None:
    services = Services(run_dir / ("long" * 30), given={})
    assert len(str(services.sockets / ".s.PGSQL.5432")) < 104
    assert services.home not in services.sockets.parents


def test_given_addresses_are_used_and_nothing_is_started(run_dir: Path) -> None:
    given = {"DATABASE_URL": "postgres://elsewhere/qamtu", "REDIS_URL": "redis://elsewhere"}
    services = Services(run_dir, given=given)
    assert services.start() == []
    assert services.addresses() == given
    assert "elsewhere" not in (run_dir / "env").read_text()


def test_the_secret_key_is_made_once(services: Services) -> None:
    services.start()
    first = (services.run_dir / "env").read_text()
    services.start()
    assert (services.run_dir / "env").read_text() == first
    assert len(first.split("SECRET_KEY=")[1].splitlines()[0]) >= 50


def test_a_folder_that_others_may_write_is_refused(run_dir: Path) -> None:
    run_dir.mkdir()
    run_dir.chmod(0o777)
    with pytest.raises(Unavailable, match="not a private folder"):
        make_private(run_dir, (os.geteuid(), os.getegid()))

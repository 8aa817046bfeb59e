"""After a mistake the whole database is brought back to the moment before it, from a base backup and the archived log:
with the settings and the script of deploy/postgresql, on a cluster of the test's own, as docs/operations.md has it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.services import Services, make_private
from institutions.trail import sealing
from reports.backups.making import make
from tests.factories import make_institution
from tests.reports.releases import make_country, make_release
from tests.workers import ROOT, eventually

DEPLOY = ROOT / "deploy" / "postgresql"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.usefixtures("english"),
]


class Cluster:
    """A server of its own that archives its log."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.wal, self.base = services.home / "wal", services.home / "base"

    @property
    def settings(self) -> Path:
        return self.services.data / "postgresql.auto.conf"

    @property
    def address(self) -> str:
        return self.services.addresses()["DATABASE_URL"]

    def archive(self) -> None:
        """With the settings of deploy/, in which only the folder is another one."""
        said = (DEPLOY / "qamtu.conf").read_text()
        assert "/srv/qamtu-recovery/wal/" in said
        for folder in (self.wal, self.base):
            make_private(folder, self.services.account or (os.geteuid(), os.getegid()))
        with open(self.settings, "a") as file:
            file.write(said.replace("/srv/qamtu-recovery/wal/", f"{self.wal}/"))

    def as_its_account(self, *command: str | Path) -> None:
        """A program of PostgreSQL's, or one that calls them."""
        account = self.services.account
        who = {"user": account[0], "group": account[1], "extra_groups": []} if account else {}
        programs = self.services.binary("pg_basebackup").parent
        environment = {
            "PATH": f"{programs}:{os.defpath}", "PGHOST": str(self.services.sockets), "PGUSER": "qamtu",
        }  # fmt: skip
        subprocess.run(command, cwd=self.services.home, env=environment, check=True, **who)  # type: ignore[call-overload]

    def sql(self, statement: str) -> str:
        with psycopg.connect(self.address, autocommit=True) as database:
            cursor = database.execute(statement)
            return str(cursor.fetchone()[0]) if cursor.description else ""  # type: ignore[index]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    services = Services(tmp_path / "cluster", durable=False, given={"REDIS_URL": "redis://127.0.0.1:1/0"})
    cluster = Cluster(services)
    services.start()
    cluster.archive()
    services.stop()
    services.start()
    yield cluster
    services.stop()
    services.remove()


PROOF = (
    "from django.core.management import call_command as do; do('verify_audit_trail'); do('rebuild_snapshot')"
)


def proved(cluster: Cluster) -> str:
    """What the two commands say that are run after each recovery."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", PROOF], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "DATABASE_URL": cluster.address},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_mistake_is_undone_by_going_back_to_the_moment_before_it(cluster: Cluster, tmp_path: Path) -> None:
    make_country((make_institution(code="kaznu"), "6B06101", "met"))
    sealing.seal(patience=2)
    make_release()
    cluster.sql("CREATE ROLE qamtu_institution")  # roles are the server's, not the database's
    # Where the account of the server gets to.
    dump = shutil.copy(make(tmp_path / "backups", keep=1) / "database.dump", cluster.services.home)
    script = shutil.copy(DEPLOY / "base-backup", cluster.services.home)
    os.chmod(dump, 0o644)
    cluster.as_its_account("pg_restore", "--exit-on-error", "--no-owner", "--dbname=qamtu", dump)
    cluster.as_its_account("sh", script, cluster.base, cluster.wal)
    (base,) = cluster.base.glob("*Z")

    cluster.sql("UPDATE institutions_region SET name_en = 'After the base backup'")
    moment = cluster.sql("SELECT clock_timestamp()")
    cluster.sql("SELECT pg_sleep(0.01)")
    cluster.sql("DROP TABLE reports_release CASCADE")
    last = cluster.sql("SELECT pg_walfile_name(pg_current_wal_lsn())")
    cluster.sql("SELECT pg_switch_wal()")
    eventually((cluster.wal / last).exists, "the last piece in the archive")

    # The machine is lost; nothing but base backup and archive is left.
    cluster.services.stop()
    recover(cluster, base, moment)
    assert cluster.sql("SELECT name_en FROM institutions_region") == "After the base backup"
    told = proved(cluster)
    assert "The trail is whole" in told
    assert "every cell agree" in told


def recover(cluster: Cluster, base: Path, moment: str) -> None:
    data = cluster.services.data
    shutil.rmtree(data)
    make_private(data, cluster.services.account or (os.geteuid(), os.getegid()))
    cluster.as_its_account("tar", "-xzf", base / "base.tar.gz", "-C", data)
    cluster.as_its_account("tar", "-xzf", base / "pg_wal.tar.gz", "-C", data / "pg_wal")
    with open(cluster.settings, "a") as file:
        file.write(
            f'restore_command = \'cp "{cluster.wal}/%f" "%p"\'\n'
            f"recovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\n"
        )
    cluster.as_its_account("touch", data / "recovery.signal")
    cluster.services.start()
    eventually(lambda: cluster.sql("SELECT pg_is_in_recovery()") == "False", "the end of the recovery")


def test_with_the_machine_less_than_five_minutes_are_lost() -> None:
    said = dict(
        line.partition("#")[0].split(" = ", 1)
        for line in (DEPLOY / "qamtu.conf").read_text().splitlines()
        if " = " in line and not line.startswith("#")
    )
    assert said["archive_mode"] == "on"
    assert said["archive_timeout"].strip() == "60s"

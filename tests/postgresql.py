"""A PostgreSQL server of a test's own, with the tests' tables: to be stopped in the midst of something."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, connections

from config.services import Services


class OwnServer:
    """Keeps what was committed whatever happens to it, as on a server; the tests' own trades that for speed."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def restart(self) -> None:
        """End it at once, as if the power had failed, and start it again."""
        self.stop()
        self.services.start_postgresql()

    def stop(self) -> None:
        self.services.run(
            "pg_ctl", "stop", f"--pgdata={self.services.data}", "--mode=immediate", "--wait", check=False
        )
        connections.close_all()

    def start(self) -> None:
        self.services.start_postgresql()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """In the place of the tests' own, for this process and those that it starts."""
        usual = connection.settings_dict["HOST"]
        connections.close_all()
        connection.settings_dict["HOST"] = str(self.services.sockets)
        try:
            yield
        finally:
            connections.close_all()
            connection.settings_dict["HOST"] = usual


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A copy of the tests' server as it is now."""
    usual = Services(Path(os.environ["QAMTU_RUN_DIR"]), given={})
    if connection.settings_dict["HOST"] != str(usual.sockets):
        pytest.skip("the tests' PostgreSQL is somebody else's, who would not like it to be copied")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        services = Services(Path(folder) / "run", durable=True, given={})
        services.make_folders()
        services.run(
            "pg_basebackup", f"--pgdata={services.data}", f"--host={usual.sockets}", "--username=qamtu",
            "--checkpoint=fast", "--no-sync",
        )  # fmt: skip
        (services.home / "postgresql.made").touch()
        server = OwnServer(services)
        server.start()
        try:
            yield server
        finally:
            server.stop()

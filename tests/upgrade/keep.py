"""Keeps a backup of this version for the tests of later ones: `python -m tests.upgrade.keep`, once a release."""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

import django

from config.services import Services, running

HERE = Path(__file__).resolve().parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        services = Services(Path(folder) / "run", durable=False, given={"REDIS_URL": "redis://127.0.0.1:1/0"})
        with running(services) as addresses:
            os.environ |= {
                **addresses,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "QAMTU_RUN_DIR": str(services.run_dir),
                "MEDIA_ROOT": f"{folder}/media",
                "SECRET_KEY": secrets.token_urlsafe(60),
                "ALLOWED_HOSTS": "127.0.0.1",
                "HTTPS": "off",
            }
            django.setup()
            keep(Path(folder))
        services.remove()


def keep(folder: Path) -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction

    from reports.backups.making import make
    from tests.upgrade.country import make_country_with_all

    call_command("migrate", interactive=False, verbosity=0)
    make_country_with_all()
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
    ):  # files of the release, but the one with an anchor: 3 MB
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM reports_releasefile WHERE name <> 'datapackage.json'")
    kept = HERE / settings.VERSION
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(make(folder / "backups", keep=1), kept)


if __name__ == "__main__":
    main()

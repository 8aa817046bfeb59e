"""`make bench`: every benchmark in a database of its own, one JSON object a line.

`coverage_full` and `import` at national scale (130 institutions x 100 programmes x 40 lines), the names with `_10x` at
ten times that; `admin_lists` at national scale. Loading ten times the nation takes minutes, and BENCH_10X=off leaves it
out.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from config.services import Services

ROOT = Path(__file__).resolve().parent.parent.parent
NATION = ["--programmes", "100", "--lines", "40", "--periods", "1", "--no-releases"]


def main() -> None:
    folder = Path(os.environ.get("QAMTU_RUN_DIR", ROOT / ".run")).resolve() / "bench"
    services = Services(folder, durable=False)
    started = services.start()
    try:
        for name, institutions in (("", 130), ("_10x", 1300)):
            if name and os.environ.get("BENCH_10X", "on") == "off":
                continue
            measure(services, f"bench{name}", name, institutions)
    finally:
        if started:
            services.stop()


def measure(services: Services, database: str, suffix: str, institutions: int) -> None:
    """In processes of their own: each reads the settings once, and memory is counted from nothing."""
    environment = {
        **os.environ,
        **services.addresses(),
        "SECRET_KEY": "for benchmarks only, never for anything that people sign in to",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEMO": "on",
        "EMAIL_URL": f"filemail://{services.run_dir}/letters",
        "LOG_LEVEL": "ERROR",
        "QAMTU_RUN_DIR": str(services.run_dir),
    }
    environment["DATABASE_URL"] = own_database(environment["DATABASE_URL"], database)
    manage = [sys.executable, "-W", "ignore", "manage.py"]
    for command in (
        ["migrate", "-v0"],
        ["load_reference_data", "-v0"],
        ["load_demo_data", "-v0", "--if-needed", "--institutions", str(institutions), *NATION],
    ):
        subprocess.run([*manage, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    run = f"from tests.load import bench; bench.print_results({suffix!r})"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"import django; django.setup(); {run}"],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=True,
    )


def own_database(address: str, name: str) -> str:
    """The address of a database of that name on the same server, made if it is not there."""
    import psycopg
    from environ import Env

    server = Env.db_url_config(address)
    where = {"host": server["HOST"] or server.get("OPTIONS", {}).get("host"), "port": server["PORT"] or None}
    with psycopg.connect(
        **{k: v for k, v in where.items() if v}, user=server["USER"], dbname="postgres", autocommit=True
    ) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return urlsplit(address)._replace(path=f"/{name}").geturl()


def print_results(suffix: str) -> None:
    from django.db import connection

    from tests.load import bench_admin, bench_coverage, bench_import, bench_live

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    results = bench_coverage.run(f"coverage_full{suffix}", with_peer=not suffix)
    results += bench_live.run(suffix)
    if not suffix:
        results += [bench_admin.run(), bench_import.run()]
    for result in results:
        print(json.dumps(result), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

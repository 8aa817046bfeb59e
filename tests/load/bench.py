"""`make bench`: every benchmark in a database of its own, one JSON object a line.

At national scale (130 institutions x 100 programmes x 40 lines), and at ten times that the names with `_10x`: every
institution of the nation ten times over. BENCH_10X=off leaves that out. BENCH_COUNTRY=on adds, as `_200x`, 26,000
institutions with 2.6 M programmes and 25 M lines; it takes an hour and 30 GB. BENCH_ONLY=pages,paint measures nothing
but that, by the modules `bench_...`.
"""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.services import Services
from tests.load.processes import ROOT, manage, python

NATION = ["--institutions", "130", "--programmes", "100", "--lines", "40", "--periods", "1", "--no-releases"]
# What is made of the one before, by the steps of `growing`: how many times, and whether lines too.
GROWN = {
    "_10x": ("BENCH_10X", "on", [(10, True)]),
    "_200x": ("BENCH_COUNTRY", "off", [(50, True), (4, False)]),
}


def main() -> None:
    folder = Path(os.environ.get("QAMTU_RUN_DIR", ROOT / ".run")).resolve() / "bench"
    services = Services(folder, durable=False)
    started = services.start()
    try:
        load(services)
        for suffix in ("", *GROWN):
            if wanted(suffix):
                run(services, suffix, f"bench.print_results({suffix!r})")
    finally:
        if started:
            services.stop()


def wanted(suffix: str) -> bool:
    variable, default, _steps = GROWN.get(suffix, ("", "on", []))
    return os.environ.get(variable, default) == "on"


def load(services: Services) -> None:
    """The nation once, and the others from it before anything is measured there."""
    own_database(services, "bench")
    nation = environment(services, "bench")
    manage(nation, "migrate", "-v0")
    manage(nation, "load_reference_data", "-v0")
    manage(nation, "collectstatic", "-v0", "--noinput")
    manage(nation, "load_demo_data", "-v0", "--if-needed", *NATION)
    for suffix, (_variable, _default, steps) in GROWN.items():
        if not wanted(suffix):
            continue
        if own_database(services, f"bench{suffix}", like="bench"):
            for times, with_lines in steps:
                run(services, suffix, f"growing.grow({times}, with_lines={with_lines})")
        manage(environment(services, f"bench{suffix}"), "migrate", "-v0")


def run(services: Services, suffix: str, statement: str) -> None:
    """In a process of its own, which reads the settings once."""
    ready = "import django; django.setup(); from tests.load import bench, growing"
    python(environment(services, f"bench{suffix}"), "-c", f"{ready}; {statement}")


def environment(services: Services, database: str) -> dict[str, str]:
    """Of a process that works on one of the databases of these services."""
    addresses = services.addresses()
    return {
        **os.environ,
        **addresses,
        "DATABASE_URL": urlsplit(addresses["DATABASE_URL"])._replace(path=f"/{database}").geturl(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "for benchmarks only, never for anything that people sign in to",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEMO": "on",
        "COSTLY_RATE": "1000000/min",
        "EMAIL_URL": f"filemail://{services.run_dir}/letters",
        "LOG_LEVEL": "ERROR",
        "QAMTU_RUN_DIR": str(services.run_dir),
    }


def own_database(services: Services, name: str, like: str = "template1", *, anew: bool = False) -> bool:
    """Whether it had to be made, as a copy of another on the same server."""
    import psycopg
    from environ import Env

    server = Env.db_url_config(services.addresses()["DATABASE_URL"])
    where = {"host": server["HOST"] or server.get("OPTIONS", {}).get("host"), "port": server["PORT"] or None}
    with psycopg.connect(
        **{k: v for k, v in where.items() if v}, user=server["USER"], dbname="postgres", autocommit=True
    ) as connection:
        if anew:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return False
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"'.encode())
        return True


def print_results(suffix: str) -> None:
    """Each as soon as it is there: what takes longest comes last."""
    from django.db import connection

    from tests.load import (
        bench_admin,
        bench_api,
        bench_coverage,
        bench_deepest,
        bench_import,
        bench_live,
        bench_pages,
        bench_paint,
        bench_signing_in,
    )

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    runs: list[tuple[str, Callable[[], Iterable[dict[str, Any]]]]] = [
        ("live", lambda: bench_live.run(suffix)),
        ("coverage", lambda: bench_coverage.run(suffix)),
    ]
    if not suffix:
        runs += [
            ("live", bench_live.history),
            ("admin", lambda: [bench_admin.run()]),
            ("import", lambda: [bench_import.run()]),
            ("api", bench_api.run),
            ("deepest", bench_deepest.run),
            ("pages", bench_pages.run),
            ("paint", bench_paint.run),
            ("signing_in", bench_signing_in.run),
        ]
    only = os.environ.get("BENCH_ONLY", "")
    for name, measure in runs:
        if not only or name in only.split(","):
            print_each(measure())


def print_each(results: Iterable[dict[str, Any]]) -> None:
    for result in results:
        print(json.dumps(result), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

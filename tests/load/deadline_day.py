"""`make load`: does it hold on the day on which everything is due? One table, and what the machine did meanwhile.

The site as docs/operations.md starts it: nginx of deploy/, gunicorn with two processes, a worker with two, beat, Redis,
and a PostgreSQL that survives a power cut; beside them, on the same machine, the people of `crowd`. All on 127.0.0.1.

LOAD_MINUTES: how long deadline day is measured, 3 unless told, 60 for a soak; before it a third as long, five minutes
at most, the morning on which everybody signs in. LOAD_TIMES: how often all these people are there, 1 unless told; 0.1
is enough to see that everything works, 2 says what is left. LOAD_PROFILE=on: where the web processes spend their time,
by py-spy.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from config.services import Services
from tests.load import profiling
from tests.load.bench import environment, own_database
from tests.load.processes import ROOT, manage, python
from tests.load.reporting import BROKEN, report, verdict
from tests.load.watching import Watch
from tests.servers import launch, start_nginx, start_web

WORLD, TODAY = "deadline", "load"
PROFILE = "web.profile"
LONGEST, MOST_TIMES = 24 * 60, 10  # minutes; times 400 editors and 500 requests a second


def main() -> None:
    minutes, times = (
        float(os.environ.get(f"LOAD_{name}") or usual) for name, usual in (("MINUTES", 3), ("TIMES", 1))
    )
    if not (0 < minutes <= LONGEST and 0 < times <= MOST_TIMES):
        sys.exit(f"LOAD_MINUTES may be up to {LONGEST}, LOAD_TIMES up to {MOST_TIMES}.")
    services = Services(Path(os.environ.get("QAMTU_RUN_DIR", ROOT / ".run")).resolve() / "load")
    started = services.start()
    try:
        prepare(services, minutes, times)
        run(services)
    finally:
        if started:
            services.stop()


def prepare(services: Services, minutes: float, times: float) -> None:
    """The universities and their drafts once; a copy of them for today."""
    made, world = services.run_dir / "places.json", environment(services, WORLD)
    if own_database(services, WORLD, anew=not made.exists()):
        say("making 112 universities with their drafts (once; some minutes)")
        manage(world, "migrate", "-v0")
        manage(world, "load_reference_data", "-v0")
        step(services, WORLD, "build()")
    manage(world, "collectstatic", "-v0", "--noinput")
    own_database(services, TODAY, like=WORLD, anew=True)
    manage(environment(services, TODAY), "migrate", "-v0")
    step(services, TODAY, f"open_today({minutes}, {times})")


def step(services: Services, database: str, statement: str) -> None:
    ready = "import django; django.setup(); from tests.load import deadline"
    python(environment(services, database), "-c", f"{ready}; deadline.{statement}")


def run(services: Services) -> None:
    with ExitStack() as stack:
        site = stack.enter_context(the_site(services))
        crowd = stack.enter_context(the_crowd(services, site["nginx"]["port"], site["web"]["port"]))
        addresses = environment(services, TODAY)
        parts = {name: one["pid"] for name, one in site.items()} | {"people": crowd.pid}
        watch = Watch(parts, addresses["DATABASE_URL"], addresses["REDIS_URL"])
        stack.callback(watch.end)
        assert crowd.stdout
        marks: dict[str, dict[str, Any]] = {}
        for line in crowd.stdout:
            heed(json.loads(line), marks, watch, services)
        if crowd.wait():
            sys.exit("The people have ended before their time; the lines above say why.")
        if broken := marks.get(BROKEN):
            sys.exit("What was promised did not hold:\n" + "\n".join(broken["lines"]))


def heed(said: dict[str, Any], marks: dict[str, dict[str, Any]], watch: Watch, services: Services) -> None:
    if name := said.get("begins"):
        say(f"{name}: begins")
        marks[name] = {"at": time.monotonic(), "processor": watch.processor(), "looks": len(watch.looks)}
        if name == "deadline" and os.environ.get("LOAD_PROFILE") == "on":
            marks["profile"] = {"process": profiling.start(watch.parts["web"], services.run_dir / PROFILE)}
    elif name := said.get("ends"):
        mark, now = marks[name], watch.processor()
        mark["seconds"] = time.monotonic() - mark["at"]
        mark["used"] = {part: now[part] - mark["processor"][part] for part in now}
        mark["looks"] = watch.looks[mark["looks"] :]
    elif name := said.get("part"):
        for line in report(name, said, marks[name]):
            say(line, marks)
    elif "told" in said:
        say(kept(said["told"], watch.database), marks)
        if "profile" in marks:
            marks["profile"]["process"].wait(timeout=120)
            say("\n".join(profiling.told(services.run_dir / PROFILE, ROOT)))


def kept(told: dict[str, int], database: str) -> str:
    """Whether each draft says what its editor was told last, and no less."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT id::text, edit_number FROM curricula_curriculumversion WHERE id = ANY(%s)",
            [[int(draft) for draft in told]],
        ).fetchall()
    there: dict[str, int] = dict(rows)
    lost = [draft for draft, number in told.items() if there.get(draft, -1) < number]
    return (
        f"{len(told)} curricula were saved {sum(told.values())} times; lost: {len(lost)}: {verdict(not lost)}"
    )


@contextmanager
def the_site(services: Services) -> Iterator[dict[str, dict[str, int]]]:
    """All its processes; the first of each part, and the port where there is one."""
    folder = services.run_dir / "site"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    variables = {
        **environment(services, TODAY),
        "HTTPS": "off",
        "BEHIND_PROXY": "on",
        "WEB_CONCURRENCY": os.environ.get("WEB_CONCURRENCY", "2"),
        "API_RATE": "100000/min",
        "COSTLY_RATE": "100000/min",
    }
    celery = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "config"]
    with ExitStack() as stack:
        web = start_web(folder, variables)
        stack.callback(web.stop)
        nginx = start_nginx(folder, web.port, tls=False)
        stack.callback(nginx.stop)
        patient = ["nice", "-n", "5", *celery, "worker", "--concurrency=2"]  # as its unit of systemd says
        worker = launch(patient, 0, folder / "worker.log", variables, None)
        stack.callback(worker.stop)
        beat = [*celery, "beat", f"--schedule={folder}/beat", "--pidfile="]
        stack.callback(launch(beat, 0, folder / "beat.log", variables, None).stop)
        shutil.copytree(ROOT / "staticfiles", folder / "static", dirs_exist_ok=True)
        postgresql = int((services.data / "postmaster.pid").read_text().split()[0])
        yield {
            "nginx": {"pid": nginx.process.pid, "port": nginx.port},
            "web": {"pid": web.process.pid, "port": web.port},
            "worker": {"pid": worker.process.pid},
            "postgresql": {"pid": postgresql},
            "redis": {"pid": services.redis_pid() or 0},
        }


@contextmanager
def the_crowd(services: Services, *ports: int) -> "Iterator[subprocess.Popen[str]]":
    cast = services.run_dir / "cast.json"
    command = [sys.executable, "-m", "tests.load.crowd", *map(str, ports), str(cast)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as crowd:
        try:
            yield crowd
        finally:
            crowd.kill()


def say(text: str, marks: dict[str, dict[str, Any]] | None = None) -> None:
    """Print, and remember what was not held, so that the whole fails by it."""
    print(text, flush=True)  # noqa: T201
    if marks is not None and BROKEN in text:
        marks.setdefault(BROKEN, {"lines": []})["lines"].append(text)


if __name__ == "__main__":
    main()

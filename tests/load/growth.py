"""Where one machine ends: what people wait for, in countries of 130, 1,300 and 26,000 universities. `make growth`.

Each country is the one before, copied by SQL (`growing`), with 100 programmes a university and one approved, submitted
or drafted curriculum for each. Of lines there are four a curriculum instead of forty: no page of people reads those of
others, so that their number shows in the size of a table and nowhere else. About a quarter of an hour, and 9 GB.
GROWTH_LINES says how many instead: 10 are 24 million in the largest country, and take 13 GB and twice as long or more.

Every statement of every step is carried out under EXPLAIN (ANALYZE, BUFFERS) first: `whole` names the tables that grow
with the country of which a plan went through more than a tenth, `most` the statement that touched the most pages. `s`
and `pages` (of 8 kB, as the database counts them) are those of a second round without it, of a page with signing in.
"""

import os
from pathlib import Path

from config.services import Services
from tests.load.bench import environment, own_database
from tests.load.processes import ROOT, manage, python

COUNTRIES = {"growth": 1, "growth_10x": 10, "growth_200x": 20}  # times the one before
LINES = os.environ.get("GROWTH_LINES", "4")
NATION = ["--institutions", "130", "--programmes", "100", "--lines", LINES, "--periods", "1", "--no-releases"]


def main() -> None:
    services = Services(
        Path(os.environ.get("QAMTU_RUN_DIR", ROOT / ".run")).resolve() / f"growth-{LINES}", durable=False
    )
    started = services.start()
    try:
        before = ""
        for name, times in COUNTRIES.items():
            made = services.run_dir / f"{name}.made"
            if own_database(services, name, like=before or "template1", anew=not made.exists()):
                make(services, name, times)
                made.touch()
            step(services, name, "explaining.measure()")
            before = name
    finally:
        if started:
            services.stop()


def make(services: Services, name: str, times: int) -> None:
    if times > 1:
        step(services, name, f"growing.grow({times}, with_lines=True)")
    else:
        for command in (
            ["migrate"],
            ["load_reference_data"],
            ["load_demo_data", *NATION],
            ["collectstatic", "--noinput"],
        ):
            manage(environment(services, name), *command, "-v0")
    step(services, name, "explaining.settle()")


def step(services: Services, name: str, statement: str) -> None:
    ready = "import django; django.setup(); from tests.load import explaining, growing"
    python(environment(services, name), "-c", f"{ready}; {statement}")


if __name__ == "__main__":
    main()

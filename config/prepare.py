"""Brings a database and the files beside it up to date before the processes start: one step after the other, each of
which changes nothing where it has been done. Run as `python -m config.prepare` by config/run.py, and on servers before
the processes start, by as many of them at once as there are: one does it, the others wait and find it done.
"""

import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import django
from django.conf import settings
from django.core.management import call_command

from config import catalogues


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    step("translations", catalogues.compile_all)
    django.setup()
    database()
    if static_files_are_old():
        step(
            "static files", lambda: call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        )


def database() -> None:
    from institutions.locks import alone

    with alone("preparation"):
        step("database", lambda: call_command("migrate", interactive=False, verbosity=0))
        step("reference data", lambda: call_command("load_reference_data", verbosity=0))
        demonstration()


def demonstration() -> None:
    """Demonstration data and accounts, but only into a database in which nothing real has been entered."""
    from curricula.models import Programme  # models are there after django.setup()
    from institutions.models import Deployment

    if not settings.DEMO:
        return
    if Programme.objects.exists() and not Deployment.is_demonstration():
        return
    # A first run that was broken off amid its releases is gone on with; else this changes nothing.
    step("demonstration data", lambda: call_command("load_demo_data", if_needed=True, verbosity=0))
    if not (settings.RUN_DIR / "accounts.txt").exists():
        step("demonstration accounts", lambda: call_command("create_demo_accounts", verbosity=0))


def step(name: str, do: Callable[[], object]) -> None:
    began = monotonic()
    do()
    print(f"  {name}: {monotonic() - began:.1f} s", flush=True)


def static_files_are_old() -> bool:
    """Whether a file was changed after the last collection; the packages bring new ones when the lock changes."""
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return True
    sources: list[Path] = [
        *(settings.BASE_DIR / "static").rglob("*"),
        settings.BASE_DIR / "requirements/base.txt",
    ]
    return any(path.stat().st_mtime > manifest.stat().st_mtime for path in sources)


if __name__ == "__main__":
    main()

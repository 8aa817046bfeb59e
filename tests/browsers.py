"""Finds a Chromium, signs in, and looks for barriers with axe-core."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe as AxeCore
from django.conf import settings
from django.test import Client

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

    from institutions.models import User

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium(playwright: "Playwright") -> str:
    """An installed Chromium, else Playwright's own, else the system's package, else a failure that says what to do."""
    own = Path(playwright.chromium.executable_path)
    path = installed() or (str(own) if own.exists() else None)
    if path is None and may_install():
        with open(settings.RUN_DIR / "install.lock", "w") as lock:  # of parallel workers only one installs
            fcntl.flock(lock, fcntl.LOCK_EX)
            path = installed() or install()
    if path is None:
        pytest.fail(
            "No browser: install Chromium (Debian: apt-get install chromium; Ubuntu, macOS: "
            ".venv/bin/playwright install chromium) and run the tests again."
        )
    return path


def installed() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def install() -> str | None:
    print("\nInstalling Chromium for the browser tests (QAMTU_ALLOW_APT=0 forbids it) ...")  # noqa: T201
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)  # type: ignore[call-overload]
    packages = ["chromium", "fonts-dejavu-core"]
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], check=False, **quiet
    )  # type: ignore[call-overload]
    return installed()


def may_install() -> bool:
    """Whoever runs tests as root is a container or a CI machine; elsewhere nobody is asked for a password."""
    return (
        os.geteuid() == 0 and shutil.which("apt-get") is not None and os.environ.get("QAMTU_ALLOW_APT") != "0"
    )


def enter(page: "Page", base: str, email: str) -> None:
    """By the page, as people do."""
    from tests.factories import PASSWORD  # not before the applications are ready

    page.goto(f"{base}/en/sign-in/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_in(page: "Page", user: "User", base: str) -> None:
    """At once, where signing in is not what is tried."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])


class Axe:
    def __call__(self, page: "Page") -> None:
        found = AxeCore().run(page)
        assert not found.violations_count, f"{page.url}\n{found.generate_report()}"

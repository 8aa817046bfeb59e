"""Finds a Chromium, signs in, and looks for barriers with axe-core."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe as AxeCore
from django.conf import settings
from django.test import Client

from tests.packages import find, find_or_install

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

    from institutions.models import User

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium(playwright: "Playwright") -> str:
    """An installed Chromium, else Playwright's own, else the system's package, else a failure that says what to do."""
    own = Path(playwright.chromium.executable_path)
    path = find(NAMES) or (str(own) if own.exists() else None)
    path = path or find_or_install(NAMES, "chromium", "fonts-dejavu-core")
    if path is None:
        pytest.fail(
            "No browser: install Chromium (Debian: apt-get install chromium; Ubuntu, macOS: "
            ".venv/bin/playwright install chromium) and run the tests again."
        )
    return path


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

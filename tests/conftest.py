"""What every test may ask for: real services, a real worker, a real browser; nothing stands in for our own code."""

import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import hypothesis
import pytest
from django.conf import settings

from config import catalogues
from config.services import Services
from tests.browsers import Axe, find_chromium
from tests.workers import Worker

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from curricula.models import Period
    from institutions.models import Institution, User

# A machine may be as slow as it is, and a world may serve many examples.
hypothesis.settings.register_profile(
    "here",
    deadline=None,
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.function_scoped_fixture,
    ],
)
hypothesis.settings.load_profile("here")

ROOT = Path(__file__).resolve().parent.parent
PARALLEL_WORKER = os.environ.get("PYTEST_XDIST_WORKER")

if PARALLEL_WORKER is None:  # a parallel worker inherits all of this
    # Services of their own: `make run` may go on beside the tests.
    os.environ["QAMTU_RUN_DIR"] = str(Path(os.environ.get("QAMTU_RUN_DIR", ROOT / ".run")).resolve() / "test")
SERVICES = Services(Path(os.environ["QAMTU_RUN_DIR"]), durable=False)
ADDRESSES = SERVICES.addresses()
if (
    PARALLEL_WORKER is not None
):  # its worker's bells ring in a database of Redis of its own, as its rows lie in one
    server, number = ADDRESSES["REDIS_URL"], int(PARALLEL_WORKER.removeprefix("gw")) + 1
    own = f"?db={number}" if server.startswith("unix:") else f"/{number}"
    ADDRESSES["REDIS_URL"] = server.removesuffix("/0") + own
os.environ |= {
    **ADDRESSES,
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": os.environ.get("SECRET_KEY") or secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "DEBUG": "off",
    "HTTPS": "off",
    "STATIC_HASHED": "off",
    "LOG_LEVEL": "WARNING",
    "API_RATE": "1000000/min",  # the tests are many, all from one address
    "COSTLY_RATE": "1000000/min",
    # Playwright's calls run within a loop of its own, in the thread of the test, which Django would forbid.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}
if PARALLEL_WORKER is None:
    catalogues.compile_all()
    (ROOT / "staticfiles").mkdir(exist_ok=True)  # a new checkout has none; of that WhiteNoise warns
django.setup()  # here, for pytest-django does it only where the settings were named before
if PARALLEL_WORKER is not None:  # as they were in what it has inherited
    settings.REDIS_URL = ADDRESSES["REDIS_URL"]

STARTED = pytest.StashKey[bool]()


def pytest_sessionstart(session: pytest.Session) -> None:
    if PARALLEL_WORKER is None and not session.config.option.collectonly:
        session.config.stash[STARTED] = bool(SERVICES.start())


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.stash.get(STARTED, False):
        SERVICES.stop()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many requests were made up, where they were: `make fuzz` is read by that."""
    if (made_up := sys.modules.get("tests.made_up_requests")) and made_up.ANSWERED:
        told = {"name": "api_requests", "all": made_up.ANSWERED.total(), **made_up.ANSWERED}
        terminalreporter.write_line(json.dumps(told))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Between tests that commit, Django empties the tables: that alone may pass the guards that forbid it.

    Keys begin where a reader's form of a number has a space in it, so that a page which puts one into an address or a
    form that way fails here, and not when a country has its thousandth row.
    """
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT setval(seqrelid::regclass, 1000000 + 1000 * row_number() OVER (ORDER BY seqrelid)) "
                       "FROM pg_sequence WHERE seqtypid <> 'smallint'::regtype")  # fmt: skip

    # Of the class, not of this connection: beside Playwright's loop Django takes another connection.
    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def unguarded(self: Any, statements: list[str]) -> None:
        flush(self, ["SET LOCAL session_replication_role = replica", EMPTY_SMALL_TABLES.format(*statements)])

    operations.execute_sql_flush = unguarded  # type: ignore[method-assign,assignment]


# Truncation makes new files for each of some hundred tables and their indexes, whatever was in them: half a second, a
# thousand times. Deleting the few rows of a test takes a hundredth of that; only where much was written is it slower.
EMPTY_SMALL_TABLES = """
DO $$
DECLARE
    written regclass[] := (SELECT array_agg(oid) FROM pg_class
                           WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
                           AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission'));
    tab regclass;
BEGIN
    IF (SELECT sum(pg_relation_size(oid)) FROM unnest(written) oid) > 4000000 THEN
        {}
    ELSE
        FOREACH tab IN ARRAY coalesce(written, '{{}}') LOOP
            EXECUTE format('DELETE FROM %s', tab);
        END LOOP;
    END IF;
END $$
"""


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A request leaves its language with the thread; the next test begins in the country's own."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that share a released country ask for the same pages: a copy made by one is no answer to the next."""
    from reports import copies

    for name in ("PAGES", "QUESTIONS", "LISTS"):
        monkeypatch.setattr(copies, name, copies.Keeping(getattr(copies, f"{name}_MOST")))


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Worker]:
    """A Celery worker as on a server, at work on the tests' database."""
    worker = Worker.start()
    yield worker
    worker.stop()


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    from django.db import connections
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()
        connections.close_all()  # those that Django took beside this loop


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    """A visitor who comes for the first time, and whose browser complains about nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(30_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not [text for text in complaints if "Content Security Policy" in text or "Error" in text], (
        complaints
    )


@pytest.fixture
def plain_page(browser: "Browser") -> "Iterator[Page]":
    """A browser that runs no scripts at all."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


@pytest.fixture
def axe() -> Axe:
    """`axe(page)` fails the test where axe-core finds a barrier."""
    return Axe()


# The cast: who they are to `institution`, a university that collects for a period; see tests/factories.py.


@pytest.fixture
def institution(db: None) -> "Institution":
    from tests.factories import make_institution

    return make_institution(code="kaznu")


@pytest.fixture
def period(db: None) -> "Period":
    """The academic year that is being collected."""
    from tests.factories import make_period

    return make_period()


@pytest.fixture
def editor(institution: "Institution") -> "User":
    from tests.factories import make_member

    return make_member(institution, "editor", email="editor@kaznu.kz", first_name="Aigerim")


@pytest.fixture
def signatory(institution: "Institution") -> "User":
    from tests.factories import make_member

    return make_member(institution, "signatory", email="signatory@kaznu.kz", first_name="Serik")


@pytest.fixture
def viewer(institution: "Institution") -> "User":
    from tests.factories import make_member

    return make_member(institution, "viewer", email="viewer@kaznu.kz", first_name="Madina")


@pytest.fixture
def stranger(db: None) -> "User":
    """Editor and signatory of another university."""
    from tests.factories import make_institution, make_member

    return make_member(make_institution(code="satbayev"), "editor", "signatory", email="editor@satbayev.kz")


@pytest.fixture
def reviewer(db: None) -> "User":
    return of_the_ministry("reviewer")


@pytest.fixture
def lead(db: None) -> "User":
    return of_the_ministry("lead", first_name="Bolat")


@pytest.fixture
def deputy(db: None) -> "User":
    """A second lead, for what takes two people."""
    return of_the_ministry("lead", email="deputy@ministry.kz")


@pytest.fixture
def steward(db: None) -> "User":
    """Keeps reference data."""
    return of_the_ministry("data-steward")


@pytest.fixture
def auditor(db: None) -> "User":
    """Looks at everything."""
    return of_the_ministry("auditor")


def of_the_ministry(role: str, **over: str) -> "User":
    from django.contrib.auth.models import Group

    from reports.reference.roles import load_roles
    from tests.factories import make_reviewer

    load_roles()
    user = make_reviewer(**{"email": f"{role}@ministry.kz", **over})
    user.groups.set(Group.objects.filter(name=role))
    return user


@pytest.fixture
def english() -> Iterator[None]:
    """Addresses and words are English, whatever a test before left behind."""
    from django.utils import translation

    with translation.override("en"):
        yield

"""PostgreSQL is ended at once and started again amid an import, a signature and a release: each is there whole or not
at all, who waits for a page is told, and web server and worker go on without being started again.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import Error, OperationalError, connection, connections
from django.urls import reverse

from curricula import importing, submitting
from curricula.models import Batch, CurriculumVersion, Import, Line, Submission
from institutions.bell import ring
from reports import releasing, snapshots, verifying
from reports.models import Release, ReleaseProposal
from tests.at_once import at_once
from tests.factories import (
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_reviewer,
    make_version,
)
from tests.faults.amounts import DONE, IN_FULL
from tests.faults.test_import_killed import PROGRAMMES, begin, content, say_yes, swept
from tests.faults.test_import_killed_anywhere import confirmed, saved
from tests.faults.test_snapshot_killed_anywhere import instants
from tests.postgresql import OwnServer, own_server
from tests.posting import Sender
from tests.reports.releases import make_country
from tests.servers import Answer, Server, start_web
from tests.workers import Worker, database_url, eventually

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("english"),
]

LINES = 200  # of each programme: long enough to be broken off amid the saving
EVERYTHING = (PROGRAMMES, PROGRAMMES * LINES)


@pytest.fixture(scope="module")
def copied_server(django_db_setup: None, django_db_blocker: Any) -> Iterator[OwnServer]:
    """One for all: each test has universities of its own."""
    with django_db_blocker.unblock(), own_server() as server:
        yield server


@pytest.fixture(scope="module")
def web(
    copied_server: OwnServer, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with django_db_blocker.unblock(), copied_server.in_use():
        web = start_web(
            tmp_path_factory.mktemp("web"), {"DATABASE_URL": database_url(), "SECOND_FACTOR": "off"}
        )
    yield web
    web.stop()


@pytest.fixture
def server(copied_server: OwnServer, transactional_db: None) -> Iterator[OwnServer]:
    with copied_server.in_use():  # what empties the tables afterwards finds the tests' own again
        yield copied_server


@contextmanager
def standing_at(table: str) -> Iterator[None]:
    """Whoever wants to write into the table waits for it, until the block is left or the server ends."""
    other = connections.create_connection("default")
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
    try:
        yield
    finally:
        other.connection.close()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE NOT granted AND locktype = 'relation' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def ended_at(table: str, server: OwnServer, work: Callable[[], Any]) -> Any:
    """What the work came to when the server was ended while it had got as far as that table."""
    with ThreadPoolExecutor(1) as pool, standing_at(table):
        begun = pool.submit(lambda: at_once(work)[0])
        eventually(somebody_waits, f"it to reach {table}")
        server.restart()
        return begun.result(timeout=60)


def test_an_import_is_there_whole_or_not_at_all_and_the_worker_goes_on(server: OwnServer) -> None:
    started = begin(content(lines=LINES))
    swept(started)
    say_yes(started)
    worker = Worker.start()
    try:
        for phase in ("checking", "saving") if IN_FULL else ("saving",):
            ring("curricula.tasks.sweep")
            eventually(lambda phase=phase: reached(started, phase), phase)  # type: ignore[misc]
            server.restart()
            assert saved_of(started) in ((0, 0), EVERYTHING)
        ring("curricula.tasks.sweep")  # as beat does every 30 s
        eventually(lambda: reached(started, ""), "the import to be done", seconds=90)
        assert worker.process.poll() is None
    finally:
        worker.stop()
    assert saved_of(started) == EVERYTHING
    assert Batch.objects.filter(institution=started.institution).count() == 1
    DONE["ends of PostgreSQL"] += 2 if IN_FULL else 1


@pytest.mark.skipif(not IN_FULL, reason="make faults: each end of the server takes seconds")
def test_at_whatever_instant_it_ends_an_import_is_there_whole_or_not_at_all(server: OwnServer) -> None:
    model = confirmed()
    for seconds in instants(lambda: importing.run_import(model.pk), 10):
        started = confirmed()
        with ThreadPoolExecutor(1) as pool:
            begun = pool.submit(at_once, lambda started=started: importing.run_import(started.pk))  # type: ignore[misc]
            time.sleep(seconds)
            server.restart()
            begun.result(timeout=60)
        started.refresh_from_db()
        assert saved(started) == (saved(model) if started.state == "done" else (0, 0))
        importing.run_outstanding()
        started.refresh_from_db()
        assert (started.state, saved(started)) == ("done", saved(model))
        DONE["ends of PostgreSQL"] += 1


def reached(started: Import, phase: str) -> bool:
    started.refresh_from_db()
    return started.state == "done" or (bool(phase) and started.phase == phase)


def saved_of(started: Import) -> tuple[int, int]:
    versions = CurriculumVersion.objects.filter(institution=started.institution)
    return versions.count(), Line.objects.filter(version__in=versions).count()


class Signatory:
    """Somebody who signs five curricula of a university, in a browser."""

    def __init__(self) -> None:
        self.institution, self.period = make_institution(), make_period()
        for _number in range(5):
            make_version(make_programme(self.institution), period=self.period)
        self.sender = Sender(make_member(self.institution, "signatory"))
        seen = submitting.fingerprint(self.institution, self.period)
        self.form = {
            "faculty_total": 120,
            "faculty_trained": 60,
            "declaration": "on",
            "note": "",
            "seen": seen,
        }
        self.address = reverse("sign", args=[self.institution.code, self.period.code])

    def sign(self, web: Server) -> Answer:
        return self.sender.post(web, self.address, self.form)

    def handed_in(self) -> tuple[int, int]:
        """Submissions, and curricula within them."""
        mine = Submission.objects.filter(institution=self.institution)
        return mine.count(), CurriculumVersion.objects.filter(submission__in=mine, state="submitted").count()


@pytest.mark.parametrize(
    "table", ["curricula_curriculumversionevent", *(["curricula_submission"] if IN_FULL else [])]
)
def test_a_signature_holds_whole_or_not_at_all_and_the_signatory_is_told(
    server: OwnServer, web: Server, table: str
) -> None:
    signatory = Signatory()
    answer = ended_at(table, server, lambda: signatory.sign(web))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    assert "saved whole or not at all" in answer.text
    assert signatory.handed_in() == (0, 0)
    again = signatory.sign(web)  # the same web server, at once: none of its dead connections is handed out
    assert again.status == 302, again.text
    assert signatory.handed_in() == (1, 5)
    DONE["ends of PostgreSQL"] += 1


def test_while_the_database_is_away_it_says_so_and_goes_on_when_it_is_back(
    server: OwnServer, web: Server
) -> None:
    signatory = Signatory()
    server.stop()
    for _attempt in range(5 if IN_FULL else 1):
        assert signatory.sign(web).status == 503
    assert web.ask("/healthz").status == 200
    assert web.ask("/readyz").status == 503
    server.start()
    eventually(lambda: signatory.sign(web).status == 302, "the web server to go on", seconds=20)
    assert signatory.handed_in() == (1, 5)
    DONE["ends of PostgreSQL"] += 1


@pytest.mark.parametrize("table", ["reports_release", *(["reports_releaseproposal"] if IN_FULL else [])])
def test_a_release_is_made_whole_or_not_at_all_and_so_are_its_files(server: OwnServer, table: str) -> None:
    make_country((make_institution(), "6B06101", "met"))
    snapshot = verifying.verify(snapshots.take(snapshots.request(period=make_period()).pk).pk)
    work = partial(releasing.release, snapshot=snapshot, by=make_reviewer(), confirmed_by=make_reviewer())
    assert isinstance(ended_at(table, server, work), OperationalError)
    assert not ReleaseProposal.objects.filter(snapshot=snapshot).exists()
    assert not Release.objects.filter(snapshot=snapshot).exists()
    release = work()
    assert isinstance(ended_at("reports_releasefile", server, partial(releasing.prepare, release.pk)), Error)
    release.refresh_from_db()
    assert (release.files.count(), release.bundled_at) == (0, None)
    assert releasing.prepare(release.pk).files.filter(name__startswith="qamtu-").exists()
    DONE["ends of PostgreSQL"] += 2

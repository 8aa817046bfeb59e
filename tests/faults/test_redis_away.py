"""Redis is stopped, then silent, then back and empty: every form still saves, and all work resumes by itself.

`make faults` lets it fall silent in both ways: for those who connect, and amid connections that go on standing.
"""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from config.services import redis_server
from curricula.models import CurriculumVersion, Import
from institutions.models import Generation
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.curricula.test_draft_pages import ROW, typed
from tests.factories import make_institution, make_member, make_period, make_programme, make_version
from tests.faults.amounts import DONE, IN_FULL, measured, p95
from tests.posting import Sender
from tests.rules import make_requirement
from tests.servers import Server, free_port, start_web
from tests.workers import Worker, database_url, eventually, rounds_every

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("english"),
]

SAVES, UPLOADS = (90, 10) if IN_FULL else (8, 2)  # while it is stopped, and as many while it is silent
A_MINUTE = 60  # for which it is away at least
ROUNDS = "" if IN_FULL else rounds_every(5)  # what is measured is as on a server


@contextmanager
def redis_at(port: int, folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A new one, which remembers nothing."""
    command = [
        str(redis_server()),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def silent_at(port: int, _folder: Path) -> Iterator[None]:
    """Takes every connection, and never answers."""
    with socket.create_server(("127.0.0.1", port), backlog=500):
        yield


@contextmanager
def frozen_at(port: int, folder: Path) -> Iterator[None]:
    """The same, and the connections of those that listen stand."""
    with redis_at(port, folder) as process, redis.Redis(port=port) as client:

        def somebody_listens() -> bool:
            with suppress(redis.ConnectionError):
                return any(one["cmd"] == "brpop" for one in client.client_list())
            return False

        eventually(somebody_listens, "the worker to listen again")
        process.send_signal(signal.SIGSTOP)
        yield


class Editor:
    """Saves one curriculum after the other, and uploads others; `seconds` are what each form took."""

    def __init__(self, web: Server) -> None:
        self.web = web
        self.institution, self.period = make_institution(), make_period()
        self.sender = Sender(make_member(self.institution, "editor"))
        self.seconds: list[float] = []

    def send(self, address: str, form: dict[str, Any]) -> int:
        began = time.perf_counter()
        status = self.sender.post(self.web, address, form).status
        self.seconds.append(time.perf_counter() - began)
        return status

    def save(self) -> int:
        programme = make_programme(self.institution)
        address = reverse("draft-edit", args=[self.institution.code, self.period.code, programme.code])
        return self.send(address, typed(ROW))

    def upload(self, number: int) -> int:
        programme = make_programme(self.institution, code=f"7M061{number:02}")
        rows = csv_text(HEADINGS, line(0, programme_code=programme.code)).encode()
        address = reverse("import-new", args=[self.institution.code])
        file = SimpleUploadedFile("lines.csv", rows, "text/csv")
        return self.send(address, {"period": self.period.pk, "file": file})

    def work(self, while_redis: str) -> list[int]:
        answers = [self.save() for _number in range(SAVES)] + [
            self.upload(number) for number in range(UPLOADS)
        ]
        what = f"p95 of {len(answers)} forms sent while Redis {while_redis}"
        measured(what, p95(self.seconds), promised=1)
        return answers


@pytest.mark.parametrize("silence", [silent_at, frozen_at] if IN_FULL else [silent_at])
def test_every_form_saves_and_all_work_resumes_by_itself(
    transactional_db: None, tmp_path: Path, silence: Callable[[int, Path], AbstractContextManager[None]]
) -> None:
    make_requirement()
    port = free_port()
    variables = {"DATABASE_URL": database_url(), "REDIS_URL": f"redis://127.0.0.1:{port}/0"}
    with redis_at(port, tmp_path):
        worker = Worker.start(clean=False, first=ROUNDS, REDIS_URL=variables["REDIS_URL"])
        web = start_web(tmp_path, variables)
    try:
        stopped = time.monotonic()
        answers = Editor(web).work("is stopped")
        if IN_FULL:
            time.sleep(max(0, stopped + A_MINUTE - time.monotonic()))
        with silence(port, tmp_path):
            editor = Editor(web)
            answers += editor.work(f"is {silence.__name__.removesuffix('_at')}")
            make_version(make_programme(editor.institution), period=editor.period, state="approved")
        assert answers == [302] * 2 * (SAVES + UPLOADS)
        assert CurriculumVersion.objects.filter(state="draft").count() == 2 * SAVES
        assert Import.objects.outstanding().count() == 2 * UPLOADS
        assert Generation.objects.stale().exists()
        with redis_at(port, tmp_path):
            returned = time.monotonic()
            eventually(lambda: not Generation.objects.stale().exists(), "live figures", seconds=120)
            measured(
                "until figures were true after Redis was back", time.monotonic() - returned, promised=120
            )
            eventually(
                lambda: not Import.objects.outstanding().exists(), "the uploads to be read", seconds=120
            )
        assert worker.process.poll() is None
    finally:
        web.stop()
        worker.stop()
    states = list(Import.objects.values_list("state", flat=True))
    assert states == [Import.State.READY] * 2 * UPLOADS
    DONE["forms sent without Redis"] += len(answers)

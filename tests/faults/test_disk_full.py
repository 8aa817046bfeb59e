"""The disk is full: who uploads is told so, what was there stays as it is, and work goes on when there is room."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from curricula import importing
from curricula.models import Import, Period
from institutions.models import Institution, User
from reports import releasing, snapshots, verifying
from reports.models import ReleaseFile
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.factories import make_programme, make_reviewer
from tests.forking import fork
from tests.reports.releases import make_country, make_release

pytestmark = [
    pytest.mark.processes,  # the limit holds for all threads of this process
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("english"),
]

ROOM = 2000  # bytes, in any file


@contextmanager
def no_room() -> Iterator[None]:
    """The kernel refuses to let a file grow, as it does where a disk or a quota is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def upload(client: Client, institution: Institution, period: Period, rows: int = 100) -> Any:
    code = make_programme(institution).code
    content = csv_text(HEADINGS, *(line(number, programme_code=code) for number in range(rows))).encode()
    assert len(content) > ROOM
    file = SimpleUploadedFile("lines.csv", content, "text/csv")
    return client.post(reverse("import-new", args=[institution.code]), {"period": period.pk, "file": file})


def test_an_upload_is_refused_in_a_sentence_and_leaves_no_half_file(
    client: Client, institution: Institution, period: Period, editor: User, folder: Path
) -> None:
    client.force_login(editor)
    with no_room():
        answer = upload(client, institution, period)
    assert answer.status_code == 422
    assert "no room for the file" in answer.content.decode()
    assert not Import.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]
    assert upload(client, institution, period).status_code == 302
    importing.run_outstanding()
    assert Import.objects.get().state == Import.State.READY


def said_without_room(work: Callable[[], object]) -> str:
    """The error that the work ended with in a process of its own."""
    reading, writing = os.pipe()
    child = fork()
    if child == 0:
        try:
            with no_room():
                work()
        except Exception as error:
            os.write(writing, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with open(reading, encoding="utf-8") as said:
        return said.read()


def files_of(release: Any) -> set[tuple[str, str, str]]:
    return set(ReleaseFile.objects.filter(release=release).values_list("name", "language", "sha256"))


def test_files_of_a_release_are_made_when_there_is_room_and_those_of_others_stay(
    institution: Institution, period: Period
) -> None:
    make_country((institution, "6B06101", "met"))
    before = make_release()
    old = files_of(before)
    snapshot = verifying.verify(snapshots.take(snapshots.request(period=period).pk).pk)
    release = releasing.release(snapshot=snapshot, by=make_reviewer(), confirmed_by=make_reviewer())
    assert "File too large" in said_without_room(partial(releasing.prepare, release.pk))
    assert files_of(release) == set()
    assert files_of(before) == old
    release.refresh_from_db()
    assert release.bundled_at is None
    assert len(files_of(releasing.prepare(release.pk))) == len(old)

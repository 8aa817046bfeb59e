"""An institution's own programs attach the PDFs that prove its disciplines, by the checks of the form."""

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import InternalError, connection

from curricula.evidence import delete_strays
from curricula.models import Discipline, EvidenceFile
from institutions.models import Institution
from tests.api_keys import Program
from tests.curricula.api_events import contexts_of
from tests.factories import make_discipline, make_institution

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SYLLABUS = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
NEWER = SYLLABUS.replace(b"1 0", b"2 0")


class Attaching(Program):
    def attach(self, code: str, content: bytes, query: str = "", kind: str = "application/pdf") -> Any:
        where = f"/api/v1/own/disciplines/{code}/evidence/{query}"
        return self.client.put(where, content, content_type=kind)

    def detach(self, code: str) -> Any:
        return self.client.delete(f"/api/v1/own/disciplines/{code}/evidence/")


@pytest.fixture
def program(institution: Institution, settings: Any, tmp_path: Path) -> Attaching:
    settings.MEDIA_ROOT = tmp_path
    make_discipline(institution, code="AI 101")
    return Attaching(institution)


def proof() -> EvidenceFile | None:
    return Discipline.objects.get(code="AI 101").evidence_file


def test_a_pdf_is_attached_asked_after_and_taken_off(program: Attaching) -> None:
    assert program.get("disciplines/AI 101/evidence/").json()["code"] == "no_evidence"
    put = program.attach("AI 101", SYLLABUS, "?name=syllabus.pdf")
    assert put.status_code == 200, put.content
    assert put.json() == program.get("disciplines/AI 101/evidence/").json()
    assert (put.json()["name"], put.json()["size"]) == ("syllabus.pdf", len(SYLLABUS))
    assert put.json()["sha256"] == hashlib.sha256(SYLLABUS).hexdigest()
    kept = proof()
    assert kept
    with kept.file.open("rb") as stored:
        assert stored.read() == SYLLABUS
    assert program.get("disciplines/AI 101/").json()["has_evidence_file"] is True
    assert program.detach("AI 101").json()["has_evidence_file"] is False
    assert program.detach("AI 101").status_code == 200
    assert proof() is None


def test_the_same_again_is_one_row_and_a_newer_one_takes_its_place(program: Attaching) -> None:
    first = program.attach("AI 101", SYLLABUS).json()
    events: Any = Discipline.pgh_event_model.objects  # type: ignore[attr-defined]
    told = events.count()
    assert program.attach("AI 101", SYLLABUS).json() == first
    assert (EvidenceFile.objects.count(), events.count()) == (1, told)
    assert contexts_of(Discipline)[-1]["key"] == program.key.label
    assert program.attach("AI 101", NEWER).json()["sha256"] != first["sha256"]
    assert EvidenceFile.objects.count() == 2  # what was signed may keep the old


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"<html>", "application/pdf", 422, "not_pdf"),
        (b"", "application/pdf", 422, "not_pdf"),
        (SYLLABUS[:20], "application/pdf", 422, "cut_off"),
        (SYLLABUS + b" " * 10 * 1024 * 1024, "application/pdf", 413, "too_large"),
        (SYLLABUS, "image/png", 415, ""),
    ],
)
def test_what_is_no_pdf_is_refused_as_on_the_form(
    program: Attaching, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = program.attach("AI 101", content, kind=kind)
    assert (answer.status_code, answer.json().get("code", "")) == (status, code)
    assert not EvidenceFile.objects.exists()


def test_anothers_discipline_and_a_key_that_only_reads_get_nothing_done(
    program: Attaching, institution: Institution
) -> None:
    make_discipline(make_institution(code="satbayev"), code="THEIRS")
    for answer in (program.attach("THEIRS", SYLLABUS), program.detach("THEIRS")):
        assert (answer.status_code, answer.json()["code"]) == (404, "no_discipline")
    reader = Attaching(institution, "read")
    assert reader.attach("AI 101", SYLLABUS).status_code == 403
    assert reader.detach("AI 101").status_code == 403
    assert not EvidenceFile.objects.exists()


def test_the_name_of_the_file_leads_nowhere(program: Attaching) -> None:
    assert program.attach("AI 101", SYLLABUS, "?name=../../etc/passwd").json()["name"] == "passwd"
    for nameless in ("/", ".", "..", "a/", "a/..", "..%5C..", ".%E2%80%8B."):
        assert program.attach("AI 101", SYLLABUS, f"?name={nameless}").status_code == 200, nameless
    for blank in ("", "%0A", "%20"):
        assert program.attach("AI 101", SYLLABUS, f"?name={blank}").status_code == 400, blank
    assert program.attach("AI 101", NEWER, "?name=a/..").json()["name"] == "evidence.pdf"
    assert program.attach("AI 101", SYLLABUS, f"?name={'x' * 300}").json()["size"] == len(SYLLABUS)
    assert program.attach("AI 101", SYLLABUS, "?names=x").status_code == 400


FAILS = """
    CREATE FUNCTION pg_temp.fails() RETURNS trigger AS $$
    BEGIN RAISE EXCEPTION 'broken' USING ERRCODE = 'XX000'; END; $$
    LANGUAGE plpgsql;
    CREATE TRIGGER fails BEFORE UPDATE ON curricula_discipline FOR EACH ROW EXECUTE FUNCTION pg_temp.fails();
"""


def test_what_breaks_off_after_the_file_is_stored_leaves_it_for_a_month_at_most(
    program: Attaching, tmp_path: Path
) -> None:
    """The row goes with its transaction; the file is found by the sweep, which spares what may still be at work."""
    program.attach("AI 101", SYLLABUS)
    (kept,) = tmp_path.rglob("evidence/*/*")
    with connection.cursor() as cursor:
        cursor.execute(FAILS)
    with pytest.raises(InternalError):
        program.attach("AI 101", NEWER)
    assert EvidenceFile.objects.count() == 1
    (stray,) = set(tmp_path.rglob("evidence/*/*")) - {kept}
    assert delete_strays() == 0
    long_ago = time.time() - 31 * 86_400
    for file in (kept, stray):
        os.utime(file, (long_ago, long_ago))
    assert delete_strays() == 1
    assert set(tmp_path.rglob("evidence/*/*")) == {kept}


def test_where_nothing_was_ever_stored_nothing_is_swept(program: Attaching) -> None:
    assert delete_strays() == 0

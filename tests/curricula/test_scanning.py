"""Files are shown to a virus scanner before they are kept: a small server here speaks clamd's protocol."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from curricula.errors import Refused
from curricula.models import Discipline, EvidenceFile, Import
from curricula.scanning import CHUNK, refuse_infected, scanner_answers
from institutions.models import Institution, User
from reports.watching import judge, look
from tests.api_keys import Program
from tests.factories import make_discipline

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "period")]

# The mark that every scanner takes for a virus, in two pieces, so that none takes this file for one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
SOUND, INFECTED = (b"%PDF-1.7\n" + inside + b"\n%%EOF\n" for inside in (b"syllabus", EICAR))
LINES = b"programme_code,discipline_code\n6B06102,AI101\n"


class Conversation(socketserver.StreamRequestHandler):
    server: "Scanner"

    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if self.server.says is not None:
            self.wfile.write(self.server.says)  # at once, whatever comes
        elif command == b"zPING\0":
            self.wfile.write(b"PONG\0")
        else:
            assert command == b"zINSTREAM\0"
            content = b""
            while size := struct.unpack(">I", self.rfile.read(4))[0]:
                content += self.rfile.read(size)
            self.server.seen.append(content)
            self.wfile.write(b"stream: Eicar-Test FOUND\0" if EICAR in content else b"stream: OK\0")


class Listening:
    daemon_threads = True
    allow_reuse_address = True
    seen: list[bytes]
    says: bytes | None


class Scanner(Listening, socketserver.ThreadingTCPServer):
    pass


class ScannerAtASocket(Listening, socketserver.ThreadingUnixStreamServer):
    pass


@pytest.fixture(params=["tcp", "unix"])
def scanner(request: Any, settings: Any, tmp_path_factory: Any) -> Iterator[Any]:
    server: Any
    if request.param == "tcp":
        server = Scanner(("127.0.0.1", 0), Conversation)
        settings.CLAMD_URL = f"tcp://127.0.0.1:{server.server_address[1]}"
    else:
        path = Path(tmp_path_factory.getbasetemp()) / "clamd.ctl"
        path.unlink(missing_ok=True)
        server = ScannerAtASocket(str(path), Conversation)
        settings.CLAMD_URL = f"unix://{path}"
    server.seen, server.says = [], None
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    with server:
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def no_scanner(settings: Any) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), Conversation) as gone:
        settings.CLAMD_URL = f"tcp://127.0.0.1:{gone.server_address[1]}"


def attach(client: Client, content: bytes | None) -> Any:
    said: dict[str, Any] = {
        "code": "AI101",
        "title_en": "Typed before",
        "ai_category": "core",
        "action": "save",
    }
    if content is not None:
        said["file"] = SimpleUploadedFile("proof.pdf", content)
    return client.post(reverse("discipline-new", args=["kaznu", "2025"]), said)


def hand_in(client: Client, content: bytes, period: Any) -> Any:
    file = SimpleUploadedFile("lines.csv", content)
    return client.post(reverse("import-new", args=["kaznu"]), {"period": period.pk, "file": file})


def test_every_byte_is_shown_and_what_is_sound_is_kept(scanner: Any, client: Client, editor: User) -> None:
    client.force_login(editor)
    assert attach(client, SOUND).status_code == 302
    assert scanner.seen == [SOUND]
    assert EvidenceFile.objects.get().file_name == "proof.pdf"
    for size in (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK):
        content = bytes(number % 251 for number in range(size))
        refuse_infected(content, "x")
        assert scanner.seen[-1] == content


def test_an_infected_pdf_is_refused_in_a_sentence_and_what_was_typed_stays(
    scanner: Any, client: Client, editor: User
) -> None:
    client.force_login(editor)
    answer = attach(client, INFECTED)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "proof.pdf was not taken in: the virus scanner found Eicar-Test in it." in page
    assert "Typed before" in page
    assert not EvidenceFile.objects.exists()
    assert not Discipline.objects.exists()


def test_an_infected_spreadsheet_is_refused(scanner: Any, client: Client, editor: User, period: Any) -> None:
    client.force_login(editor)
    answer = hand_in(client, LINES + EICAR, period)
    assert answer.status_code == 422
    assert "lines.csv was not taken in" in answer.content.decode()
    assert not Import.objects.exists()
    assert hand_in(client, LINES, period).status_code == 302


def test_a_program_is_told_as_well(scanner: Any, institution: Institution) -> None:
    program = Program(institution)
    make_discipline(institution, code="AI101")

    def put(content: bytes) -> Any:
        where = "/api/v1/own/disciplines/AI101/evidence/"
        return program.client.put(where, content, content_type="application/pdf")

    refused = put(INFECTED)
    assert (refused.status_code, refused.json()["code"]) == (422, "infected")
    scanner.says = b"INSTREAM size limit exceeded. ERROR\0"
    later = put(SOUND)
    assert (later.status_code, later.json()["code"], later["Retry-After"]) == (503, "no_scanner", "60")
    scanner.says = None
    assert put(SOUND).status_code == 200


@pytest.mark.parametrize(
    "said", [b"", b"stream: \0", b"UNKNOWN COMMAND\0", b"\xff" * 5000, b"stream: OK? ERROR\0"]
)
def test_without_a_clear_answer_nothing_is_kept(scanner: Any, said: bytes) -> None:
    scanner.says = said
    for content in (SOUND, SOUND + b"x" * 5 * CHUNK):
        with pytest.raises(Refused, match=r"proof\.pdf could not be checked") as refused:
            refuse_infected(content, "proof.pdf")
        assert refused.value.code == "no_scanner"


@pytest.mark.usefixtures("no_scanner")
def test_while_the_scanner_is_away_nothing_is_taken_in_and_all_else_is_saved(
    client: Client, editor: User, period: Any
) -> None:
    client.force_login(editor)
    answer = attach(client, SOUND)
    assert answer.status_code == 422
    assert "Send it again in some minutes." in answer.content.decode()
    assert "Typed before" in answer.content.decode()
    assert hand_in(client, LINES, period).status_code == 422
    assert not EvidenceFile.objects.exists()
    assert not Import.objects.exists()
    assert attach(client, None).status_code == 302
    assert Discipline.objects.get().title_en == "Typed before"


def found() -> set[str]:
    return {matter.code for matter in judge(look())}


def operations(client: Client, lead: User) -> str:
    client.force_login(lead)
    return str(client.get(reverse("admin:institutions_operations_changelist")).content.decode())


def test_the_operations_page_says_whether_files_are_scanned(scanner: Any, client: Client, lead: User) -> None:
    assert scanner_answers() is True
    assert "no-scanner" not in found()
    assert "They are scanned for viruses before they are kept." in operations(client, lead)


@pytest.mark.usefixtures("no_scanner")
def test_a_scanner_that_is_away_is_a_matter(client: Client, lead: User) -> None:
    assert "no-scanner" in found()
    page = operations(client, lead)
    assert "The virus scanner does not answer." in page
    assert "None is taken in" in page


def test_without_one_the_operations_page_says_so(client: Client, lead: User) -> None:
    assert scanner_answers() is None
    assert "no-scanner" not in found()
    assert "They are not scanned for viruses" in operations(client, lead)
    refuse_infected(INFECTED, "proof.pdf")

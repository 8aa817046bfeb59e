"""Asks a scanner for viruses about each file before it is kept, where CLAMD_URL names one: clamd, by its INSTREAM.

Without its answer nothing is kept: a file that nobody has looked at is not handed on to others.
"""

import socket
import struct
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from curricula.errors import Refused

log = structlog.get_logger(__name__)

CHUNK = 64 * 1024
CONNECTING, ANSWERING = 2, 20  # seconds
LONGEST_ANSWER = 1024


def refuse_infected(content: bytes, name: str) -> None:
    """Refused: by what was found, or where no scanner says that there is nothing. Without CLAMD_URL nothing is."""
    if not settings.CLAMD_URL:
        return
    pieces = [content[start : start + CHUNK] for start in range(0, len(content), CHUNK)]
    try:
        said = _asked(b"zINSTREAM\0", *(struct.pack(">I", len(piece)) + piece for piece in [*pieces, b""]))
    except OSError as error:
        said = str(error)
    if said.endswith(" FOUND"):
        found = said.removeprefix("stream: ").removesuffix(" FOUND")
        log.warning("an infected file was refused", found=found)
        sentence = _(
            "%(file)s was not taken in: the virus scanner found %(found)s in it. Make it anew on a clean computer."
        )
        raise Refused(sentence % {"file": name, "found": found}, field="file", code="infected")
    if said != "stream: OK":
        log.error("a file could not be scanned", said=said)
        sentence = _(
            "%(file)s could not be checked for viruses just now, so it was not taken in. Send it again in some minutes."
        )
        raise Refused(sentence % {"file": name}, field="file", code="no_scanner")


def scanner_answers() -> bool | None:
    """None where there is none to ask."""
    if not settings.CLAMD_URL:
        return None
    try:
        return _asked(b"zPING\0", seconds=CONNECTING) == "PONG"
    except OSError:
        return False


def _asked(*pieces: bytes, seconds: float = ANSWERING) -> str:
    """What clamd answers in one line; empty if it says nothing. OSError where it can't be asked."""
    with _connected() as line:
        line.settimeout(seconds)
        with suppress(
            BrokenPipeError, ConnectionResetError
        ):  # it may answer, and hang up, before it has read all
            for piece in pieces:
                line.sendall(piece)
        answer = b""
        while b"\0" not in answer and len(answer) < LONGEST_ANSWER and (more := line.recv(LONGEST_ANSWER)):
            answer += more
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _connected() -> socket.socket:
    where = urlsplit(settings.CLAMD_URL)
    if where.scheme == "tcp":
        return socket.create_connection((where.hostname, where.port), timeout=CONNECTING)
    line = socket.socket(socket.AF_UNIX)
    try:
        line.settimeout(CONNECTING)
        line.connect(unquote(where.path))
    except OSError:
        line.close()
        raise
    return line

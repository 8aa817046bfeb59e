"""A reader of HTTP/1.1 that costs little, and what it measures: the load and what bears it share one machine.

Nothing but the loop of asyncio and bytes. Every request has a time at which it is due, and its latency counts from
then: what waits because something before it was slow has waited, and is not left out.
"""

import asyncio
import gzip
import math
import re
import time
from collections import Counter
from dataclasses import dataclass, field

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *([^=\s]+)=([^;\r]*)", re.IGNORECASE)
PATIENCE = 60.0  # seconds; then it counts as failed
FINE = 40  # steps of a histogram by which a time grows e-fold: each is 2.5 % wide


@dataclass
class Times:
    """How long one kind of request took, in a histogram, and how many failed."""

    steps: Counter[int] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0

    def add(self, seconds: float) -> None:
        self.steps[math.floor(math.log(max(seconds, 1e-6)) * FINE)] += 1
        self.longest = max(self.longest, seconds)

    @property
    def count(self) -> int:
        return self.steps.total()

    def quantile(self, share: float) -> float:
        """In seconds, the upper end of the step in which it lies; nan if there is nothing."""
        wanted, seen = share * self.count, 0
        for step in sorted(self.steps):
            seen += self.steps[step]
            if seen >= wanted:
                return min(math.exp((step + 1) / FINE), self.longest)
        return math.nan


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        found = re.search(rb"\r\n" + name.encode() + rb": *([^\r]*)", self.head, re.IGNORECASE)
        return found[1].decode() if found else ""

    @property
    def text(self) -> str:
        zipped = self.header("Content-Encoding") == "gzip"
        return (gzip.decompress(self.body) if zipped else self.body).decode()

    @property
    def cookies(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in COOKIE.findall(self.head)}


class Line(asyncio.Protocol):
    """One connection, on which one request after the other is asked."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[Reply] | None = None
        self.open = True
        self.forget()

    def forget(self) -> None:
        self.received = bytearray()
        self.head = b""
        self.length: int | None = 0  # of the body; None: in chunks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        if self.answer and not self.answer.done():
            self.answer.set_exception(ConnectionResetError(str(error or "closed")))

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.head and not self.read_head():
            return
        if self.length is None:
            if self.received.endswith(b"0\r\n\r\n"):
                self.give(joined(self.received))
        elif len(self.received) >= self.length:
            self.give(bytes(self.received))

    def read_head(self) -> bool:
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return False
        self.head = bytes(self.received[:end])
        del self.received[: end + 4]
        length = LENGTH.search(self.head)
        self.length = None if CHUNKED.search(self.head) else int(length[1]) if length else 0
        return True

    def give(self, body: bytes) -> None:
        reply = Reply(int(self.head[9:12]), self.head, body)
        if CLOSES.search(self.head):
            self.close()
        self.forget()
        if self.answer and not self.answer.done():
            self.answer.set_result(reply)

    async def ask(self, request: bytes) -> Reply:
        assert self.transport
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.answer

    def close(self) -> None:
        self.open = False
        if self.transport:
            self.transport.close()


def joined(chunks: bytearray) -> bytes:
    body, rest = bytearray(), bytes(chunks)
    while rest:
        size, _line, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body += rest[:length]
        rest = rest[length + 2 :] if length else b""
    return bytes(body)


@dataclass
class Site:
    """Where everything is asked, and what came of it by kinds of request."""

    port: int
    times: dict[str, Times] = field(default_factory=dict)
    counting: bool = False  # off while it warms up

    async def connected(self) -> Line:
        loop = asyncio.get_running_loop()
        _transport, line = await loop.create_connection(Line, "127.0.0.1", self.port)
        return line

    def note(self, kind: str, due: float, failure: str = "") -> None:
        if self.counting:
            times = self.times.setdefault(kind, Times())
            if failure:
                times.failed[failure] += 1
            else:
                times.add(time.monotonic() - due)

    async def asked(
        self, kind: str, request: bytes, due: float, *, expected: tuple[int, ...]
    ) -> Reply | None:
        """On a connection of its own, as somebody asks who has been thinking since; None if it failed."""
        line = None
        try:
            async with asyncio.timeout(PATIENCE):
                line = await self.connected()
                reply = await line.ask(request)
        except (OSError, TimeoutError) as failure:
            self.note(kind, due, type(failure).__name__)
            return None
        finally:
            if line:
                line.close()
        self.note(kind, due, "" if reply.status in expected else str(reply.status))
        return reply if reply.status in expected else None


def request_of(
    method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"", kind: str = ""
) -> bytes:
    sent = {"Host": "127.0.0.1", "Accept-Encoding": "gzip", **(headers or {})}
    if method == "POST":
        sent |= {
            "Content-Length": str(len(body)),
            "Content-Type": kind or "application/x-www-form-urlencoded",
        }
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body

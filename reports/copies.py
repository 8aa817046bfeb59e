"""Copies of public pages, kept by each web process: rendered and compressed once for each state of what they show.

A page is the same for everybody, so its copy is handed out before anybody asks who reads it, in which language (the
address says) or by which view. docs/adr/0027-copies-of-public-pages.md has the reasons and what each step costs.
"""

import gzip
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from urllib.parse import unquote_plus, urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_cache_control, patch_vary_headers
from prometheus_client import Counter

from reports.api.shelf import Shelf, current

# In bytes and for each web process. Addresses with a query string have a place of their own: a flood of them takes
# the place of each other, never of the pages, of which there are only as many as institutions, regions and fields.
PAGES_MOST = 48 * 1024 * 1024
QUESTIONS_MOST = 12 * 1024 * 1024
LISTS_MOST = 12 * 1024 * 1024  # of the API, by their tags
LARGEST = 1024 * 1024
# In seconds, whatever else tells that a copy is good: a name whose edit is written down after twenty later ones
# can escape the numbers of edits (reports/api/shelf.py), and then waits so long at most.
OLDEST = 3600.0
# What others add to links that are shared; every reader comes with a number of their own.
TRACKING = re.compile(r"(utm_\w+|fbclid|gclid|yclid|ysclid|igsh(id)?|mc_[ce]id|_openstat)$")
ANEW = {"Content-Length", "ETag", "Expires", "X-Request-ID"}  # headers that each answer gets for itself
SAID_AGAIN = {"Cache-Control", "Vary"}  # also where the page is not sent again
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
OF_THE_SITE = {urlsplit(settings.SITE_URL).netloc, *settings.ALLOWED_HOSTS}


@dataclass(frozen=True, slots=True)
class Copy:
    """An answer as it came out of the program, with every header; `body` is compressed where that makes it smaller."""

    state: tuple[object, ...]  # of what it shows
    made_at: float
    tag: str  # of the page, whatever its encoding
    body: bytes
    length: int  # uncompressed
    is_zipped: bool
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, response: HttpResponse, shelf: Shelf) -> "Copy":
        content = response.content
        smaller = gzip.compress(content, mtime=0)  # without the time: the same bytes in every process
        is_zipped = len(smaller) < len(content)
        if is_zipped:
            patch_vary_headers(response, ["Accept-Encoding"])
        headers = tuple((name, value) for name, value in response.items() if name not in ANEW)
        body = smaller if is_zipped else content
        tag = response["ETag"].strip('"')
        return cls(shelf.whole, time.monotonic(), tag, body, len(content), is_zipped, headers)

    def is_of(self, shelf: Shelf) -> bool:
        return self.state == shelf.whole and time.monotonic() - self.made_at < OLDEST

    def answer(self, request: HttpRequest, shelf: Shelf) -> HttpResponse:
        """The page, or 304 to whoever holds it in the same encoding already."""
        zipped = self.is_zipped and GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")) is not None
        tag = f'"{self.tag}-gzip"' if zipped else f'"{self.tag}"'
        response: HttpResponse
        if holds(request.META.get("HTTP_IF_NONE_MATCH", ""), tag):
            response = HttpResponseNotModified(
                headers=[pair for pair in self.headers if pair[0] in SAID_AGAIN]
            )
        else:
            response = HttpResponse(headers=self.headers)
            if request.method == "GET":
                response.content = self.body if zipped or not self.is_zipped else gzip.decompress(self.body)
            if zipped:
                response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Length"] = str(len(self.body) if zipped else self.length)
        response.headers["ETag"] = tag
        response.headers["Expires"] = shelf.expires
        return response


class Keeping:
    """Copies by address, those asked for last; together at most so many bytes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.bytes = 0
        self.copies: OrderedDict[str, Copy] = OrderedDict()
        self.lock = Lock()

    def find(self, address: str) -> Copy | None:
        with self.lock:
            copy = self.copies.get(address)
            if copy is not None:
                self.copies.move_to_end(address)
            return copy

    def keep(self, address: str, copy: Copy) -> None:
        if weight(address, copy) > LARGEST:
            return
        with self.lock:
            before = self.copies.pop(address, None)
            self.copies[address] = copy
            self.bytes += weight(address, copy) - (weight(address, before) if before else 0)
            while self.bytes > self.most:
                self.bytes -= weight(*self.copies.popitem(last=False))


def weight(address: str, copy: Copy) -> int:
    """Bytes in memory, with some for the headers and for finding it."""
    return len(address) + len(copy.body) + 4096


HANDED_OUT = Counter("qamtu_copies_total", "Public pages answered from a copy, before the program was asked.")
PAGES, QUESTIONS, LISTS = Keeping(PAGES_MOST), Keeping(QUESTIONS_MOST), Keeping(LISTS_MOST)


class CopiesMiddleware:
    """Stands before all that looks at who asks: hands out copies, and keeps what public pages offer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        query = request.META["QUERY_STRING"] = without_tracking(request.META.get("QUERY_STRING", ""))
        host = request._get_raw_host()  # type: ignore[attr-defined]  # as it was sent: a foreign one has no copy, and is refused further in
        address = f"{request.scheme}://{host}{request.path}?{query}"
        kept = QUESTIONS if query else PAGES
        copy = kept.find(address)
        if copy is not None:
            # Without the database the view fails, too, and says so in the log and on a page.
            with suppress(DatabaseError):
                shelf = request.shelf = current()  # type: ignore[attr-defined]  # which the view asks for, too
                if copy.is_of(shelf):
                    HANDED_OUT.inc()
                    return copy.answer(request, shelf)
        response = self.get_response(request)
        offered: Shelf | None = getattr(response, "offered", None)
        if offered is None:
            return response
        if response.cookies or response.get("Vary"):  # it depends on who asks after all
            response.headers["Cache-Control"] = "private"
            return response
        copy = Copy.of(response, offered)
        if host in OF_THE_SITE:
            kept.keep(address, copy)
        return copy.answer(request, offered)


def offer(response: HttpResponse, shelf: Shelf) -> HttpResponse:
    """Mark an answer as the same for everybody as long as the shelf is in this state."""
    patch_cache_control(response, public=True)
    response.headers["Expires"] = shelf.expires
    response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.offered = shelf  # type: ignore[attr-defined]
    return response


def without_tracking(query: str) -> str:
    if "=" not in query:
        return query
    pairs = query.split("&")
    return "&".join(pair for pair in pairs if not TRACKING.match(unquote_plus(pair.partition("=")[0])))


def holds(header: str, tag: str) -> bool:
    """Whether `If-None-Match` names the tag; a proxy may have weakened it."""
    return bool(header) and (tag in header or header.strip() == "*")

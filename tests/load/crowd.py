"""The people of deadline day, as they are seen from outside: addresses, cookies, and time to think between two steps.

A process of its own, started by `tests.load.deadline_day`; it tells by lines of JSON when a part begins and ends, and
what was measured. It asks 127.0.0.1 only, and ends by itself.

Each has a timetable that does not depend on the answers: when the site is slow, requests pile up as they would in life.
`times` in the cast is how often the people of deadline day are there: below 1 there are fewer, above they think faster.
"""

import asyncio
import html
import json
import random
import re
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.load.asking import Line, Reply, Site, request_of

PUBLIC_RATE = 500  # requests a second
MOST_LINES = 200  # connections of the public at once
THINKING = (20, 40)  # seconds between two steps of an editor
WARM_UP = 60  # seconds, in which the editors open their curricula one after the other
SIGN_INS, RUSH = 400, 300  # so many in so many seconds
IMPORT_EVERY = 30  # seconds, in which one of the universities that work by spreadsheets hands one in
SIGN_EVERY = 10  # seconds at least
LOOK_EVERY = 1  # seconds, as the page of an import does
OK, FOUND = (200,), (302,)
chance = random.Random()  # noqa: S311 - nothing secret

INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'\b(name|value|type)="([^"]*)"')
SELECT = re.compile(r'<select name="([^"]+)".*?</select>', re.DOTALL)
SELECTED = re.compile(r'<option value="([^"]*)" selected')


@dataclass
class Person:
    site: Site
    session: str = ""
    token: str = field(default_factory=lambda: secrets.token_hex(16))

    def headers(self) -> dict[str, str]:
        signed_in = f"; sessionid={self.session}" if self.session else ""
        return {"Cookie": f"csrftoken={self.token}{signed_in}", "X-CSRFToken": self.token}

    async def get(self, kind: str, path: str, due: float, **headers: str) -> Reply | None:
        sent = self.headers() | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.site.asked(kind, request_of("GET", path, headers=sent), due, expected=OK)

    async def post(
        self, kind: str, path: str, fields: dict[str, str], due: float, *, expected: tuple[int, ...] = FOUND
    ) -> Reply | None:
        request = request_of("POST", path, headers=self.headers(), body=urlencode(fields).encode())
        return await self.site.asked(kind, request, due, expected=expected)


def fields_of(page: str, begin: str, end: str) -> dict[str, str]:
    """What a browser would send of the form between two marks of a page."""
    form = page[page.index(begin) :].partition(end)[0]
    found = {}
    for tag in INPUT.findall(form):
        attributes = dict(ATTRIBUTE.findall(tag))
        if "name" in attributes and attributes.get("type") != "checkbox":
            found[attributes["name"]] = html.unescape(attributes.get("value", ""))
    for match in SELECT.finditer(form):
        chosen = SELECTED.search(match[0])
        found[match[1]] = chosen[1] if chosen else ""
    return found


class Editor(Person):
    """Has one curriculum open; changes a line, which saves itself; sometimes reads, or goes on to the next."""

    def __init__(self, site: Site, cast: dict[str, Any], period: str) -> None:
        super().__init__(site, cast["session"])
        self.base = f"/ru/workspace/{cast['code']}/"
        self.programmes, self.period, self.place = cast["programmes"], period, 0
        self.fields: dict[str, str] = {}
        self.told: dict[str, str] = {}  # by draft: the edit number of the last save that was confirmed

    @property
    def programme(self) -> str:
        return self.programmes[self.place % len(self.programmes)]

    @property
    def address(self) -> str:
        return f"{self.base}{self.period}/programmes/{self.programme}/edit/"

    async def open(self, due: float) -> None:
        reply = await self.get("curriculum opened", self.address, due)
        self.fields = fields_of(reply.text, 'id="curriculum"', "<template") if reply else {}

    async def step(self, due: float) -> None:
        what = chance.random()
        if not self.fields:
            await self.open(due)
        elif what < 0.80:
            await self.save_by_itself(due)
        elif what < 0.88:
            await self.press_save(due)
        elif what < 0.92:
            self.place += 1
            await self.open(due)
        else:
            await self.get("page read", self.base + chance.choice(("", f"{self.period}/checks/")), due)

    def type(self) -> None:
        """The credits of one line, and the number of students."""
        lines = [name for name, value in self.fields.items() if name.endswith("-credits") and value]
        if lines:
            self.fields[chance.choice(lines)] = chance.choice(("3", "4", "5", "6"))
        self.fields["students"] = str(chance.randint(10, 99999))
        self.fields["mark"] = secrets.token_hex(16)

    async def save_by_itself(self, due: float) -> None:
        self.type()
        reply = await self.post("save", f"{self.address}keep/", self.fields, due, expected=OK)
        said = json.loads(reply.body) if reply else {}
        if said.get("state") == "saved":
            self.fields |= {name: str(value) for name, value in said["fields"].items()}
            self.told[self.fields["draft"]] = self.fields["edit_number"]
        else:
            if said:
                self.site.note("save", due, said["state"])
            self.fields = {}  # looks at it again

    async def press_save(self, due: float) -> None:
        self.type()
        sent = self.fields | {"action": "save", "csrfmiddlewaretoken": self.token}
        if await self.post("save by the button", self.address, sent, due):
            await self.open(time.monotonic())
            if self.fields:
                self.told[self.fields["draft"]] = self.fields["edit_number"]
        else:
            self.fields = {}


async def sign(site: Site, cast: dict[str, Any], period: str, due: float) -> None:
    """Read the summary, tick the box, hand in, and look at the receipt."""
    person, address = Person(site, cast["session"]), f"/ru/workspace/{cast['code']}/{period}/sign/"
    reply = await person.get("summary before signing", address, due)
    if reply is None:
        return
    seen = re.search(r'name="seen" value="([^"]+)"', reply.text)
    said = {"faculty_total": "300", "faculty_trained": "170", "declaration": "on", "note": ""}
    await asyncio.sleep(3)
    due = time.monotonic()
    signed = await person.post("signing", address, said | {"seen": seen[1] if seen else ""}, due)
    if signed:
        await person.get("receipt", signed.header("Location"), time.monotonic())


@dataclass
class Importer:
    """A university that works by spreadsheets: hands one in, watches, says yes, watches."""

    site: Site
    cast: dict[str, Any]
    period_id: int
    turn: int = 0
    busy: bool = False

    async def hand_in(self, due: float) -> None:
        if self.busy:
            self.site.note("import saved", due, "the one before is not done")
            return
        self.busy = True
        try:
            await self._hand_in(due)
        finally:
            self.busy = False

    async def _hand_in(self, due: float) -> None:
        person = Person(self.site, self.cast["session"])
        files = self.cast["files"]
        body, kind = upload(Path(files[self.turn % len(files)]), self.period_id)
        self.turn += 1
        address = f"/ru/workspace/{self.cast['code']}/imports/new/"
        request = request_of("POST", address, headers=person.headers(), body=body, kind=kind)
        reply = await self.site.asked("spreadsheet handed in", request, due, expected=FOUND)
        if reply is None:
            return
        page = reply.header("Location")
        if await self.watched(person, "import compared", page, due) is None:
            return
        preview = await person.get("preview of an import", page, time.monotonic())
        print_found = re.search(r'name="fingerprint" value="([^"]+)"', preview.text) if preview else None
        if print_found is None:
            self.site.note("import saved", due, "no preview")
            return
        due = time.monotonic()
        if await person.post("import confirmed", f"{page}confirm/", {"fingerprint": print_found[1]}, due):
            await self.watched(person, "import saved", page, due)

    async def watched(self, person: Person, kind: str, page: str, due: float) -> Reply | None:
        while time.monotonic() - due < 300:
            await asyncio.sleep(LOOK_EVERY)
            reply = await person.get("bar of an import", page, time.monotonic(), HX_Request="true")
            if reply and reply.header("HX-Refresh"):
                self.site.note(kind, due)
                return reply
        self.site.note(kind, due, "not within five minutes")
        return None


def upload(file: Path, period: int) -> tuple[bytes, str]:
    edge = secrets.token_hex(16)
    field_ = f'--{edge}\r\nContent-Disposition: form-data; name="period"\r\n\r\n{period}\r\n'
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
    body = field_.encode() + head.encode() + file.read_bytes() + f"\r\n--{edge}--\r\n".encode()
    return body, f"multipart/form-data; boundary={edge}"


class Public:
    """Readers at a steady rate that come by chance, on connections that stay open."""

    def __init__(self, site: Site, pages: list[str]) -> None:
        self.site = site
        self.requests = [request_of("GET", page, headers={"X-Forwarded-Proto": "http"}) for page in pages]
        self.idle: list[Line] = []
        self.room = asyncio.Semaphore(MOST_LINES)
        self.copies = 0  # answered by nginx alone

    async def read(self, due: float) -> None:
        request = self.requests[int(len(self.requests) * chance.random() ** 3)]
        async with self.room:
            try:
                async with asyncio.timeout(60):
                    while self.idle and not self.idle[-1].open:
                        self.idle.pop()
                    line = self.idle.pop() if self.idle else await self.site.connected()
                    reply = await line.ask(request)
            except (OSError, TimeoutError) as failure:
                self.site.note("public page", due, type(failure).__name__)
                return
        self.site.note("public page", due, "" if reply.status == 200 else str(reply.status))
        self.copies += self.site.counting and b"X-Cache-Status: HIT" in reply.head
        if line.open:
            self.idle.append(line)

    async def read_all(self) -> None:
        """Every page so often that each of four web processes has made it: the site has been there for days."""
        for _time in range(24):
            for begin in range(0, len(self.requests), 8):
                due = time.monotonic()
                some = self.requests[begin : begin + 8]
                asked = (self.site.asked("public page", request, due, expected=OK) for request in some)
                await asyncio.gather(*asked)


async def at_times(gaps: Callable[[], float], until: float, do: Callable[[float], Awaitable[None]]) -> None:
    """`do` at times that lie `gaps` apart, whether or not what was begun before has ended; waits for the last."""
    due, begun = time.monotonic() + gaps() * chance.random(), set()
    while due < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        task = asyncio.ensure_future(do(due))
        begun.add(task)
        task.add_done_callback(begun.discard)
        due += gaps()
    if begun:
        await asyncio.wait(begun)


async def one_after_the_other(editor: Editor, until: float, faster: float) -> None:
    """An editor does one thing at a time; what is due meanwhile waits, and its latency counts from when it was due."""
    due = time.monotonic() + chance.uniform(0, WARM_UP)
    while due < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await editor.step(due)
        due += chance.uniform(*THINKING) / faster


async def rush(site: Site, cast: dict[str, Any], seconds: float) -> None:
    """The morning: sign-ins one after the other, each of which costs the hash of a password."""
    people = iter(cast["editors"])

    async def sign_in(due: float) -> None:
        one = next(people, None)
        if one is None:
            return
        person = Person(site)
        await person.get("page for signing in", "/ru/sign-in/", due)
        said = {"username": one["email"], "password": cast["password"]}
        reply = await person.post("sign-in", "/ru/sign-in/", said, time.monotonic())
        if reply:
            person.session = reply.cookies["sessionid"]
            await person.get("page read", f"/ru/workspace/{one['code']}/", time.monotonic())

    rate = SIGN_INS / RUSH * cast["times"]
    await at_times(lambda: chance.expovariate(rate), time.monotonic() + seconds, sign_in)


async def deadline(site: Site, cast: dict[str, Any], editors: list[Editor], until: float) -> None:
    signing, importing = (
        iter(cast["signatories"]),
        [Importer(site, one, cast["period_id"]) for one in cast["importers"]],
    )
    turns = iter(range(10**9))

    async def sign_next(due: float) -> None:
        if one := next(signing, None):
            await sign(site, one, cast["period"], due)

    async def import_next(due: float) -> None:
        await importing[next(turns) % len(importing)].hand_in(due)

    every = max(SIGN_EVERY, cast["minutes"] * 60 / len(cast["signatories"]))
    await asyncio.gather(
        *(one_after_the_other(editor, until, max(1, cast["times"])) for editor in editors),
        at_times(lambda: every / cast["times"], until, sign_next),
        at_times(lambda: IMPORT_EVERY / cast["times"], until, import_next),
    )


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201


def told(site: Site, seconds: float, public: Public) -> dict[str, Any]:
    """Milliseconds, by kinds of request."""
    return {
        "seconds": seconds,
        "copies": public.copies,
        "kinds": {
            kind: {
                "rate": times.count / seconds,
                **{name: 1000 * times.quantile(share) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))},
                "max": 1000 * times.longest,
                "count": times.count,
                "failed": dict(times.failed),
            }
            for kind, times in site.times.items()
        },
    }  # fmt: skip


async def part(
    name: str, port: int, cast: dict[str, Any], *, warm_up: float, seconds: float,
    people: Callable[[Site, float], Awaitable[None]],
) -> None:  # fmt: skip
    """One part of the day, with the public reading all along."""
    site = Site(port)
    public = Public(site, cast["pages"])
    until = time.monotonic() + warm_up + seconds
    rate = PUBLIC_RATE * cast["times"]
    asked = at_times(lambda: chance.expovariate(rate), until, public.read)
    working = [asyncio.ensure_future(asked), asyncio.ensure_future(people(site, until))]
    await asyncio.sleep(warm_up)
    site.counting = True
    say(begins=name)
    await asyncio.sleep(max(0.0, until - time.monotonic()))
    say(ends=name)
    await asyncio.gather(*working)
    say(part=name, **told(site, seconds, public))


async def main(port: int, web: int, cast: dict[str, Any]) -> None:
    await Public(Site(web), cast["pages"]).read_all()
    seconds = cast["minutes"] * 60
    morning = min(RUSH, seconds / 3)
    await part(
        "rush", port, cast, warm_up=10, seconds=morning, people=lambda site, _until: rush(site, cast, morning + 10)
    )  # fmt: skip
    editors: list[Editor] = []

    async def work(site: Site, until: float) -> None:
        some = cast["editors"][: round(len(cast["editors"]) * cast["times"])]
        editors.extend(Editor(site, one, cast["period"]) for one in some)
        await deadline(site, cast, editors, until)

    await part("deadline", port, cast, warm_up=WARM_UP, seconds=seconds, people=work)
    say(told={draft: int(number) for editor in editors for draft, number in editor.told.items()})


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text())))

"""docs/permissions.md as data, and what an address answers to somebody: the two are compared by the tests beside."""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
REFUSED = (403, 404, 405)
WRITES = re.compile(
    r"\s*(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|COPY)\b(?!.{0,3}institutions_session)", re.IGNORECASE
)
NOTHING = "–"


def table(heading: str) -> dict[str, dict[str, str]]:
    """The table below a heading: by the name in its first column, the cells by the name of theirs."""
    _before, _found, rest = DOCUMENT.read_text(encoding="utf-8").partition(f"## {heading}\n")
    lines = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("|")]
    head, _rule, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert [row[0] for row in rows] == sorted({row[0] for row in rows}), f"{heading}: each once, in order"
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def compare(heading: str, column: str, observed: dict[str, str]) -> None:
    """The document against what was answered. The failure says which lines to judge, and to write if they are right."""
    written = {name: cells[column] for name, cells in table(heading).items()}
    wrong = {
        name: f"written: {written.get(name, 'no line')}; answered: {observed.get(name, 'no such page')}"
        for name in sorted(written.keys() | observed.keys())
        if written.get(name) != observed.get(name)
    }
    told = "".join(f"\n  {name}: {said}" for name, said in wrong.items())
    assert not wrong, f"docs/permissions.md, {heading}, {column}: is this what should be?{told}"


def routes() -> list[tuple[str, URLPattern]]:
    """Every address that there is, with its English route."""

    def below(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
        for pattern in resolver.url_patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from below(pattern, route)
            else:
                yield route, pattern

    with translation.override("en"):
        return list(below(get_resolver()))


def below(*beginnings: str) -> dict[str, list[str]]:
    """The names of all addresses whose route begins so, each with the names of its arguments."""
    return {
        str(pattern.name): list(pattern.pattern.converters)
        for route, pattern in routes()
        if route.startswith(beginnings)
    }


def sent_to_sign_in(answer: Any) -> bool:
    return answer.status_code == 302 and any(
        page in answer.headers["Location"] for page in ("/sign-in/", "/login/")
    )


def opens(client: Client, address: str) -> bool:
    """Whether the address is shown; no other refusal than 403 and 404, and no fault, counts as one."""
    with within(client):
        answer = client.get(address)
        for _piece in getattr(answer, "streaming_content", ()):
            pass  # to its end, where its file is closed
    assert answer.status_code < 500, address
    return answer.status_code not in REFUSED and not sent_to_sign_in(answer)


def acts(client: Client, address: str, data: dict[str, Any] | None = None) -> bool:
    """Whether something sent is taken up, if only to say what is wrong with it. Who is refused has written nothing."""
    with within(client) as queries:
        answer = client.post(address, data or {})
    assert answer.status_code < 500, address
    taken = answer.status_code not in REFUSED and not sent_to_sign_in(answer)
    if not taken:
        written = [query["sql"] for query in queries.captured_queries if WRITES.match(query["sql"])]
        assert not written, f"{address} refuses with {answer.status_code}, and writes: {written}"
    return taken


def let_do(
    client: Client, address: str, cells: dict[str, str] | None, data: dict[str, Any] | None = None
) -> str:
    """The word for what a page lets somebody do. Where the document has nobody act (`cells`: its line), what is sent
    may be answered like a look, but never writes.
    """
    shown = opens(client, address)
    if cells and "acts" not in cells.values():
        assert not writes(client, address, data), f"{address} is only looked at, and writes"
        return "looks" if shown else NOTHING
    if acts(client, address, data):
        return "acts"
    return "looks" if shown else NOTHING


def writes(client: Client, address: str, data: dict[str, Any] | None = None) -> bool:
    with within(client) as queries:
        client.post(address, data or {})
    return any(WRITES.match(query["sql"]) for query in queries.captured_queries)


class within:  # noqa: N801 - read as a word
    """Whatever is asked is taken back afterwards, so that each question finds the same world."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.cookies: SimpleCookie = SimpleCookie()
        self.cookies.update(client.cookies)
        self.taken_back = transaction.atomic()
        self.queries = CaptureQueriesContext(connection)

    def __enter__(self) -> CaptureQueriesContext:
        self.taken_back.__enter__()
        return self.queries.__enter__()

    def __exit__(self, kind: Any, fault: Any, trace: Any) -> None:
        self.queries.__exit__(kind, fault, trace)
        if kind is None:
            transaction.set_rollback(True)
        self.taken_back.__exit__(kind, fault, trace)
        self.client.cookies = self.cookies

"""Walks the public site as a reader would: from the first page along every link, and notes what each page holds."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
UNREAD = frozenset(("script", "style", "code", "kbd", "samp", "pre"))
SAID = ("alt", "title", "aria-label", "placeholder", "content")  # attributes that people read or hear


class Answer(NamedTuple):
    status: int
    type: str
    body: bytes
    location: str = ""


class Said(NamedTuple):
    language: str
    text: str


@dataclass
class Page(HTMLParser):
    """What a page links to, which places it has, and what it says in which language."""

    html: str
    links: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    said: list[Said] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = [("", "")]  # each element within which we are, with its language
        self.feed(self.html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        language = given.get("lang", self.open[-1][1])
        self.places |= {given[name] for name in ("id", "name") if name in given}
        self.links |= {given[name] for name in ("href", "src", "action") if given.get(name)}
        is_machines = tag == "meta" and not re.search(
            "description|title", given.get("name", given.get("property", ""))
        )
        if not is_machines:
            self.said += [Said(language, given[name]) for name in SAID if given.get(name, "").strip()]
        if tag not in VOID:
            self.open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1 and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, language = self.open[-1]
        if data.strip() and not any(one in UNREAD for one, _language in self.open):
            self.said.append(Said(language, " ".join(data.split())))
            if tag == "title":
                self.titles.append(data.strip())


@dataclass
class Site:
    """Every address that was reached, with its answer and who led there; pages are those in HTML."""

    answers: dict[str, Answer] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    led: dict[str, str] = field(default_factory=dict)
    fragments: dict[tuple[str, str], str] = field(
        default_factory=dict
    )  # place on a page, with who points there


def crawl(
    ask: Callable[[str], Answer], begin: list[str], *, follow: Callable[[str], bool], host: str
) -> Site:
    """Ask for each address of `host` that is linked from anywhere and that one wants to `follow`, once."""
    site = Site(led=dict.fromkeys(begin, "the beginning"))
    waiting = deque(begin)
    while waiting:
        address = waiting.popleft()
        answer = site.answers[address] = ask(address)
        if answer.location:
            links = {answer.location}
        elif answer.status == 200 and answer.type.startswith("text/html"):
            page = site.pages[address] = Page(answer.body.decode())
            links = page.links
        else:
            continue
        for link in links:
            parts = urlsplit(urljoin(f"http://{host}{address}", link))
            if parts.scheme not in ("http", "https") or parts.netloc != host:
                continue
            found = f"{parts.path}?{parts.query}" if parts.query else parts.path
            if parts.fragment:
                site.fragments.setdefault((found, parts.fragment), address)
            if found not in site.led and follow(found):
                site.led[found] = address
                waiting.append(found)
    return site

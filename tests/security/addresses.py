"""Every address that there is, found by the URL configuration, with something in the place of its arguments."""

import re
from typing import Any

from tests.reports.permissions import routes

ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
# By the argument's name, else by its kind.
WHOSE: dict[str, Any] = {"code": "kaznu", "period": 2025, "programme": "6B06101"}
KINDS: dict[str | None, Any] = {"int": 1, "slug": "x", "str": "x", "path": "x", None: "x"}


def addresses() -> list[str]:
    """In English, where an address has a language."""
    return sorted({filled(route) for route, _pattern in routes()})


def filled(route: str) -> str:
    """Two of the admin's own are regular expressions: the list of an app, and whatever there is not."""
    plain = re.sub(r"\^\(\?P<app_label>.*\)/\$", "curricula/", route).replace("(?P<url>.*)$", "nowhere/")
    return "/" + ARGUMENT.sub(lambda found: str(WHOSE.get(found[2], KINDS[found[1]])), plain)

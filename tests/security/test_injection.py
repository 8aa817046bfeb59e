"""Text that would be SQL if it were put together with ours: refused, or searched for as the text that it is.

Two hundred of them over every parameter of every list; each time another part of them unless QAMTU_INJECTIONS asks for
more. A parameter that took one for anything but text would fail (500), find all rows, or change some.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse

from institutions.models import User
from reports.api.urls import urlpatterns
from reports.models import Release
from tests.reports.test_api_secrecy import ADDRESSES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

EACH = int(os.environ.get("QAMTU_INJECTIONS", "2"))  # payloads for a parameter; 200 are all

OPENINGS = ("", "'", '"', "')", "\\'", "%'", "1", "kaznu'", "0) ", "$$")
STATEMENTS = (
    " OR 1=1", " OR '1'='1", "; DROP TABLE reports_release", "; SELECT pg_sleep(30)", " UNION SELECT NULL",
    " UNION SELECT password FROM institutions_user", " AND (SELECT pg_sleep(30)) IS NULL",
    "||(SELECT version())", " ORDER BY 1", "::int", " OR EXISTS(SELECT 1)",
    "; UPDATE institutions_user SET is_staff=true",
    " LIMIT 0", "/**/OR/**/1=1", " OR lower('a')='a", "%(release)s", "%s%s", "{0.__class__}",
    "; COPY x TO PROGRAM 'id'",
    " OR xmin IS NOT NULL",
)  # fmt: skip
PAYLOADS = [f"{opening}{statement} --" for opening, statement in product(OPENINGS, STATEMENTS)]


@pytest.fixture
def next_payloads() -> Callable[[], list[str]]:
    """A few at a time, beginning where the last parameter left off: together the parameters get all."""
    running = cycle(PAYLOADS)
    return lambda: list(islice(running, EACH))


def parameters() -> Iterator[tuple[str, str]]:
    """Each parameter of each address of the API."""
    for pattern in urlpatterns:
        view = pattern.callback.cls()  # type: ignore[attr-defined]
        for name in (*view.parameters, *view.several):
            yield ADDRESSES[str(pattern.name)], name


def people() -> list[Any]:
    return list(User.objects.order_by("pk").values("is_staff", "is_superuser", "password"))


def test_there_are_two_hundred() -> None:
    assert len(set(PAYLOADS)) == 200


def test_every_parameter_of_the_api_takes_it_for_text(
    client: Client, release: Release, next_payloads: Any
) -> None:
    before, tried, found = people(), 0, []
    for address, name in parameters():
        for payload in next_payloads():
            answer = client.get(f"{address}?{urlencode({name: payload})}")
            body = b"".join(answer)
            tried += 1
            assert answer.status_code in (200, 400, 404, 406), (address, name, payload, answer.status_code)
            if name == "search":  # finds by letters and digits: signs are as good as none
                payload = " ".join(re.findall(r"\w+", payload))
                assert body == b"".join(client.get(f"{address}?{urlencode({name: payload})}")), (
                    address,
                    payload,
                )
            elif answer.status_code == 200:
                rows = len(body.splitlines()) if answer.streaming else json.loads(body).get("results")
                found += [(address, name, payload)] if rows else []
    assert found == []
    assert tried > 150 * EACH
    assert people() == before


def test_every_parameter_of_the_lists_of_the_ministry_takes_it_for_text(
    client: Client, everything: None, next_payloads: Any
) -> None:
    root = User.objects.create_superuser("root@ministry.kz")
    client.force_login(root)
    before, tried = people(), 0
    for model, page in admin.site._registry.items():
        where = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for name in ("q", "o", "p", "all", "after", *filters(page, root)):
            for payload in next_payloads():
                answer = client.get(f"{where}?{urlencode({name: payload})}")
                assert answer.status_code in (200, 302, 400, 404, 422), (where, name, payload)
                tried += 1
    assert tried > 200 * EACH
    assert people() == before


def filters(page: Any, user: User) -> Iterator[str]:
    """What the links of a list's filters are called."""
    request = RequestFactory().get("/")
    request.user = user
    for one in page.get_list_filter(request):
        field = one[0] if isinstance(one, tuple) else one
        if isinstance(field, str):
            yield from (f"{field}__exact", f"{field}__id__exact", f"{field}__isempty", f"{field}__isnull")
        else:
            yield field.parameter_name


QUESTIONS = (
    "institutions/?q=", "institutions/?sort=", "search/?q=", "disciplines/?q=", "disciplines/?area=",
    "disciplines/table.csv?q=", "compare/?institution=", "releases/1/programmes/?key=", "releases/1/card.png?key=",
    "?release=",
)  # fmt: skip


def test_every_question_of_the_public_pages_takes_it_for_text(
    client: Client, release: Release, next_payloads: Any
) -> None:
    for path in QUESTIONS:
        for payload in next_payloads():
            answer = client.get(f"/en/{path}{quote(payload)}")
            assert answer.status_code in (200, 302, 400, 404, 422), (path, payload)


def test_statements_are_put_together_from_nothing_that_people_send() -> None:
    """No `extra`, no `RawSQL`; `raw` nowhere. What ruff (S608) is told to pass over is named in pyproject.toml."""
    called = re.compile(r"\.extra\(|\bRawSQL\(|\.raw\(")
    root = Path(__file__).resolve().parents[2]
    sources = [
        path
        for app in ("institutions", "curricula", "reports", "config")
        for path in root.glob(f"{app}/**/*.py")
    ]
    assert [path for path in sources if called.search(path.read_text("utf-8"))] == []

"""Benchmark `admin_lists`: the lists of the ministry at the size of the nation, each as its reviewers ask for it.

Every list of the admin is opened as the lead does: plain, searched, ordered by each column both ways, and at its last
page. Told are the slowest of all (`ours_s`, `slowest`) and the most queries of one (`queries`); the floor is the
shortest list of the same run, which is what the frame of the page and its checks of rights cost.
"""

import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from institutions.models import User

SEARCHED = ("қаз", "инф")
ROUNDS = 3


def addresses() -> Iterator[str]:
    for model, page in admin.site._registry.items():
        if model._meta.app_label == "auth":
            continue
        base = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        yield base
        if not model._meta.managed:  # the trail, which has no table to count
            continue
        if page.search_fields:
            yield from (f"{base}?q={word}" for word in SEARCHED)
        yield from (
            f"{base}?o={way}{column + 1}" for column in range(len(page.list_display)) for way in ("", "-")
        )
        yield f"{base}?p={Paginator(model._default_manager.order_by(), page.list_per_page).num_pages}"


def measured(client: Client, address: str) -> tuple[float, int]:
    """Seconds, the least of some rounds, and queries."""
    seconds = []
    for _round in range(ROUNDS):
        with CaptureQueriesContext(connection) as queries:
            begun = time.perf_counter()
            answer = client.get(address)
            seconds.append(time.perf_counter() - begun)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answers {answer.status_code}")
    return min(seconds), len(queries)


def run() -> dict[str, Any]:
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    client.force_login(User.objects.filter(groups__name="lead").earliest("pk"))
    with translation.override("kk"):
        found = {address: measured(client, address) for address in addresses()}
    slowest = max(found, key=lambda address: found[address][0])
    floor = min(seconds for seconds, _queries in found.values())
    return {
        "name": "admin_lists",
        "ours_s": round(found[slowest][0], 4),
        "floor_s": round(floor, 4),
        "ratio": round(found[slowest][0] / floor, 2),
        "slowest": slowest,
        "queries": max(queries for _seconds, queries in found.values()),
        "pages": len(found),
    }

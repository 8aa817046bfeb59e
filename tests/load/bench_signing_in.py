"""Benchmark `signing_in`: how long a wrong password takes, by whose account it is: the times must not tell.

In turns, so that what else the machine does meets all; told are the medians in seconds for a known account (`ours_s`),
an unknown one (`floor_s`), and by how much of the longest the medians of all kinds differ (`spread`, at most 0.05). The
processor's time beside it (`cpu_spread`) is what is left of that on a busy machine. The same for asking for a new
password, `password_letter`.
"""

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import translation

from institutions.models import Letter, SignInAttempt, User

WRONG = "not the password of anybody here"
ROUNDS = 20


def accounts() -> dict[str, str]:
    """The e-mail by what is so of its account."""
    kinds = {"known": {}, "staff": {"is_staff": True}, "disabled": {"is_active": False}}
    for kind, over in kinds.items():
        email = f"{kind}@timing.example"
        User.objects.filter(email=email).delete()
        User.objects.create_user(email, "the password of the benchmark", **over)
    User.objects.filter(email="unusable@timing.example").delete()
    User.objects.create_user("unusable@timing.example", None)
    return {kind: f"{kind}@timing.example" for kind in (*kinds, "unusable", "unknown")}


def measured(emails: dict[str, str], page: str, field: str, rounds: int) -> dict[str, Any]:
    walls: dict[str, list[float]] = {kind: [] for kind in emails}
    works: dict[str, list[float]] = {kind: [] for kind in emails}
    with translation.override("en"):
        address = reverse(page)
    for _round in range(rounds):
        for kind, email in emails.items():
            client = Client(SERVER_NAME="127.0.0.1")
            SignInAttempt.objects.all().delete()
            wall, work = time.perf_counter(), time.process_time()
            client.post(address, {field: email, "password": WRONG})
            walls[kind].append(time.perf_counter() - wall)
            works[kind].append(time.process_time() - work)
    wall_of, work_of = ({kind: median(found) for kind, found in each.items()} for each in (walls, works))
    return {
        "ours_s": round(wall_of["known"], 4),
        "floor_s": round(wall_of["unknown"], 4),
        "ratio": round(wall_of["known"] / wall_of["unknown"], 3),
        "spread": spread(wall_of),
        "cpu_spread": spread(work_of),
    }


def spread(found: dict[str, float]) -> float:
    return round(1 - min(found.values()) / max(found.values()), 4)


def run() -> Iterator[dict[str, Any]]:
    emails = accounts()
    try:
        yield {"name": "signing_in", **measured(emails, "sign-in", "username", ROUNDS)}
        yield {"name": "password_letter", **measured(emails, "password-reset", "email", ROUNDS * 10)}
    finally:
        SignInAttempt.objects.all().delete()
        Letter.objects.filter(address__endswith="@timing.example").delete()
        User.objects.filter(email__endswith="@timing.example").delete()

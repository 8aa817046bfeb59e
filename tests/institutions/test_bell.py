"""The bell: never waited for, never missed for long."""

import os
import socket
import subprocess
import sys
import time

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from institutions.bell import ring
from institutions.models import Heartbeat
from tests.workers import ROOT, Worker, eventually

pytestmark = pytest.mark.processes

RING_A_HUNDRED_TIMES = """
import time, django
django.setup()
from institutions.bell import ring
began = time.monotonic()
for number in range(100):
    ring("institutions.tasks.heartbeat")
print(time.monotonic() - began)
"""


def ring_in_a_process_of_its_own(redis_url: str) -> tuple[float, float]:
    """Seconds that ringing took, and that the whole process took."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", RING_A_HUNDRED_TIMES],
        cwd=ROOT,
        env={**os.environ, "REDIS_URL": redis_url},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return float(done.stdout), time.monotonic() - began


def test_a_redis_that_never_answers_delays_nobody() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        ringing, whole = ring_in_a_process_of_its_own(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
    assert ringing < 0.5
    assert whole < 30


def test_no_redis_at_all_delays_nobody() -> None:
    ringing, _whole = ring_in_a_process_of_its_own("redis://127.0.0.1:1/0")
    assert ringing < 0.5


def test_a_worker_hears_the_bell_and_a_killed_one_is_replaced(worker: Worker) -> None:
    first = Heartbeat.objects.get(name="worker").beat_at
    ring("institutions.tasks.heartbeat")
    eventually(lambda: Heartbeat.objects.get(name="worker").beat_at > first, "the bell to be heard")
    worker.kill()
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    began = timezone.now()
    again = Worker.start()
    assert Heartbeat.objects.get(name="worker").beat_at > began
    again.stop()

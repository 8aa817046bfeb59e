"""Workers killed amid sending lose no letter, whatever becomes of Redis."""

import time

import pytest
import redis
from django.conf import settings

from institutions.bell import ring
from institutions.models import Letter
from tests.factories import make_letter, make_user
from tests.mail_server import MailServer
from tests.workers import Worker, eventually

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

LETTERS = 12


def test_no_letter_is_lost_when_workers_die() -> None:
    """The mail server is slow, so that each worker dies while a letter is under way: before or after it was taken."""
    for number in range(LETTERS):
        make_letter(user=make_user(f"person-{number}@kaznu.kz"))
    with MailServer() as server:
        server.slowness = 3
        for attempt in range(2):
            server.arriving.clear()
            worker = Worker.start(clean=False, EMAIL_URL=server.url)
            ring("institutions.tasks.send_letters")
            assert server.arriving.wait(timeout=30)
            time.sleep(3.1 * attempt)  # at once, or when the first has just been taken
            worker.kill()
            worker.stop()
            assert Letter.objects.outstanding().exists()
        redis.Redis.from_url(settings.REDIS_URL).flushdb()  # no bell is left; a new worker looks by itself
        server.slowness = 0
        worker = Worker.start(EMAIL_URL=server.url)
        try:
            eventually(lambda: not Letter.objects.outstanding().exists(), "the letters to be sent")
        finally:
            worker.stop()
        addresses = [str(letter["To"]) for letter in server.letters]
        assert set(addresses) == {f"person-{number}@kaznu.kz" for number in range(LETTERS)}
        # At least once: a second copy only of what each of the two processes had under way at each of the two deaths,
        # under the same number.
        assert len(addresses) <= LETTERS + 4
        assert len({str(letter["Message-ID"]) for letter in server.letters}) == LETTERS

"""Counts of what happens, kept in the database: workers have no address that could be asked for them, and a count that
died with its process could not be summed up over a day.
"""

import math

import structlog
from django.db import DatabaseError, connection
from django.utils import timezone

log = structlog.get_logger(__name__)

# Seconds: what took at most so long counts to the first that it fits.
BOUNDS = (0.1, 1.0, 10.0, 60.0, math.inf)

# What is counted here, by `name`; the detail is the kind of it.
TASK = "task"
SIGN_IN_REFUSED = "sign-in refused"

ADD = """
    INSERT INTO institutions_tally AS held (day, name, detail, within, count, seconds)
    VALUES (%s, %s, %s, %s, 1, %s)
    ON CONFLICT (day, name, detail, within)
    DO UPDATE SET count = held.count + 1, seconds = held.seconds + excluded.seconds
"""


def refuse_sign_in(why: str) -> None:
    """Somebody was not let in: a line in the log and one more in the counts. Nothing of what was typed is in either."""
    log.info("sign-in refused", why=why)
    tally(SIGN_IN_REFUSED, why)


def tally(name: str, detail: str = "", *, seconds: float | None = None) -> None:
    """One more of its kind today; with how long it took where it took time. Whoever calls it never fails for it, and
    calls it outside of a transaction, which would hold the row of this kind until its end."""
    within = 0.0 if seconds is None else next(bound for bound in BOUNDS if seconds <= bound)
    try:
        with connection.cursor() as cursor:
            cursor.execute(ADD, [timezone.localdate(), name, detail, within, seconds or 0.0])
    except DatabaseError as error:
        log.warning("not counted", name=name, detail=detail, error=str(error))

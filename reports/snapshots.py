"""Taking snapshots: all figures of a period as at one moment, complete or absent, and making them again."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.models import Period
from institutions.bell import ring
from institutions.locks import consistent_read, one_at_a_time
from institutions.models import Deployment, User
from institutions.moments import fixed_moment
from reports.assessing import COVERAGE, GIVEN, METHODOLOGY_VERSION, parameters
from reports.errors import Refused
from reports.fingerprints import FINGERPRINT
from reports.indicators import INDICATORS
from reports.models import Snapshot

ASSESSMENT_COLUMNS = (
    "institution_id, programme_id, requirement_id, version_id, outcome, ai_disciplines, ai_credits,"
    " region_code, kind, field_code, level, language"
)
COVERAGE_COLUMNS = "requirement_id, dimension, key, in_scope, met, not_met, no_data, exempt"
INDICATOR_COLUMNS = "indicator, dimension, key, numerator, denominator, missing"

# One statement: the inputs are read once, and what is written is what was fingerprinted.
TAKE = f"""
    {GIVEN}, kept AS (
        INSERT INTO reports_assessment (snapshot_id, {ASSESSMENT_COLUMNS})
        SELECT %(snapshot)s, {ASSESSMENT_COLUMNS} FROM assessed
    ), counted AS (
        INSERT INTO reports_coverage (snapshot_id, {COVERAGE_COLUMNS})
        SELECT %(snapshot)s, {COVERAGE_COLUMNS} FROM ({COVERAGE}) AS counted
    ), indicated AS (
        INSERT INTO reports_indicator (snapshot_id, {INDICATOR_COLUMNS})
        SELECT %(snapshot)s, {INDICATOR_COLUMNS} FROM ({INDICATORS}) AS indicated
    )
    SELECT ({FINGERPRINT}), (SELECT count(*) FROM programme)
"""


def _compared(table: str, columns: str, again: str) -> str:
    """Rows that stand only in the table (-) or only in the computation (+), as text, at most 200."""
    return f"""(
        SELECT CASE WHEN sum(sign) > 0 THEN '+' ELSE '-' END, '{table} ' || ROW({columns})::text FROM (
            SELECT {columns}, 1 AS sign FROM ({again}) AS again
            UNION ALL SELECT {columns}, -1 FROM {table} WHERE snapshot_id = %(snapshot)s
        ) AS both_sides GROUP BY {columns} HAVING sum(sign) <> 0 LIMIT 200
    )"""


# One statement as well: the fingerprint, then whatever differs.
REBUILD = f"""
    {GIVEN}
    SELECT '=', ({FINGERPRINT})
    UNION ALL {_compared("reports_assessment", ASSESSMENT_COLUMNS, "SELECT * FROM assessed")}
    UNION ALL {_compared("reports_coverage", COVERAGE_COLUMNS, COVERAGE)}
    UNION ALL {_compared("reports_indicator", INDICATOR_COLUMNS, INDICATORS)}
"""


def request(
    *, period: Period | None = None, by: User | None = None, as_at: datetime | None = None
) -> Snapshot:
    """Ask for a snapshot of a period (the newest that has opened) as at a past moment (the moment it is taken).

    The row is the to-do item: `take` may be called at once, by a task, or by the sweep.
    """
    period = period or Period.objects.current()
    if period is None:
        raise Refused(_("There is no period yet: add one first."), field="period", code="no_period")
    if as_at is not None and as_at > timezone.now():
        raise Refused(
            _("A snapshot can't describe the future: choose a past moment."), field="as_at", code="future"
        )
    snapshot = Snapshot.objects.create(period=period, requested_by=by, as_at=as_at)
    transaction.on_commit(partial(ring, "reports.tasks.take_snapshot", snapshot.pk))
    return snapshot


def take(snapshot_id: int) -> Snapshot:
    """Compute what was requested, in one transaction; a snapshot that is taken already is left as it is.

    Killed at any instruction, it leaves the request and nothing else. Raises Busy if another process takes it.
    """
    with one_at_a_time("snapshot", snapshot_id, wait=False), ExitStack() as undecided:
        Snapshot.objects.outstanding().filter(pk=snapshot_id).update(attempts=F("attempts") + 1)
        now = undecided.enter_context(fixed_moment())
        with consistent_read():
            snapshot = Snapshot.objects.select_related("period").get(pk=snapshot_id)
            undecided.close()
            if snapshot.state == Snapshot.State.REQUESTED:
                _compute(snapshot, as_at=snapshot.as_at or now)
    return snapshot


def _compute(snapshot: Snapshot, *, as_at: datetime) -> None:
    given = {"snapshot": snapshot.pk, **parameters(period=snapshot.period, as_at=as_at)}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, given)
        snapshot.fingerprint, snapshot.programmes = cursor.fetchone()
    snapshot.as_at = as_at
    snapshot.taken_at = timezone.now()
    snapshot.methodology_version = METHODOLOGY_VERSION
    snapshot.demonstration = Deployment.is_demonstration()
    snapshot.state = Snapshot.State.TAKEN
    snapshot.save(
        update_fields=[
            "fingerprint", "programmes", "as_at", "taken_at", "methodology_version", "demonstration", "state"
        ]
    )  # fmt: skip


@dataclass(frozen=True)
class Rebuilt:
    """A snapshot made again from history: its fingerprint then and now, and the cells that differ, if any."""

    fingerprint: str
    fingerprint_now: str
    differences: list[str]

    @property
    def agrees(self) -> bool:
        return self.fingerprint == self.fingerprint_now and not self.differences


def rebuild(snapshot: Snapshot) -> Rebuilt:
    """Recompute a past snapshot from the versions' and the registry's validity, and compare every cell."""
    if snapshot.as_at is None or snapshot.state == Snapshot.State.REQUESTED:
        raise Refused(
            _("Snapshot %(number)s has not been taken yet.") % {"number": snapshot.pk}, code="not_taken"
        )
    given = {"snapshot": snapshot.pk, **parameters(period=snapshot.period, as_at=snapshot.as_at)}
    with consistent_read(), connection.cursor() as cursor:
        cursor.execute(REBUILD, given)
        rows = cursor.fetchall()
    (now,) = (text for sign, text in rows if sign == "=")
    differences = [f"{sign} {text}" for sign, text in rows if sign != "="]
    return Rebuilt(fingerprint=snapshot.fingerprint, fingerprint_now=now, differences=differences)

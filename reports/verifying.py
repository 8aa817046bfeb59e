"""Verification: every cell of a snapshot is compared with what a second implementation makes of the stored rows."""

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from institutions.locks import consistent_read, one_at_a_time
from reports.errors import Refused
from reports.models import Snapshot
from reports.recomputing import Figures, Row, recompute

EXPORTS = {
    "requirements": "SELECT * FROM reports_requirement",
    "institutions": "SELECT s.*, i.code FROM institutions_institutionstate s"
    " JOIN institutions_institution i ON i.id = s.institution_id",
    "programmes": "SELECT * FROM curricula_programmestate",
    "versions": "SELECT id, programme_id, number, students, content_hash, valid_from, valid_to"
    " FROM curricula_curriculumversion WHERE state = 'approved' AND period_id = %(period)s",
    "lines": "SELECT l.version_id, l.ai_category, l.component, l.credits FROM curricula_line l"
    " JOIN curricula_curriculumversion v ON v.id = l.version_id"
    " WHERE l.ai_category <> 'none' AND v.state = 'approved' AND v.period_id = %(period)s",
    "exemptions": "SELECT * FROM reports_exemption",
    "submissions": "SELECT institution_id, state, signed_at, faculty_total, faculty_trained, valid_from, valid_to"
    " FROM curricula_submission WHERE period_id = %(period)s",
}


def export(period_id: int) -> dict[str, list[Row]]:
    """The stored rows that figures of the period are made of, each as a dict of its columns."""
    rows = {}
    with connection.cursor() as cursor:
        for name, sql in EXPORTS.items():
            cursor.execute(sql, {"period": period_id})
            columns = [column.name for column in cursor.description]
            rows[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return rows


def stored(snapshot: Snapshot) -> Figures:
    """The cells of a taken snapshot as they are stored."""
    return Figures(
        assessments={
            (row[0], row[1]): row[2:]
            for row in snapshot.assessments.values_list(
                "requirement_id", "programme_id", "institution_id", "version_id", "outcome", "ai_disciplines",
                "ai_credits", "region_code", "kind", "field_code", "level", "language",
            )
        },
        coverage={
            row[:3]: row[3:]
            for row in snapshot.coverage.values_list(
                "requirement_id", "dimension", "key", "in_scope", "met", "not_met", "no_data", "exempt"
            )
        },
        indicators={
            row[:3]: row[3:]
            for row in snapshot.indicators.values_list(
                "indicator", "dimension", "key", "numerator", "denominator", "missing"
            )
        },
        fingerprint=snapshot.fingerprint,
    )  # fmt: skip


def compare(ours: Figures, second: Figures) -> list[str]:
    """Every cell in which the two differ, as text; empty if they agree."""
    found = []
    for name in ("assessments", "coverage", "indicators"):
        left, right = getattr(ours, name), getattr(second, name)
        found += [
            f"{name} {key}: {left.get(key)} is stored, {right.get(key)} was recomputed"
            for key in sorted(left.keys() | right.keys(), key=repr)
            if left.get(key) != right.get(key)
        ]
    if ours.fingerprint != second.fingerprint:
        found.append(f"fingerprint: {ours.fingerprint} is stored, {second.fingerprint} was recomputed")
    return found


def differences(snapshot: Snapshot) -> list[str]:
    """Recompute a taken snapshot from exported rows; every cell that differs, as text."""
    if snapshot.as_at is None or snapshot.state == Snapshot.State.REQUESTED:
        raise Refused(
            _("Snapshot %(number)s has not been taken yet.") % {"number": snapshot.pk}, code="not_taken"
        )
    period = snapshot.period
    with consistent_read():
        rows = export(period.pk)
        ours = stored(snapshot)
    second = recompute(rows, as_at=snapshot.as_at, starts_on=period.starts_on, ends_on=period.ends_on)
    return compare(ours, second)


def verify(snapshot_id: int) -> Snapshot:
    """Verify a taken snapshot and write down the result; one that is decided already stays as it is."""
    with one_at_a_time("snapshot", snapshot_id, wait=False):
        snapshot = Snapshot.objects.select_related("period").get(pk=snapshot_id)
        found = differences(snapshot)
        if snapshot.state == Snapshot.State.TAKEN:
            snapshot.state = Snapshot.State.REFUTED if found else Snapshot.State.VERIFIED
            snapshot.differences = found[:1000]
            snapshot.verified_at = timezone.now()
            snapshot.save(update_fields=["state", "differences", "verified_at"])
    return snapshot

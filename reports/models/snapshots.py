"""All coverage as at one moment: immutable, fingerprinted, verified."""

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models import CurriculumVersion, Period, Programme
from institutions.guards import Guard, refuse_sql, refuse_truncate
from institutions.models import Institution
from reports.models.mandate import Requirement


class Outcome(models.TextChoices):
    MET = "met", _("met")
    NOT_MET = "not_met", _("not met")
    NO_DATA = "no_data", _("no data")
    EXEMPT = "exempt", _("exempt")


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def outstanding(self) -> Self:
        """Requested or not yet verified: work for the worker."""
        return self.filter(state__in=["requested", "taken"])

    def verified(self) -> Self:
        return self.filter(state="verified")


class Snapshot(models.Model):
    """All figures of one period as at one moment.

    The row is the request first (`requested`, the to-do item), then the result: its assessments, coverage and
    indicators appear with the state `taken` in one transaction, so a snapshot is complete or absent. `verified`
    means that a second implementation came to the same in every cell; `refuted` that it did not (`differences`).
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("requested")
        TAKEN = "taken", _("taken, not yet verified")
        VERIFIED = "verified", _("verified")
        REFUTED = "refuted", _("refuted by verification")

    period = models.ForeignKey(Period, models.PROTECT, related_name="snapshots", verbose_name=_("period"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    as_at = models.DateTimeField(_("as at"), null=True, blank=True)
    taken_at = models.DateTimeField(_("taken at"), null=True)
    methodology_version = models.PositiveSmallIntegerField(_("methodology version"), default=1)
    fingerprint = models.CharField(_("fingerprint"), max_length=64, blank=True)
    programmes = models.PositiveIntegerField(_("programmes taught in the period"), default=0)
    demonstration = models.BooleanField(_("demonstration data"), default=False)
    verified_at = models.DateTimeField(_("verified at"), null=True)
    differences = models.JSONField(_("differences found"), default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(_("what went wrong"), blank=True)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ["-as_at", "-id"]
        indexes = [
            models.Index(
                "requested_at", condition=Q(state__in=["requested", "taken"]), name="snapshot_outstanding"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="requested", fingerprint="", taken_at=None)
                | (
                    ~Q(state="requested", fingerprint="")
                    & Q(as_at__isnull=False, taken_at__isnull=False)
                    & Q(fingerprint__regex="^[0-9a-f]{64}$")
                ),
                name="reports_snapshot_taken_complete",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "taken"], verified_at=None)
                | Q(state__in=["verified", "refuted"], verified_at__isnull=False),
                name="reports_snapshot_verification_complete",
            ),
        ]
        triggers = [
            Guard(
                name="only_along_the_arrows",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP = 'INSERT' THEN
                        {refuse_sql("NEW.state <> 'requested'", "a snapshot starts as a request")}
                        RETURN NEW;
                    ELSIF TG_OP = 'DELETE' THEN
                        {refuse_sql("OLD.state <> 'requested'", "a snapshot is never deleted")}
                        RETURN OLD;
                    END IF;
                    IF OLD.state || '>' || NEW.state IN ('requested>requested', 'requested>taken') THEN
                        RETURN NEW;
                    ELSIF OLD.state = 'taken' AND NEW.state IN ('taken', 'verified', 'refuted')
                        AND to_jsonb(NEW) - 'state' - 'verified_at' - 'differences' - 'attempts' - 'failure'
                          = to_jsonb(OLD) - 'state' - 'verified_at' - 'differences' - 'attempts' - 'failure' THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a snapshot is never changed' USING ERRCODE = '23000';
                """,
            ),
            refuse_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.pk} · {self.period}"


def cells_of_requests_only() -> list[pgtrigger.Trigger]:
    """Cells are written while their snapshot is being taken, and stay."""
    return [
        Guard(
            name="written_while_taken",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_cells"),
            func="""
                IF EXISTS (SELECT 1 FROM reports_snapshot WHERE state <> 'requested'
                    AND id IN (SELECT snapshot_id FROM new_cells)) THEN
                    RAISE EXCEPTION 'a taken snapshot gets no more cells' USING ERRCODE = '23000';
                END IF;
                RETURN NULL;
            """,
        ),
        Guard(
            name="never_changed",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
            func="RAISE EXCEPTION 'the cells of a snapshot are never changed' USING ERRCODE = '23000';",
        ),
    ]


class Assessment(models.Model):
    """The outcome of one requirement for one programme in a snapshot, with what it was counted by.

    The foreign keys without constraints point at rows that the database never deletes; leaving the checks out makes
    a national snapshot a matter of milliseconds instead of seconds.
    """

    pk = models.CompositePrimaryKey("snapshot_id", "institution_id", "programme_id", "requirement_id")
    snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, related_name="assessments", db_index=False, db_constraint=False
    )
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="assessments", db_index=False, db_constraint=False
    )
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    version = models.ForeignKey(
        CurriculumVersion, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome)
    ai_disciplines = models.PositiveSmallIntegerField(_("AI disciplines"), default=0)
    ai_credits = models.DecimalField(_("AI credits"), max_digits=6, decimal_places=1, default=0)
    region_code = models.CharField(max_length=10)
    kind = models.CharField(max_length=15)
    field_code = models.CharField(max_length=3)
    level = models.CharField(max_length=2)
    language = models.CharField(max_length=5)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        triggers = cells_of_requests_only()

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.outcome}"


class Coverage(models.Model):
    """Counts of assessments of one requirement for one key of one dimension; shares are divided when shown.

    `dimension` is "nation", "region", "institution", "field", "level", "kind", "language" or a pair "region,level";
    `key` the code in it ("" for the nation, "KZ-71,6B" for a pair).
    """

    pk = models.CompositePrimaryKey("snapshot_id", "requirement_id", "dimension", "key")
    snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, related_name="coverage", db_index=False, db_constraint=False
    )
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    dimension = models.CharField(_("dimension"), max_length=30)
    key = models.CharField(_("key"), max_length=60, blank=True)
    in_scope = models.PositiveIntegerField(_("in scope"))
    met = models.PositiveIntegerField(_("met"))
    not_met = models.PositiveIntegerField(_("not met"))
    no_data = models.PositiveIntegerField(_("no data"))
    exempt = models.PositiveIntegerField(_("exempt"))

    class Meta:
        verbose_name = _("coverage")
        verbose_name_plural = _("coverage")
        constraints = [
            models.CheckConstraint(
                condition=Q(in_scope=F("met") + F("not_met") + F("no_data") + F("exempt")),
                name="reports_coverage_adds_up",
            ),
        ]
        triggers = cells_of_requests_only()

    def __str__(self) -> str:
        return f"{self.dimension} {self.key}: {self.met}/{self.in_scope - self.exempt}"


class Indicator(models.Model):
    """One indicator for one key of one dimension: a numerator, its denominator, and how many are missing."""

    pk = models.CompositePrimaryKey("snapshot_id", "indicator", "dimension", "key")
    snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, related_name="indicators", db_index=False, db_constraint=False
    )
    indicator = models.CharField(_("indicator"), max_length=40)
    dimension = models.CharField(_("dimension"), max_length=30)
    key = models.CharField(_("key"), max_length=60, blank=True)
    numerator = models.PositiveBigIntegerField(_("numerator"))
    denominator = models.PositiveBigIntegerField(_("denominator"))
    missing = models.PositiveBigIntegerField(_("missing"))

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        constraints = [
            models.CheckConstraint(
                condition=Q(numerator__lte=F("denominator")), name="reports_indicator_is_a_part"
            ),
        ]
        triggers = cells_of_requests_only()

    def __str__(self) -> str:
        return f"{self.indicator} {self.dimension} {self.key}: {self.numerator}/{self.denominator}"

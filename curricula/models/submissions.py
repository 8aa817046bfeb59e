"""An institution's signed package for a period."""

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models.classifier import Period
from institutions.guards import Guard, refuse_sql, refuse_truncate
from institutions.models import Institution
from institutions.scoping import ScopedQuerySet

DECISION = "'state' - 'decided_by_id' - 'decided_at' - 'reason' - 'valid_from'"

# What a receipt vouches for, as text, of which `content_hash` is the SHA-256: the package with its staff figures on the
# first line, then one line a curriculum with the hash that its own seal gave it (`version_rules.SEAL`).
SEALED_TEXT = """
    SELECT concat_ws('|', i.code, p.code, NEW.number, NEW.faculty_total, NEW.faculty_trained)
        || coalesce((
            SELECT string_agg(
                E'\\n' || concat_ws('|', programme.code, v.number, v.content_hash), ''
                ORDER BY programme.code COLLATE "C"
            )
            FROM curricula_curriculumversion v JOIN curricula_programme programme ON programme.id = v.programme_id
            WHERE v.submission_id = NEW.id
        ), '')
    FROM institutions_institution i, curricula_period p
    WHERE i.id = NEW.institution_id AND p.id = NEW.period_id
"""
SEAL = (
    "IF NEW.state = 'submitted' THEN "
    + refuse_sql(
        "OLD.content_hash <> '' OR (to_jsonb(NEW) - 'content_hash') <> (to_jsonb(OLD) - 'content_hash')",
        "a submission is sealed once, then only approved or returned",
    )
    + f"NEW.content_hash := encode(sha256(convert_to(({SEALED_TEXT}), 'UTF8')), 'hex'); RETURN NEW; END IF; "
)


class SubmissionQuerySet(ScopedQuerySet):
    def awaiting_review(self) -> "SubmissionQuerySet":
        """Submissions with anything left to decide: a curriculum or the staff figures."""
        versions = self.model.versions.rel.related_model._default_manager.awaiting_review().order_by()
        return self.filter(Q(state="submitted") | Q(pk__in=versions.values("submission")))


@pghistory.track()
class Submission(models.Model):
    """One signing: the curriculum versions handed in together, and the staff figures.

    `state` is the state of the staff figures; each curriculum version has its own. What was returned is handed in
    again as a further submission of the same period, with the next `number`. `content_hash` is written by the database
    once all of the package is in it (`submitting.submit`); from then on nothing can be added.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned")

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="submissions", verbose_name=_("institution")
    )
    period = models.ForeignKey(Period, models.PROTECT, related_name="submissions", verbose_name=_("period"))
    number = models.PositiveSmallIntegerField(_("number"))
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("signed by")
    )
    signed_at = models.DateTimeField(_("signed at"))
    note = models.TextField(_("note to the ministry"), max_length=5000, blank=True)
    faculty_total = models.PositiveIntegerField(_("faculty"), validators=[MinValueValidator(1)])
    faculty_trained = models.PositiveIntegerField(_("faculty who completed training in AI"))
    state = models.CharField(
        _("state of the staff figures"), max_length=10, choices=State, default=State.SUBMITTED
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.TextField(_("reason"), max_length=5000, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_to = models.DateTimeField(_("valid until"), null=True, blank=True)
    content_hash = models.CharField(
        _("content hash"), max_length=64, blank=True, db_default="", editable=False
    )

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ["-signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "period", "number"], name="curricula_submission_number_once"
            ),
            models.UniqueConstraint(
                fields=["institution", "period"],
                condition=Q(state="approved", valid_to=None),
                name="curricula_submission_one_valid",
            ),
            models.CheckConstraint(
                condition=Q(faculty_total__gte=1, faculty_trained__lte=F("faculty_total")),
                name="curricula_submission_trained_within_faculty",
            ),
            models.CheckConstraint(
                condition=Q(state="submitted", decided_at=None, decided_by=None)
                | Q(state__in=["approved", "returned"], decided_at__isnull=False, decided_by__isnull=False),
                name="curricula_submission_decision_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned", reason=""), name="curricula_submission_return_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(state="approved", valid_from__isnull=False)
                | (~Q(state="approved") & Q(valid_from=None, valid_to=None)),
                name="curricula_submission_validity_of_approved",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("signed_by")),
                name="curricula_submission_four_eyes",
            ),
        ]
        triggers = [
            Guard(
                name="only_along_the_arrows",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=refuse_sql("TG_OP = 'DELETE'", "a submission is never deleted")
                + "IF TG_OP = 'INSERT' THEN "
                + refuse_sql("NEW.state <> 'submitted'", "a submission starts as submitted")
                + refuse_sql("NEW.content_hash <> ''", "a submission is sealed by the database")
                + "RETURN NEW; END IF; "
                + "IF OLD.state = 'submitted' THEN "
                + SEAL
                + refuse_sql(
                    f"(to_jsonb(NEW) - {DECISION}) <> (to_jsonb(OLD) - {DECISION})",
                    "a submission can only be approved or returned",
                )
                + "ELSE "
                + refuse_sql(
                    "OLD.valid_to IS NOT NULL OR (to_jsonb(NEW) - 'valid_to') <> (to_jsonb(OLD) - 'valid_to')",
                    "a decided submission is never changed",
                )
                + "END IF; RETURN NEW;",
            ),
            refuse_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.period} · {self.number}"

    @property
    def receipt_number(self) -> str:
        """What people quote: QAMTU-2025-012-1 is the first submission of institution 12 for 2025/26."""
        return f"QAMTU-{self.period.code}-{self.institution_id:03}-{self.number}"

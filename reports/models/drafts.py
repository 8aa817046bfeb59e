"""Rules of the mandate as they are decided on: one person drafts, a second puts the draft into effect."""

from typing import TYPE_CHECKING, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from institutions.guards import Guard, refuse_sql, refuse_truncate
from reports.models.mandate import Mandate
from reports.models.rules import Rule

if TYPE_CHECKING:
    from reports.models.mandate import Requirement

DECISIONS = ("adopted_by_id", "adopted_at", "withdrawn_by_id", "withdrawn_at", "withdrawal_reason")
WITHOUT_DECISIONS = "".join(f" - '{column}'" for column in DECISIONS)


class RequirementDraftQuerySet(models.QuerySet["RequirementDraft"]):
    def waiting(self) -> Self:
        """For a second person."""
        return self.filter(adopted_at=None, withdrawn_at=None)


@pghistory.track()
class RequirementDraft(Rule):
    """The next version of a rule as one person drafts it, with the reason; it stays as it was drafted.

    A second person puts it into effect, which makes the requirement. Withdrawn, it stays as the trace.
    """

    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="drafts", verbose_name=_("mandate"))
    reason = models.TextField(_("reason of the change"), max_length=5000)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("put into effect by"),
    )
    adopted_at = models.DateTimeField(_("put into effect at"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawal_reason = models.TextField(_("reason of the withdrawal"), max_length=5000, blank=True)

    objects = RequirementDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft of a requirement")
        verbose_name_plural = _("drafts of requirements")
        ordering = ["-id"]
        permissions = [("adopt_requirementdraft", "Can put into effect what another has drafted")]
        constraints = [
            models.CheckConstraint(
                condition=Q(min_disciplines__gte=1), name="reports_requirementdraft_asks_something"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="reports_requirementdraft_says_why"),
            models.CheckConstraint(
                condition=Q(adopted_by=None) | ~Q(adopted_by=F("drafted_by")),
                name="reports_requirementdraft_two_people",
            ),
            models.CheckConstraint(
                condition=Q(adopted_by=None, adopted_at=None)
                | Q(adopted_by__isnull=False, adopted_at__isnull=False, withdrawn_at=None),
                name="reports_requirementdraft_adoption_complete",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None, withdrawn_at=None, withdrawal_reason="")
                | (Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="reports_requirementdraft_withdrawal_says_why",
            ),
        ]
        triggers = [
            Guard(
                name="decided_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=refuse_sql("TG_OP = 'DELETE'", "a draft of a requirement is never deleted")
                + "IF TG_OP = 'INSERT' THEN "
                + refuse_sql(
                    "NEW.adopted_at IS NOT NULL OR NEW.withdrawn_at IS NOT NULL",
                    "a requirement starts as a draft",
                )
                + "RETURN NEW; END IF;"
                + refuse_sql(
                    f"(to_jsonb(NEW){WITHOUT_DECISIONS}) <> (to_jsonb(OLD){WITHOUT_DECISIONS})",
                    "what was drafted stays as it is: withdraw it, and draft anew",
                )
                + refuse_sql(
                    "OLD.adopted_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL", "a draft is decided on once"
                )
                + "RETURN NEW;",
            ),
            refuse_truncate(),
        ]

    @property
    def is_waiting(self) -> bool:
        return self.adopted_at is None and self.withdrawn_at is None

    @property
    def adopted(self) -> "Requirement | None":
        """The requirement that it became."""
        found: Requirement | None = getattr(self, "requirement", None)
        return found

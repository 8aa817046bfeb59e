"""The mandate as data: requirements, targets, exemptions, and what was said in public."""

from datetime import datetime
from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curricula.models import Programme
from institutions.guards import Guard, bump_all, bump_programmes, refuse_sql, refuse_truncate
from institutions.models import Institution
from institutions.names import localized
from institutions.scoping import ScopedQuerySet
from reports.models.rules import Rule


@pghistory.track()
class Mandate(models.Model):
    """What the country asks of its universities, e.g. the 2025 integration of AI."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_kk = models.CharField(_("name in Kazakh"), max_length=300)
    name_ru = models.CharField(_("name in Russian"), max_length=300)
    name_en = models.CharField(_("name in English"), max_length=300)
    legal_reference = models.CharField(_("legal reference"), max_length=500, blank=True)
    source_url = models.URLField(_("source"), blank=True)

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self, "name")


class RequirementQuerySet(models.QuerySet["Requirement"]):
    def live_at(self, moment: datetime) -> Self:
        """Requirements adopted by the moment and in effect on its day, in the country's time."""
        day = timezone.localtime(moment).date()
        return self.filter(
            Q(effective_to=None) | Q(effective_to__gt=day), adopted_at__lte=moment, effective_from__lte=day
        ).order_by("code", "number")


@pghistory.track()
class Requirement(Rule):
    """One version of one rule of the mandate, unchangeable once adopted; a change is the next `number` of its code."""

    mandate = models.ForeignKey(
        Mandate, models.PROTECT, related_name="requirements", verbose_name=_("mandate")
    )
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    draft = models.OneToOneField(
        "reports.RequirementDraft",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="requirement",
        verbose_name=_("draft"),
    )
    adopted_at = models.DateTimeField(_("adopted at"), default=timezone.now, editable=False)
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("adopted by"),
    )
    effective_to = models.DateField(_("in effect until"), null=True, blank=True)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        ordering = ["code", "number"]
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="reports_requirement_number_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(effective_to=None), name="reports_requirement_one_open"
            ),
            models.CheckConstraint(
                condition=Q(min_disciplines__gte=1), name="reports_requirement_asks_something"
            ),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gt=F("effective_from")),
                name="reports_requirement_effect_in_order",
            ),
        ]
        triggers = [
            Guard(
                name="adopted_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=refuse_sql("TG_OP = 'DELETE'", "an adopted requirement is never deleted")
                + refuse_sql(
                    "(to_jsonb(NEW) - 'effective_to' - 'name_kk' - 'name_ru' - 'name_en' - 'legal_reference')"
                    " <> (to_jsonb(OLD) - 'effective_to' - 'name_kk' - 'name_ru' - 'name_en' - 'legal_reference')",
                    "an adopted requirement is never changed; adopt its next version",
                )
                + refuse_sql(
                    "NEW.effective_to IS DISTINCT FROM OLD.effective_to AND (OLD.effective_to <= current_date"
                    " OR NEW.effective_to <= current_date)",
                    "the past stays assessed by the rules of its time",
                )
                + "RETURN NEW;",
            ),
            Guard(
                name="adopted_by_a_second_person",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=refuse_sql(
                    "NEW.adopted_by_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reports_requirementdraft AS draft"
                    " WHERE draft.id = NEW.draft_id AND draft.adopted_by_id = NEW.adopted_by_id"
                    " AND draft.code = NEW.code)",
                    "a requirement is adopted from a draft, by a second person",
                )
                + "RETURN NEW;",
            ),
            bump_all(),
        ]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Target(models.Model):
    """How far a requirement shall be met by a day: one phase of the plan. `share` is from 0 to 1."""

    requirement_code = models.SlugField(_("requirement"), max_length=40)
    name_kk = models.CharField(_("name in Kazakh"), max_length=300)
    name_ru = models.CharField(_("name in Russian"), max_length=300)
    name_en = models.CharField(_("name in English"), max_length=300)
    due_on = models.DateField(_("due on"))
    share = models.DecimalField(_("share"), max_digits=7, decimal_places=6)
    source = models.CharField(_("source"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(fields=["requirement_code", "due_on"], name="reports_target_once_a_day"),
            models.CheckConstraint(
                condition=Q(share__gte=0, share__lte=1), name="reports_target_share_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self, "name")


class ExemptionQuerySet(ScopedQuerySet):
    def live_at(self, moment: datetime) -> Self:
        day = timezone.localtime(moment).date()
        return self.filter(
            Q(revoked_at=None) | Q(revoked_at__gt=moment),
            decided_at__lte=moment,
            starts_on__lte=day,
            ends_on__gt=day,
        )


@pghistory.track()
class Exemption(models.Model):
    """A programme excused from a requirement from a day until (not including) another, with reason and decider."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="exemptions", verbose_name=_("institution")
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="exemptions", verbose_name=_("programme")
    )
    requirement_code = models.SlugField(_("requirement"), max_length=40)
    reason = models.TextField(_("reason"), max_length=5000)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), default=timezone.now, editable=False)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = ExemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        ordering = ["-decided_at"]
        indexes = [models.Index("institution", "programme", name="exemption_by_institution")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="reports_exemption_days_in_order"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="reports_exemption_has_reason"),
        ]
        triggers = [
            Guard(
                name="revoked_only_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=refuse_sql("TG_OP = 'DELETE'", "an exemption is revoked, never deleted")
                + refuse_sql(
                    "OLD.revoked_at IS NOT NULL OR (to_jsonb(NEW) - 'revoked_at') <> (to_jsonb(OLD) - 'revoked_at')",
                    "an exemption is revoked once and never changed",
                )
                + "RETURN NEW;",
            ),
            refuse_truncate(),
            *bump_programmes(pgtrigger.Insert, pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.programme} · {self.requirement_code}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ReferenceValue(models.Model):
    """A figure stated in public by somebody else, with its source; drawn beside ours, never mixed with them."""

    class Unit(models.TextChoices):
        COUNT = "count", _("count")
        PERCENT = "percent", _("percent")

    code = models.SlugField(_("code"), max_length=60, unique=True)
    indicator = models.SlugField(_("indicator"), max_length=60, blank=True)
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    stated_on = models.DateField(_("stated on"))
    text_kk = models.CharField(_("statement in Kazakh"), max_length=500, blank=True)
    text_ru = models.CharField(_("statement in Russian"), max_length=500, blank=True)
    text_en = models.CharField(_("statement in English"), max_length=500, blank=True)
    source_kk = models.CharField(_("source in Kazakh"), max_length=500, blank=True)
    source_ru = models.CharField(_("source in Russian"), max_length=500, blank=True)
    source_en = models.CharField(_("source in English"), max_length=500, blank=True)
    reference = models.JSONField(
        default=dict, editable=False, help_text="what the reference file said when last loaded"
    )

    class Meta:
        verbose_name = _("public statement")
        verbose_name_plural = _("public statements")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @property
    def text(self) -> str:
        return localized(self, "text")

    @property
    def source(self) -> str:
        return localized(self, "source")

"""The registry of institutions, as it is now and as it stood at any moment."""

from datetime import datetime
from typing import Self

import pghistory
import pgtrigger
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from institutions.guards import Guard, bump_generation, closes_only_once, since_now
from institutions.models.users import User
from institutions.moments import MOMENT_LOCK, valid_at
from institutions.names import kazakh_order, localized, search_column


@pghistory.track()
class Region(models.Model):
    """A region or a city of republican significance, with its ISO 3166-2 code."""

    class Kind(models.TextChoices):
        REGION = "region", _("region")
        CITY = "city", _("city of republican significance")

    code = models.CharField(_("code"), max_length=10, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name_kk = models.CharField(_("name in Kazakh"), max_length=200)
    name_ru = models.CharField(_("name in Russian"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    tile_row = models.PositiveSmallIntegerField(_("row on the tile map"), default=0)
    tile_col = models.PositiveSmallIntegerField(_("column on the tile map"), default=0)
    reference = models.JSONField(
        default=dict, editable=False, help_text="what the reference file said when last loaded"
    )
    order_kk = kazakh_order("name_kk")

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["order_kk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self, "name")


class InstitutionQuerySet(models.QuerySet["Institution"]):
    def for_user(self, user: User | AnonymousUser) -> Self:
        """The ministry sees all, members their own, others none."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_staff:
            return self.all()
        return self.filter(memberships__user=user).distinct()

    def known_at(self, moment: datetime) -> Self:
        """Institutions that the registry had at a moment, open or not, planned or not."""
        states = InstitutionState.objects.filter(valid_at(moment), institution=OuterRef("pk"))
        return self.filter(Exists(states))

    def open_now(self) -> Self:
        """Institutions that count today; see `InstitutionState` for any other moment."""
        today = timezone.localdate()
        return self.exclude(kind=Institution.Kind.PLANNED).filter(
            Q(opened_on=None) | Q(opened_on__lte=today), Q(closed_on=None) | Q(closed_on__gt=today)
        )


RECORD_INSTITUTION_STATE = f"""
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.region_id, NEW.kind) IS NOT DISTINCT FROM (OLD.region_id, OLD.kind)
            AND (NEW.opened_on, NEW.closed_on) IS NOT DISTINCT FROM (OLD.opened_on, OLD.closed_on) THEN
            RETURN NULL;
        END IF;
        PERFORM pg_advisory_xact_lock_shared({MOMENT_LOCK});
        moment := clock_timestamp();
        UPDATE institutions_institutionstate SET valid_to = moment WHERE institution_id = NEW.id AND valid_to IS NULL;
    ELSE
        moment := NEW.in_registry_since;
    END IF;
    INSERT INTO institutions_institutionstate
        (institution_id, region_code, kind, opened_on, closed_on, valid_from)
    SELECT NEW.id, region.code, NEW.kind, NEW.opened_on, NEW.closed_on, moment
    FROM institutions_region region WHERE region.id = NEW.region_id;
    RETURN NULL;
"""


@pghistory.track()
class Institution(models.Model):
    """A higher-education institution as the registry has it today."""

    class Kind(models.TextChoices):
        NATIONAL = "national", _("national")
        STATE = "state", pgettext_lazy("kind of university", "state")
        PRIVATE = "private", _("private")
        AUTONOMOUS = "autonomous", _("autonomous")
        INTERNATIONAL = "international", _("international")
        BRANCH = "branch", _("branch")
        DEPARTMENTAL = "departmental", _("departmental")
        PLANNED = "planned", _("planned")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    name_kk = models.CharField(_("name in Kazakh"), max_length=300)
    name_ru = models.CharField(_("name in Russian"), max_length=300)
    name_en = models.CharField(_("name in English"), max_length=300)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="institutions", verbose_name=_("region"))
    website = models.URLField(_("website"), blank=True)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    closed_on = models.DateField(
        _("closed on"), null=True, blank=True, help_text=_("The first day on which it no longer counts.")
    )
    in_registry_since = models.DateTimeField(_("in the registry since"), null=True, editable=False)
    reference = models.JSONField(
        default=dict, editable=False, help_text="what the reference file said when last loaded"
    )
    order_kk = kazakh_order("name_kk")
    search = search_column("name_kk", "name_ru", "name_en", "code", "city")

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")
        ordering = ["order_kk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(opened_on=None) | Q(closed_on__gt=F("opened_on")),
                name="institutions_institution_closed_after_opened",
            )
        ]
        triggers = [
            since_now(),
            Guard(
                name="record_state",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("moment", "TIMESTAMPTZ")],
                func=RECORD_INSTITUTION_STATE,
            ),
            Guard(
                name="code_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.code IS DISTINCT FROM NEW.code"),
                func="RAISE EXCEPTION 'an institution keeps its code: released figures are named by it'"
                " USING ERRCODE = '23000';",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self, "name")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class FormerName(models.Model):
    """A name that an institution bore until a day, so that old documents and searches still find it."""

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="former_names", verbose_name=_("institution")
    )
    name_kk = models.CharField(_("name in Kazakh"), max_length=300, blank=True)
    name_ru = models.CharField(_("name in Russian"), max_length=300, blank=True)
    name_en = models.CharField(_("name in English"), max_length=300, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    search = search_column("name_kk", "name_ru", "name_en")

    class Meta:
        verbose_name = _("former name")
        verbose_name_plural = _("former names")
        ordering = ["institution", "-until"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self, "name")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Alias(models.Model):
    """A short or other name by which people look for an institution, where no rule forms it: КАЗГЮУ, Политех."""

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="aliases", verbose_name=_("institution")
    )
    name = models.CharField(_("name"), max_length=100)
    search = search_column("name")

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        ordering = ["institution", "name"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "name"], name="institutions_alias_once"),
            models.CheckConstraint(condition=~Q(name=""), name="institutions_alias_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class InstitutionState(models.Model):
    """What the registry said of an institution from `valid_from` until `valid_to`, written by the database.

    Holds whatever of an institution matters to a figure, so that a figure as at any past moment can be made again.
    """

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="states")
    region_code = models.CharField(_("region"), max_length=10)
    kind = models.CharField(_("kind"), max_length=15, choices=Institution.Kind)
    opened_on = models.DateField(_("opened on"), null=True)
    closed_on = models.DateField(_("closed on"), null=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid until"), null=True)

    class Meta:
        verbose_name = _("state of an institution")
        verbose_name_plural = _("states of institutions")
        constraints = [
            models.UniqueConstraint(
                fields=["institution"],
                condition=Q(valid_to=None),
                name="institutions_institutionstate_one_current",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="institutions_institutionstate_in_order",
            ),
        ]
        triggers = closes_only_once() + bump_generation(pgtrigger.Insert, pgtrigger.Update)

    def __str__(self) -> str:
        return f"{self.institution}: {self.get_kind_display()}"

"""Educational programmes and the disciplines that institutions teach."""

from typing import Self

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from curricula.models.classifier import Field, Period
from curricula.models.evidence import EvidenceFile
from curricula.models.terms import AICategory, ContentArea
from curricula.models.version_rules import stays_once_submitted
from institutions.guards import Guard, bump_programmes, closes_only_once, since_now
from institutions.models import Institution
from institutions.moments import MOMENT_LOCK
from institutions.names import localized, search_column
from institutions.scoping import ScopedQuerySet

PROGRAMME_CODE = r"^(6B|7M|8D)\d{5}$"


class ProgrammeQuerySet(ScopedQuerySet):
    def active_in(self, period: Period) -> Self:
        """Programmes taught in the period, by the registry of today."""
        return self.filter(
            Q(active_to=None) | Q(active_to__gte=period.starts_on), active_from__lte=period.ends_on
        )


RECORD_PROGRAMME_STATE = f"""
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.level, NEW.direction_id, NEW.language, NEW.is_ai_dedicated, NEW.active_from, NEW.active_to)
            IS NOT DISTINCT FROM
            (OLD.level, OLD.direction_id, OLD.language, OLD.is_ai_dedicated, OLD.active_from, OLD.active_to) THEN
            RETURN NULL;
        END IF;
        PERFORM pg_advisory_xact_lock_shared({MOMENT_LOCK});
        moment := clock_timestamp();
        UPDATE curricula_programmestate SET valid_to = moment WHERE programme_id = NEW.id AND valid_to IS NULL;
    ELSE
        moment := NEW.in_registry_since;
    END IF;
    INSERT INTO curricula_programmestate
        (institution_id, programme_id, level, field_code, language, is_ai_dedicated, active_from, active_to, valid_from)
    SELECT NEW.institution_id, NEW.id, NEW.level, field.code, NEW.language, NEW.is_ai_dedicated,
        NEW.active_from, NEW.active_to, moment
    FROM curricula_field direction JOIN curricula_field field ON field.id = direction.parent_id
    WHERE direction.id = NEW.direction_id;
    RETURN NULL;
"""


@pghistory.track()
class Programme(models.Model):
    """An educational programme of an institution; code `6B06102` = level `6B`, direction `061`, number `02`."""

    class Level(models.TextChoices):
        BACHELOR = "6B", _("bachelor")
        MASTER = "7M", _("master")
        DOCTORATE = "8D", _("doctorate")

    class Language(models.TextChoices):
        KAZAKH = "kk", _("Kazakh")
        RUSSIAN = "ru", _("Russian")
        ENGLISH = "en", _("English")
        MIXED = "mixed", _("several languages")

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="programmes", verbose_name=_("institution")
    )
    code = models.CharField(_("code"), max_length=7, validators=[RegexValidator(PROGRAMME_CODE)])
    level = models.CharField(_("level"), max_length=2, choices=Level)
    direction = models.ForeignKey(
        Field, models.PROTECT, related_name="programmes", verbose_name=_("direction")
    )
    title_kk = models.CharField(_("title in Kazakh"), max_length=300, blank=True)
    title_ru = models.CharField(_("title in Russian"), max_length=300, blank=True)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    language = models.CharField(
        _("language of instruction"), max_length=5, choices=Language, default=Language.MIXED
    )
    is_ai_dedicated = models.BooleanField(_("dedicated to AI"), default=False)
    active_from = models.DateField(_("taught from"))
    active_to = models.DateField(_("taught until"), null=True, blank=True)
    in_registry_since = models.DateTimeField(_("in the registry since"), null=True, editable=False)
    search = search_column("title_kk", "title_ru", "title_en", "code")

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["institution", "code"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "code"], name="curricula_programme_code_once"),
            models.CheckConstraint(
                condition=Q(code__regex=PROGRAMME_CODE) & Q(level=Left("code", 2)),
                name="curricula_programme_code_names_level",
            ),
            models.CheckConstraint(
                condition=Q(active_to=None) | Q(active_to__gte=F("active_from")),
                name="curricula_programme_active_in_order",
            ),
        ]
        triggers = [
            Guard(
                name="direction_as_in_code",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (SELECT 1 FROM curricula_field d WHERE d.id = NEW.direction_id
                        AND d.kind = 'direction' AND d.code = substr(NEW.code, 3, 3)) THEN
                        RAISE EXCEPTION 'programme %: the code names another direction', NEW.code
                            USING ERRCODE = '23000';
                    END IF;
                    RETURN NEW;
                """,
            ),
            since_now(),
            Guard(
                name="record_state",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("moment", "TIMESTAMPTZ")],
                func=RECORD_PROGRAMME_STATE,
            ),
            stays_once_submitted(
                "institution_id code",
                "v.programme_id = OLD.id",
                "a programme that curricula were submitted for keeps its institution and code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def title(self) -> str:
        return localized(self, "title")


class ProgrammeState(models.Model):
    """What the registry said of a programme from `valid_from` until `valid_to`, written by the database."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="states")
    level = models.CharField(_("level"), max_length=2, choices=Programme.Level)
    field_code = models.CharField(_("field of education"), max_length=3)
    language = models.CharField(_("language of instruction"), max_length=5, choices=Programme.Language)
    is_ai_dedicated = models.BooleanField(_("dedicated to AI"))
    active_from = models.DateField(_("taught from"))
    active_to = models.DateField(_("taught until"), null=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid until"), null=True)

    class Meta:
        verbose_name = _("state of a programme")
        verbose_name_plural = _("states of programmes")
        indexes = [models.Index("institution", "programme", "valid_from", name="programmestate_as_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["programme"], condition=Q(valid_to=None), name="curricula_programmestate_one_current"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="curricula_programmestate_in_order",
            ),
        ]
        triggers = closes_only_once() + bump_programmes(pgtrigger.Insert, pgtrigger.Update)

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.level}, {self.field_code}"


@pghistory.track(level=pgtrigger.Statement)
class Discipline(models.Model):
    """A course that an institution teaches, shared by many of its programmes.

    Credits and AI category are what a new line of it starts from. `suggested_*` is what the taxonomy of AI terms says
    of title and description (`curricula.suggesting`): kept beside the choice, never instead of it.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="disciplines", verbose_name=_("institution")
    )
    code = models.CharField(_("code"), max_length=40)
    title_kk = models.CharField(_("title in Kazakh"), max_length=300, blank=True)
    title_ru = models.CharField(_("title in Russian"), max_length=300, blank=True)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    description = models.TextField(_("description"), max_length=5000, blank=True)
    credits = models.DecimalField(_("usual credits"), max_digits=4, decimal_places=1, null=True, blank=True)
    language = models.CharField(
        _("language of instruction"),
        max_length=5,
        choices=Programme.Language,
        blank=True,
        default="",
        db_default="",
    )
    ai_category = models.CharField(
        _("AI category"), max_length=12, choices=AICategory, default=AICategory.NONE, db_default="none"
    )
    evidence_url = models.URLField(
        _("link to evidence"), max_length=500, blank=True, default="", db_default=""
    )
    evidence_file = models.ForeignKey(
        EvidenceFile,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("evidence file"),
    )
    suggested_category = models.CharField(
        _("suggested AI category"),
        max_length=12,
        choices=AICategory,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    suggested_areas = ArrayField(models.CharField(max_length=30), default=list, db_default=[], editable=False)
    suggested_terms = ArrayField(
        models.CharField(max_length=100), default=list, db_default=[], editable=False
    )
    suggested_by = models.CharField(
        _("version of the taxonomy"), max_length=20, blank=True, default="", db_default="", editable=False
    )
    search = search_column("title_kk", "title_ru", "title_en", "code")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("discipline")
        verbose_name_plural = _("disciplines")
        ordering = ["institution", "code"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "code"], name="curricula_discipline_code_once"),
            models.CheckConstraint(
                condition=~Q(title_kk="", title_ru="", title_en=""), name="curricula_discipline_has_a_title"
            ),
            models.CheckConstraint(
                condition=Q(credits=None) | Q(credits__gt=0, credits__lte=60),
                name="curricula_discipline_credits_range",
            ),
            models.CheckConstraint(
                condition=Q(ai_category__in=AICategory.values), name="curricula_discipline_ai_category_known"
            ),
        ]
        triggers = [
            stays_once_submitted(
                "institution_id code",
                "v.id IN (SELECT l.version_id FROM curricula_line l WHERE l.discipline_id = OLD.id)",
                "a discipline of a submitted curriculum keeps its institution and code, which are part of its hash",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def title(self) -> str:
        return localized(self, "title")

    @property
    def suggested_area_names(self) -> list[str]:
        """In the reader's language; an area that the program knows no more is left out."""
        return [str(ContentArea(area).label) for area in self.suggested_areas if area in ContentArea]

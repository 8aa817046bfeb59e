"""Curriculum versions with their lines, and the sums that figures are computed from."""

from decimal import Decimal
from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models.classifier import Period
from curricula.models.evidence import EvidenceFile
from curricula.models.programmes import Discipline, Programme
from curricula.models.submissions import Submission
from curricula.models.terms import AICategory, Component, Cycle
from curricula.models.version_rules import LINE_GUARDS, VERSION_GUARD, WRITTEN_BY_THE_SEAL
from institutions.guards import bump_programmes, refuse_truncate
from institutions.models import Institution
from institutions.names import localized, search_column, title_key
from institutions.scoping import ScopedQuerySet

# So many lines a curriculum has at most: what the form can show and a request can carry.
LINES_LIMIT = 300


class CurriculumVersionQuerySet(ScopedQuerySet):
    def drafts(self) -> Self:
        return self.filter(state="draft")

    def awaiting_review(self) -> Self:
        return self.filter(state="submitted")

    def valid_now(self) -> Self:
        """Approved versions that no newer one has superseded."""
        return self.filter(state="approved", valid_to=None)


@pghistory.track()
class CurriculumVersion(models.Model):
    """One state of what a programme teaches in a period; immutable once submitted.

    Valid from its approval until an approved newer version supersedes it. `edit_number` counts the saves of a draft,
    so that of two people editing it the second is told. `students` is how many study by it, empty if not reported.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned")

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="versions", verbose_name=_("programme")
    )
    period = models.ForeignKey(Period, models.PROTECT, related_name="versions", verbose_name=_("period"))
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    students = models.PositiveIntegerField(_("students"), null=True, blank=True)
    carried_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("carried forward from"),
    )
    edit_number = models.PositiveIntegerField(default=0, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("edited by")
    )
    edited_at = models.DateTimeField(_("edited at"), null=True)
    submission = models.ForeignKey(
        Submission,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="versions",
        verbose_name=_("submission"),
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("submitted by"),
    )  # fmt: skip
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
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
    content_hash = models.CharField(_("content hash"), max_length=64, blank=True, editable=False)

    objects = CurriculumVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("curriculum version")
        verbose_name_plural = _("curriculum versions")
        ordering = ["programme", "period", "-number"]
        indexes = [
            models.Index("institution", "period", "state", name="version_by_institution"),
            models.Index("period", "valid_from", condition=Q(state="approved"), name="version_as_at"),
            # What waits for the ministry, which is little among all that ever was handed in.
            models.Index("submission", "id", condition=Q(state="submitted"), name="version_waiting"),
            # What was returned, and whether it was handed in again: little as well, and told by the index alone.
            models.Index(
                "period",
                "programme",
                "number",
                "state",
                "institution",
                condition=Q(state="returned") | Q(number__gte=2),
                name="version_again",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "period", "number"], name="curricula_curriculumversion_number_once"
            ),
            models.UniqueConstraint(
                fields=["programme", "period"],
                condition=Q(state="draft"),
                name="curricula_curriculumversion_one_draft",
            ),
            models.UniqueConstraint(
                fields=["programme", "period"],
                condition=Q(state="submitted"),
                name="curricula_curriculumversion_one_submitted",
            ),
            models.UniqueConstraint(
                fields=["programme", "period"],
                condition=Q(state="approved", valid_to=None),
                name="curricula_curriculumversion_one_valid",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="draft", submission=None, submitted_by=None, submitted_at=None, content_hash=""
                )
                | (
                    ~Q(state="draft", content_hash="")
                    & Q(submission__isnull=False, submitted_by__isnull=False, submitted_at__isnull=False)
                ),
                name="curricula_curriculumversion_signature_complete",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted"], decided_at=None, decided_by=None)
                | Q(state__in=["approved", "returned"], decided_at__isnull=False, decided_by__isnull=False),
                name="curricula_curriculumversion_decision_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned", reason=""),
                name="curricula_curriculumversion_return_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="approved", valid_from__isnull=False)
                | (~Q(state="approved") & Q(valid_from=None, valid_to=None)),
                name="curricula_curriculumversion_validity_of_approved",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="curricula_curriculumversion_validity_in_order",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("submitted_by")),
                name="curricula_curriculumversion_four_eyes",
            ),
        ]
        triggers = [
            VERSION_GUARD,
            refuse_truncate(),
            *bump_programmes(pgtrigger.Update, only="state = 'approved'"),
        ]

    def __str__(self) -> str:
        return f"{self.programme.code} · {self.period} · {self.number}"


@pghistory.track(level=pgtrigger.Statement)
class Line(models.Model):
    """One discipline in a curriculum version, with its ECTS credits."""

    Cycle = Cycle
    Component = Component
    AICategory = AICategory

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(CurriculumVersion, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField(_("position"))
    discipline = models.ForeignKey(
        Discipline, models.PROTECT, related_name="lines", verbose_name=_("discipline")
    )
    credits = models.DecimalField(
        _("credits"),
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(Decimal("0.5")), MaxValueValidator(Decimal(60))],
    )
    cycle = models.CharField(_("cycle"), max_length=10, choices=Cycle)
    component = models.CharField(_("component"), max_length=10, choices=Component)
    semester = models.PositiveSmallIntegerField(
        _("semester"), validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    ai_category = models.CharField(
        _("AI category"), max_length=12, choices=AICategory, default=AICategory.NONE
    )
    evidence_url = models.URLField(_("evidence"), max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "discipline", "semester"], name="curricula_line_discipline_once_a_semester"
            ),
            models.CheckConstraint(
                condition=Q(credits__gt=0, credits__lte=60), name="curricula_line_credits_range"
            ),
            models.CheckConstraint(
                condition=Q(semester__gte=1, semester__lte=12), name="curricula_line_semester_range"
            ),
            models.CheckConstraint(condition=Q(cycle__in=Cycle.values), name="curricula_line_cycle_known"),
            models.CheckConstraint(
                condition=Q(component__in=Component.values), name="curricula_line_component_known"
            ),
            models.CheckConstraint(
                condition=Q(ai_category__in=AICategory.values), name="curricula_line_ai_category_known"
            ),
        ]
        triggers = [*LINE_GUARDS, refuse_truncate()]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.discipline_id}"


class AISum(models.Model):
    """How many AI lines of one category and component a submitted version has, and their credits.

    Written once by the database when a draft is submitted, so that figures need not read the lines again.
    """

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(CurriculumVersion, models.CASCADE, related_name="ai_sums", db_index=False)
    ai_category = models.CharField(_("AI category"), max_length=12, choices=AICategory)
    component = models.CharField(_("component"), max_length=10, choices=Component)
    lines = models.PositiveSmallIntegerField(_("disciplines"))
    credits = models.DecimalField(_("credits"), max_digits=6, decimal_places=1)

    class Meta:
        verbose_name = _("sum of AI lines")
        verbose_name_plural = _("sums of AI lines")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "ai_category", "component"], name="curricula_aisum_once"
            )
        ]
        triggers = [WRITTEN_BY_THE_SEAL, refuse_truncate()]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.ai_category}, {self.component}"


class SignedDiscipline(models.Model):
    """An AI line of a submitted version as it was signed, with what its discipline said of itself then.

    Written once by the database when a draft is submitted: a discipline is shared and may be changed at any time, but
    what the public reads is what was signed and approved. `areas` are the content areas that the taxonomy found in it.
    """

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(
        CurriculumVersion, models.CASCADE, related_name="signed_disciplines", db_index=False
    )
    discipline = models.ForeignKey(Discipline, models.PROTECT, related_name="+", db_index=False)
    semester = models.PositiveSmallIntegerField(_("semester"))
    ai_category = models.CharField(_("AI category"), max_length=12, choices=AICategory)
    credits = models.DecimalField(_("credits"), max_digits=4, decimal_places=1)
    suggested_category = models.CharField(
        _("suggested AI category"), max_length=12, choices=AICategory, blank=True, db_default=""
    )
    evidence_file = models.ForeignKey(
        EvidenceFile, models.PROTECT, null=True, related_name="+", verbose_name=_("evidence file")
    )
    title_kk = models.CharField(_("title in Kazakh"), max_length=300, blank=True)
    title_ru = models.CharField(_("title in Russian"), max_length=300, blank=True)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    description = models.TextField(_("description"), max_length=5000, blank=True, db_default="")
    language = models.CharField(
        _("language of instruction"), max_length=5, choices=Programme.Language, blank=True, db_default=""
    )
    areas = ArrayField(models.CharField(max_length=30), default=list, db_default=[])
    evidence_url = models.URLField(_("evidence"), max_length=500, blank=True, db_default="")
    search = search_column("title_kk", "title_ru", "title_en")
    title_key = title_key()

    class Meta:
        verbose_name = _("signed AI discipline")
        verbose_name_plural = _("signed AI disciplines")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "discipline", "semester"], name="curricula_signeddiscipline_once"
            )
        ]
        # How alike disciplines were decided before is asked on the review screen.
        indexes = [models.Index("title_key", name="signed_by_title_key")]
        triggers = [WRITTEN_BY_THE_SEAL, refuse_truncate()]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return localized(self, "title")

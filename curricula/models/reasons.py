"""Why something odd in a curriculum is right all the same, and why one is returned: words of both sides."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from curricula.models.programmes import Discipline
from curricula.models.version_rules import WRITTEN_WITH_DRAFT
from curricula.models.versions import CurriculumVersion
from institutions.guards import refuse_truncate
from institutions.models import Institution
from institutions.names import localized
from institutions.scoping import ScopedQuerySet


class WarningReason(models.Model):
    """The reason that an institution gives for one warning of a draft; it stays with the version once submitted.

    `code` is the warning's; `discipline` says which one it speaks of, empty if of the whole curriculum.
    """

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(CurriculumVersion, models.CASCADE, related_name="reasons", db_index=False)
    code = models.CharField(_("warning"), max_length=30)
    discipline = models.ForeignKey(
        Discipline, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("discipline")
    )
    reason = models.TextField(_("reason"), max_length=2000)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("given by")
    )
    given_at = models.DateTimeField(_("given at"), auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason for a warning")
        verbose_name_plural = _("reasons for warnings")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "code", "discipline"],
                name="curricula_warningreason_once",
                nulls_distinct=False,
            )
        ]
        triggers = [WRITTEN_WITH_DRAFT, refuse_truncate()]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.code}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ReturnReason(models.Model):
    """A text with which a reviewer may begin the reason for a return; what is sent is what they make of it.

    `about` says on what it is offered. A decision keeps its own words, so a text may be changed or deleted at any time.
    """

    class About(models.TextChoices):
        CURRICULUM = "curriculum", pgettext_lazy("what a reason is about", "a curriculum")
        STAFF = "staff", _("the staff figures")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    about = models.CharField(_("about"), max_length=10, choices=About, default=About.CURRICULUM)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    title_kk = models.CharField(_("title in Kazakh"), max_length=80)
    title_ru = models.CharField(_("title in Russian"), max_length=80)
    title_en = models.CharField(_("title in English"), max_length=80)
    text_kk = models.TextField(_("text in Kazakh"), max_length=2000)
    text_ru = models.TextField(_("text in Russian"), max_length=2000)
    text_en = models.TextField(_("text in English"), max_length=2000)
    reference = models.JSONField(
        default=dict, editable=False, help_text="what the reference file said when last loaded"
    )

    class Meta:
        verbose_name = _("reason text")
        verbose_name_plural = _("reason texts")
        ordering = ["about", "position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(about__in=["curriculum", "staff"]), name="curricula_returnreason_about_known"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return localized(self, "title")

    @property
    def text(self) -> str:
        return localized(self, "text")

    def text_in(self, language: str) -> str:
        """The text for readers of a language; of an unknown one in that of the page."""
        text: str = getattr(self, f"text_{language}", "")
        return text or self.text

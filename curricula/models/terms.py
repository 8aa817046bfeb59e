"""The terms by which a discipline stands in a curriculum: cycle, component, AI category."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Cycle(models.TextChoices):
    GENERAL = "general", _("general education")
    BASIC = "basic", _("basic")
    MAJOR = "major", _("major")


class Component(models.TextChoices):
    MANDATORY = "mandatory", _("mandatory")
    UNIVERSITY = "university", pgettext_lazy("component", "university")
    ELECTIVE = "elective", _("elective")


class AICategory(models.TextChoices):
    NONE = "none", _("no AI")
    FOUNDATIONS = "foundations", _("AI foundations")
    APPLIED = "applied", _("AI applied in the field")
    CORE = "core", _("AI as the subject")
    ETHICS = "ethics", _("AI ethics and law")


class ContentArea(models.TextChoices):
    """What part of AI a discipline is about, after the content areas of the JRC's studies."""

    MACHINE_LEARNING = "machine_learning", _("machine learning")
    LANGUAGE = "language", _("language")
    VISION = "vision", _("vision")
    ROBOTICS = "robotics", _("robotics")
    DATA = "data", pgettext_lazy("content area", "data")
    ETHICS_LAW = "ethics_law", _("ethics and law")
    GENERATIVE = "generative", _("generative AI")
    APPLIED = "applied", _("AI applied in the field")

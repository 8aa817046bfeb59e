"""Rows of the ministry's rules for tests, as those of `tests.factories`: requirements, drafts of them, exemptions."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from curricula.models import AICategory, Component, Programme
from reports.models import Exemption, Mandate, Requirement, RequirementDraft
from tests.factories import make_reviewer, three_names


def make_requirement(**over: Any) -> Requirement:
    """Every programme has at least one AI discipline, adopted and in effect for years, unless told otherwise."""
    mandate, _made = Mandate.objects.get_or_create(
        code="ai-2025", defaults=three_names("AI in every programme")
    )
    return Requirement.objects.create(
        **{
            "mandate": mandate,
            "code": "ai-discipline",
            "categories": [category for category in AICategory.values if category != "none"],
            "components": Component.values,
            "adopted_at": timezone.now() - timedelta(days=5 * 365),
            "effective_from": date(2020, 1, 1),
            **three_names("At least one AI discipline"),
            **over,
        }
    )


def make_requirement_draft(**over: Any) -> RequirementDraft:
    """The next version of the rule, from next month on; nobody has adopted it."""
    rule = Requirement.objects.filter(code="ai-discipline").last() or make_requirement()
    said = ("mandate", "code", "categories", "components", "name_kk", "name_ru", "name_en")
    new: dict[str, Any] = {"min_disciplines": 2, "effective_from": timezone.localdate() + timedelta(days=30)}
    by = over.get("drafted_by") or make_reviewer()
    drafted = {"reason": "The order was changed", "drafted_by": by, "drafted_at": timezone.now()}
    return RequirementDraft.objects.create(
        **{name: getattr(rule, name) for name in said} | new | drafted | over
    )


def make_exemption(programme: Programme, **over: Any) -> Exemption:
    """Excused since yesterday for a year."""
    today = timezone.localdate()
    return Exemption.objects.create(
        **{
            "institution": programme.institution,
            "programme": programme,
            "requirement_code": "ai-discipline",
            "reason": "Closes next year",
            "decided_by": over.get("decided_by") or make_reviewer(),
            "decided_at": timezone.now() - timedelta(days=1),
            "starts_on": today - timedelta(days=1),
            "ends_on": today + timedelta(days=365),
            **over,
        }
    )

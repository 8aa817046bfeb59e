"""The state of the collection, for the ministry's home page, which has no view of its own."""

from django import template

from curricula.models import Period
from curricula.standing import Standing, standing

register = template.Library()


@register.simple_tag
def period_standing() -> Standing | None:
    period = Period.objects.current()
    return standing(period) if period else None

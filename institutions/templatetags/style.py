"""The style sheet within the page."""

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def style() -> SafeString:
    """Our own file, which the content security policy names by its hash; nothing of a reader's is in it."""
    return mark_safe(f"<style>{settings.STYLE}</style>")  # noqa: S308

"""The same page in the other languages."""

from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.urls import translate_url

register = template.Library()


@register.simple_tag(takes_context=True)
def other_languages(context: Context) -> list[dict[str, Any]]:
    """Each language with its own name and the address of this very page in it; the home page where there is none."""
    request = context.get("request")
    here = request.get_full_path() if request else "/"
    found = []
    for code, name in settings.LANGUAGES:
        there = translate_url(here, code)
        if not there.startswith(f"/{code}/"):
            there = f"/{code}/"
        found.append({"code": code, "name": name, "url": there})
    return found

"""What the head of a page says to machines: title and description, once for each who reads them, and its address."""

import json
from typing import Any

from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, QueryDict
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.urls import translate_url
from django.utils.encoding import escape_uri_path
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# What of a query says which page it is; the rest only chooses or sorts among what stands there.
NAMING = ("release", "dimension", "key", "since", "page")
NO_MARKUP = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&"}
LOCALES = {"kk": "kk_KZ", "ru": "ru_RU", "en": "en_GB"}  # as previews of links name languages


class Head(template.Node):
    child_nodelists = ("title", "description")

    def __init__(self, title: NodeList, description: NodeList) -> None:
        self.title = title
        self.description = description

    def render(self, context: Context) -> SafeString:
        title, description = (quotable(part.render(context)) for part in (self.title, self.description))
        return format_html(
            '<title>{0} – Qamtu</title>\n  <meta name="description" content="{1}">\n'
            '  <meta property="og:title" content="{0}">\n  <meta property="og:description" content="{1}">',
            title,
            description,
        )


def quotable(rendered: str) -> SafeString:
    """What a template has rendered, and so escaped, as one line that may stand between quotes."""
    return mark_safe(" ".join(rendered.split()).replace('"', "&quot;"))  # noqa: S308


@register.tag
def head(parser: Parser, token: Token) -> Head:
    """`{% head %}title{% described %}description{% endhead %}`: both for browsers, search and previews of links."""
    title = parser.parse(("described",))
    parser.delete_first_token()
    description = parser.parse(("endhead",))
    parser.delete_first_token()
    return Head(title, description)


@register.filter
def json_ld(described: Any) -> SafeString:
    """Data for machines within a page. No browser runs them, so that no policy of scripts forbids them."""
    text = json.dumps(described, ensure_ascii=False, cls=DjangoJSONEncoder, separators=(",", ":"))
    return mark_safe(f'<script type="application/ld+json">{text.translate(NO_MARKUP)}</script>')  # noqa: S308


@register.simple_tag(takes_context=True)
def addresses(context: Context) -> dict[str, Any]:
    """Where this very page stands in each language, whichever host it was asked of and however it was filtered.

    `default` has no language: it leads to the one that the reader's browser asks for.
    """
    here = canonical(context["request"])
    by_language = {code: settings.SITE_URL + translate_url(here, code) for code, _name in settings.LANGUAGES}
    language = here.split("/")[1]
    return {
        "canonical": settings.SITE_URL + here,
        "by_language": by_language,
        "locale": LOCALES.get(language, ""),
        "default": settings.SITE_URL + here.removeprefix(f"/{language}") if language in by_language else "",
    }


def canonical(request: HttpRequest) -> str:
    """The address of a page without what does not name it."""
    kept = QueryDict(mutable=True)
    for name in NAMING:
        if value := request.GET.get(name):
            kept[name] = value
    return escape_uri_path(request.path) + (f"?{kept.urlencode(safe=',')}" if kept else "")

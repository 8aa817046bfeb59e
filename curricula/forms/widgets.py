"""Django's own fields, written without a template each.

The form of a curriculum of forty lines has four hundred fields, and Django's templates of them were three fifths of the
time that the page took. `tests/curricula/test_widgets.py` compares each letter with Django's.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class Text(forms.TextInput):
    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        widget = context["widget"]
        value = {} if widget["value"] is None else {"value": widget["value"]}
        said = {"type": widget["type"], "name": widget["name"], **value, **widget["attrs"]}
        return format_html("<input{}>", attributes(said))


class Select(forms.Select):
    """Without groups of options."""

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        widget = context["widget"]
        chosen = format_html_join(
            "",
            '\n  <option value="{}"{}>{}</option>\n',
            (
                (option["value"], attributes(option["attrs"]), option["label"])
                for _group, options, _index in widget["optgroups"]
                for option in options
            ),
        )
        said = {"name": widget["name"], **widget["attrs"]}
        return format_html("<select{}>{}\n</select>", attributes(said), chosen)


class Checkbox(forms.CheckboxInput, Text):
    pass


def attributes(given: Mapping[str, Any]) -> SafeString:
    """As in Django's attrs.html: True stands for a name alone, False for nothing."""
    named = ((name, value) for name, value in given.items() if value is not False)
    return format_html_join(
        "",
        "{}",
        (
            (format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value),)
            for name, value in named
        ),
    )

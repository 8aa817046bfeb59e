"""Django's own fields, written without a template each.

The form of a curriculum of forty lines has four hundred fields, and Django's templates of them were three fifths of the
time that the page took. `tests/curricula/test_widgets.py` compares each letter with Django's.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from django import forms
from django.utils.safestring import SafeString


class Text(forms.TextInput):
    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        widget = context["widget"]
        value = {} if widget["value"] is None else {"value": widget["value"]}
        said = {"type": widget["type"], "name": widget["name"], **value, **widget["attrs"]}
        return SafeString(f"<input{attributes(said)}>")


class Select(forms.Select):
    """Without groups of options."""

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        widget = context["widget"]
        options = (
            f'\n  <option value="{safe(one["value"])}"{attributes(one["attrs"])}>{safe(one["label"])}</option>\n'
            for _group, some, _index in widget["optgroups"]
            for one in some
        )
        said = {"name": widget["name"], **widget["attrs"]}
        return SafeString(f"<select{attributes(said)}>{''.join(options)}\n</select>")


class Checkbox(forms.CheckboxInput, Text):
    pass


def attributes(given: Mapping[str, Any]) -> str:
    """As in Django's attrs.html: True stands for a name alone, False for nothing."""
    return "".join(
        f" {safe(name)}" if value is True else f' {safe(name)}="{safe(value)}"'
        for name, value in given.items()
        if value is not False
    )


def safe(value: Any) -> str:
    """As Django's conditional_escape, which is made for translations that are not looked up yet, too."""
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))

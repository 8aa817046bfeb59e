"""Fields written without templates are, letter by letter, those of Django."""

from typing import Any

import pytest
from django import forms

from curricula.forms import widgets

VALUES = [None, "", "5,5", '"><script>&', "0", 7, True, "applied"]
ATTRIBUTES: list[dict[str, Any]] = [{}, {"id": "id_x", "list": "a&b"}, {"required": True, "hidden": False}]
CHOICES = [("", "–"), ("none", "нет"), ("applied", '<b>"AI"</b>')]
PAIRS = [
    (widgets.Text(attrs={"autocomplete": "off"}), forms.TextInput(attrs={"autocomplete": "off"})),
    (widgets.Select(choices=CHOICES), forms.Select(choices=CHOICES)),
    (widgets.Checkbox(), forms.CheckboxInput()),
]


@pytest.mark.parametrize("attrs", ATTRIBUTES)
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(("ours", "djangos"), PAIRS)
def test_a_field_is_the_same(
    ours: forms.Widget, djangos: forms.Widget, value: Any, attrs: dict[str, Any]
) -> None:
    assert ours.render("lines-0-x", value, attrs) == djangos.render("lines-0-x", value, attrs)

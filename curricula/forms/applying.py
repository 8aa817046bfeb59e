"""What a person chooses when a discipline is applied: the programmes, and how it stands in each."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from curricula.applying import Setting, Target
from curricula.forms.cells import UNCHOSEN, choice_field, read_cell, text_field, typed_number
from curricula.models import Discipline, Field, Line, Programme
from institutions.names import search_words

NAMES = tuple(field.name for field in fields(Setting))


class SettingForm(forms.Form):
    """Credits, cycle, component, semester and AI category, by the parsers that read spreadsheets."""

    credits = text_field(gettext_lazy("Credits"), inputmode="decimal")
    cycle = choice_field(gettext_lazy("Cycle"), [*UNCHOSEN, *Line.Cycle.choices])
    component = choice_field(gettext_lazy("Component"), [*UNCHOSEN, *Line.Component.choices])
    semester = text_field(gettext_lazy("Semester"), inputmode="numeric")
    ai_category = choice_field(gettext_lazy("AI category"), Line.AICategory.choices)

    def clean(self) -> dict[str, Any]:
        self.values: dict[str, Any] = {}
        for name in NAMES:
            self.values[name], fault = read_cell(name, str(self.cleaned_data.get(name) or "").strip())
            if fault:
                self.add_error(name, fault)
        return self.cleaned_data

    @property
    def setting(self) -> Setting:
        return Setting(**self.values)


def as_typed(setting: Setting) -> dict[str, str]:
    return {
        "credits": typed_number(setting.credits),
        "cycle": setting.cycle,
        "component": setting.component,
        "semester": str(setting.semester),
        "ai_category": setting.ai_category,
    }


def begun_from(discipline: Discipline, targets: Iterable[Target]) -> dict[str, str]:
    """What the form for all starts from: as the discipline stands somewhere already, else its usual credits."""
    for target in targets:
        if target.lines:
            return as_typed(Setting.of(target.lines[0]))
    usual = discipline.credits
    return {
        "credits": "" if usual is None else typed_number(usual),
        "ai_category": discipline.ai_category,
    }


class ChoiceForm(forms.Form):
    """Which programmes to show; what was chosen before stays chosen though it be not shown."""

    q = forms.CharField(label=gettext_lazy("Code or title"), required=False)
    level = forms.ChoiceField(label=gettext_lazy("Level"), required=False)
    field = forms.ChoiceField(label=gettext_lazy("Field of education"), required=False)
    lacking = forms.BooleanField(label=gettext_lazy("Only those without this discipline"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, targets: Iterable[Target]) -> None:
        super().__init__(data)
        self.targets = list(targets)
        fields: dict[str, Field] = {}
        for one in self.targets:
            parent = one.programme.direction.parent
            fields[parent.code] = parent
        everything = [("", gettext_lazy("all"))]
        self._choices("level", [*everything, *Programme.Level.choices])
        self._choices("field", [*everything, *sorted((code, f.name) for code, f in fields.items())])
        self.is_valid()

    def _choices(self, name: str, choices: list[Any]) -> None:
        chosen = self.fields[name]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101 - for the type checker
        chosen.choices = choices

    def shown(self) -> list[Target]:
        given = getattr(self, "cleaned_data", {})
        wanted = search_words(given.get("q", ""))
        return [
            one
            for one in self.targets
            if all(word in one.programme.search for word in wanted)
            and given.get("level", "") in ("", one.programme.level)
            and given.get("field", "") in ("", one.programme.direction.parent.code)
            and not (given.get("lacking") and one.lines)
        ]

"""What a person chooses when a discipline is applied: the programmes, and how it stands in each."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.applying import Setting, Target
from curricula.forms.lines import UNCHOSEN
from curricula.models import Discipline, Field, Line, Programme
from curricula.spreadsheets.columns import Wrong, parse_column
from curricula.spreadsheets.faults import Fault
from institutions.names import casefolded

NAMES = ("credits", "cycle", "component", "semester", "ai_category")


def _text(label: Any, inputmode: str) -> forms.CharField:
    attrs = {"autocomplete": "off", "inputmode": inputmode}
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attrs))


def _choice(label: Any, choices: Iterable[tuple[str, Any]]) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.Select(choices=list(choices)))


class SettingForm(forms.Form):
    """Credits, cycle, component, semester and AI category, by the parsers that read spreadsheets."""

    credits = _text(gettext_lazy("Credits"), "decimal")
    cycle = _choice(gettext_lazy("Cycle"), [*UNCHOSEN, *Line.Cycle.choices])
    component = _choice(gettext_lazy("Component"), [*UNCHOSEN, *Line.Component.choices])
    semester = _text(gettext_lazy("Semester"), "numeric")
    ai_category = _choice(gettext_lazy("AI category"), Line.AICategory.choices)

    def clean(self) -> dict[str, Any]:
        self.values: dict[str, Any] = {}
        for name in NAMES:
            text = str(self.cleaned_data.get(name) or "").strip()
            value = parse_column(name, [text])[0]
            if isinstance(value, Wrong):
                missing = value.code == "required"
                fault = Fault(value.code, column=name, value=text, params=value.params)
                self.add_error(name, _("Fill this in.") if missing else fault.message)
            self.values[name] = value
        return self.cleaned_data

    @property
    def setting(self) -> Setting:
        return Setting(**self.values)


def as_typed(setting: Setting) -> dict[str, str]:
    return {
        "credits": f"{setting.credits.normalize():f}",
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
        "credits": "" if usual is None else f"{usual.normalize():f}",
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
        wanted = casefolded(given.get("q", ""))
        return [
            one
            for one in self.targets
            if wanted in one.programme.search
            and given.get("level", "") in ("", one.programme.level)
            and given.get("field", "") in ("", one.programme.direction.parent.code)
            and not (given.get("lacking") and one.lines)
        ]

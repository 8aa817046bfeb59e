"""What another rule would change, for the ministry to read: a draft, or thresholds that are only tried."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.models import AICategory, Component, Field
from institutions.admin.base import is_key
from institutions.models import Institution, Region
from reports.models import Requirement, RequirementDraft
from reports.previewing import Moves, Preview, preview

MOST = 10


def tables(found: Preview) -> list[tuple[str, list[tuple[str, Moves]]]]:
    """By region, kind and field, and the institutions in which most moves; rows by name, without those that keep."""
    names: dict[str, dict[str, Any]] = {
        "region": {row.code: row.name for row in Region.objects.all()},
        "kind": dict(Institution.Kind.choices),
        "field": {row.code: row.name for row in Field.objects.filter(kind=Field.Kind.FIELD)},
    }
    labels = {
        "region": _("By region"),
        "kind": _("By kind of institution"),
        "field": _("By field of education"),
    }
    by = [
        (
            label,
            sorted(
                (
                    (str(names[dimension].get(key, key)), moves)
                    for key, moves in found.rows[dimension].items()
                ),
                key=lambda row: (-row[1].moved, row[0]),
            ),
        )
        for dimension, label in labels.items()
    ]
    most = found.most(MOST)
    called = {
        row.code: row.name for row in Institution.objects.filter(code__in=[key for key, _moves in most])
    }
    return [
        *by,
        (_("Institutions in which most programmes move"), [(called[key], moves) for key, moves in most]),
    ]


def several(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, widget=forms.CheckboxSelectMultiple)


class WhatIfForm(forms.Form):
    """A requirement that is in effect, and the thresholds to try in its place; its scope stays."""

    requirement = forms.ModelChoiceField(
        Requirement.objects.none(), label=gettext_lazy("Requirement"), empty_label=None
    )
    min_disciplines = forms.IntegerField(
        label=gettext_lazy("At least so many AI disciplines"), min_value=1, max_value=1000
    )
    min_credits = forms.DecimalField(
        label=gettext_lazy("At least so many credits"), min_value=0, max_digits=5, decimal_places=1
    )
    categories = several(
        gettext_lazy("Accepted AI categories"),
        [choice for choice in AICategory.choices if choice[0] != AICategory.NONE],
    )
    components = several(gettext_lazy("Accepted components"), Component.choices)


def imagined(given: Mapping[str, Any]) -> dict[str, Any]:
    """The page: the form, filled with the rule as it is until something is asked; the answer, if it was."""
    rules = Requirement.objects.live_at(timezone.now())
    form = WhatIfForm(given) if "min_disciplines" in given else WhatIfForm(initial=_as_it_is(rules, given))
    form.fields["requirement"].queryset = rules  # type: ignore[attr-defined]
    found = None
    if form.is_bound and form.is_valid():
        asked = dict(form.cleaned_data)
        rule = asked.pop("requirement")
        scope = {name: getattr(rule, name) for name in ("code", "levels", "fields", "kinds")}
        found = preview(RequirementDraft(**scope, **asked))
    return {
        "title": _("What if the thresholds were others?"),
        "form": form,
        "rules": rules,
        "preview": found,
        "tables": tables(found) if found else [],
    }


def _as_it_is(rules: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    chosen = given.get("requirement", "")
    rule = rules.filter(pk=chosen).first() if is_key(chosen) else rules.first()
    if rule is None:
        return {}
    names = ("min_disciplines", "min_credits", "categories", "components")
    return {"requirement": rule.pk, **{name: getattr(rule, name) for name in names}}

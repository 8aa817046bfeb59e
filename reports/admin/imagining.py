"""What other thresholds would do to the national figure: asked before a rule is adopted, and changes nothing."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.models import AICategory, Component
from reports.models import Coverage, Requirement, Snapshot
from reports.outlook import what_if


def several(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, widget=forms.CheckboxSelectMultiple)


class WhatIfForm(forms.Form):
    """A requirement that the newest snapshot was assessed by, and the thresholds to try in its place."""

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
    snapshot = Snapshot.objects.verified().select_related("period").order_by("-as_at", "-pk").first()
    assessed = Coverage.objects.filter(snapshot=snapshot, dimension="nation").values("requirement")
    rules = Requirement.objects.filter(pk__in=assessed).order_by("code", "number")
    form = WhatIfForm(given) if "min_disciplines" in given else WhatIfForm(initial=_as_it_is(rules, given))
    form.fields["requirement"].queryset = rules  # type: ignore[attr-defined]
    answer = None
    if snapshot is not None and form.is_bound and form.is_valid():
        asked = dict(form.cleaned_data)
        answer = what_if(snapshot, asked.pop("requirement"), **asked)
    return {
        "title": _("What if the thresholds were others?"),
        "form": form,
        "snapshot": snapshot,
        "answer": answer,
    }


def _as_it_is(rules: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    chosen = given.get("requirement", "")
    rule = rules.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 10 else rules.first()
    if rule is None:
        return {}
    names = ("min_disciplines", "min_credits", "categories", "components")
    return {"requirement": rule.pk, **{name: getattr(rule, name) for name in names}}

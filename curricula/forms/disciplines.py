"""The form of one discipline: written once, then applied to programmes."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.disciplines import fingerprint
from curricula.errors import Refused
from curricula.evidence import keep_evidence
from curricula.forms.cells import read_cell, typed_number
from curricula.models import Discipline, EvidenceFile
from institutions.models import User


class DisciplineForm(forms.ModelForm):
    """As typed, right or wrong. A PDF that was fine is kept even if another field is not: nobody chooses it twice."""

    credits = forms.CharField(
        label=gettext_lazy("Usual credits"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=gettext_lazy("ECTS. What a curriculum starts from; each programme may have its own."),
    )
    evidence_url = forms.CharField(
        label=gettext_lazy("Link to evidence"),
        required=False,
        max_length=500,
        help_text=gettext_lazy(
            "A public page that shows that it is taught. Shown to everybody once it is released."
        ),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=gettext_lazy("Evidence as a PDF"),
        required=False,
        help_text=gettext_lazy("A syllabus or a page of the catalogue, at most 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
        allow_empty_file=True,  # refused in a sentence of our own
    )
    kept = forms.IntegerField(required=False, widget=forms.HiddenInput)
    drop = forms.BooleanField(label=gettext_lazy("Remove this file"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    evidence: EvidenceFile | None = None

    class Meta:
        model = Discipline
        fields = (
            "code", "title_kk", "title_ru", "title_en", "description", "credits", "language", "ai_category",
            "evidence_url",
        )  # fmt: skip
        help_texts = {
            "code": gettext_lazy("As in your catalogue, such as AI101."),
            "description": gettext_lazy(
                "What students learn, in a few sentences and in any of the languages. Shown to everybody once it is"
                " released."
            ),
            "ai_category": gettext_lazy("You decide; a suggestion is made from title and description."),
        }
        widgets = {
            "code": forms.TextInput(attrs={"autocomplete": "off"}),
            "description": forms.Textarea(attrs={"rows": 5}),
        }

    def __init__(self, *arguments: Any, by: User, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.by = by
        was = {"kept": self.instance.evidence_file_id, "seen": fingerprint(self.instance)}
        self.initial = {**was, **self.initial}
        if self.instance.credits is not None and "initial" not in named:
            self.initial["credits"] = typed_number(self.instance.credits)

    def clean_code(self) -> str:
        return self._parsed("code", "discipline_code")

    def clean_credits(self) -> Any:
        return self._parsed("credits", "credits") if self.cleaned_data["credits"] else None

    def clean_evidence_url(self) -> str:
        return self._parsed("evidence_url", "evidence_url")

    def clean_file(self) -> EvidenceFile | None:
        file = self.cleaned_data["file"]
        if not file:
            return None
        try:
            return keep_evidence(institution=self.instance.institution, file=file, by=self.by)
        except Refused as refusal:
            raise ValidationError(str(refusal)) from refusal

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not any(self.data.get(f"title_{language}", "").strip() for language in ("kk", "ru", "en")):
            self.add_error("title_kk", _("Write the title in at least one language."))
        evidence = given.get("file") or self._kept(given.get("kept"))
        self.evidence = None if given.get("drop") and not given.get("file") else evidence
        if self.evidence:
            self._retype("kept", str(self.evidence.pk))
        return given

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self.instance.evidence_file = self.evidence

    def _kept(self, number: int | None) -> EvidenceFile | None:
        mine = EvidenceFile.objects.for_user(self.by).filter(institution=self.instance.institution)
        return mine.filter(pk=number).first() if number else None

    def _parsed(self, name: str, column: str) -> Any:
        """By the parsers that read spreadsheets, in the same words."""
        value, fault = read_cell(column, str(self.cleaned_data[name] or "").strip())
        if fault:
            raise ValidationError(fault)
        return value

    def show_changed(self, current: Discipline) -> None:
        """Beside each field what somebody has written meanwhile; the next save is made knowing it."""
        for name in self.Meta.fields:
            theirs, mine = getattr(current, name), getattr(self.instance, name)
            if (theirs or "") != (mine or ""):
                shown = current.get_language_display() if name == "language" else theirs
                shown = current.get_ai_category_display() if name == "ai_category" else shown
                self.add_error(
                    name,
                    _("Somebody has written “%(theirs)s” meanwhile. Save again to keep yours.")
                    % {"theirs": shown or "–"},
                )
        if current.evidence_file_id != self.instance.evidence_file_id:
            self.add_error("file", _("Somebody has changed the file meanwhile. Save again to keep yours."))
        self._retype("seen", fingerprint(current))

    def _retype(self, name: str, text: str) -> None:
        """Let a hidden field come back with another value than it was sent with."""
        self.data = {**dict(self.data.items()), name: text}

"""A page for anyone who holds a receipt: whether its number and its hash are those that were signed."""

import re

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from curricula.models import Submission
from institutions.wall import beyond

NUMBER = re.compile(r"QAMTU-(?P<period>[0-9]{4})-(?P<institution>[0-9]{3,9})-(?P<number>[0-9]{1,4})")


class ReceiptForm(forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Number of the receipt"),
        help_text=gettext_lazy("Such as QAMTU-2025-012-1."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    content_hash = forms.CharField(
        label=gettext_lazy("Content hash"),
        help_text=gettext_lazy("The 64 letters and digits below the heading of that name."),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_number(self) -> re.Match[str]:
        found = NUMBER.fullmatch("".join(self.cleaned_data["number"].split()).upper())
        if found is None:
            raise forms.ValidationError(
                _("Write the number as it stands on the receipt, such as QAMTU-2025-012-1.")
            )
        return found

    def clean_content_hash(self) -> str:
        found = "".join(self.cleaned_data["content_hash"].split()).lower()
        if not re.fullmatch("[0-9a-f]{64}", found):
            raise forms.ValidationError(_("Write all 64 letters and digits of the hash."))
        return found


@never_cache
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Says nothing to whoever does not know the hash, which nobody can guess."""
    form = ReceiptForm(request.GET if "number" in request.GET else None)
    with beyond("whoever knows the hash may know what was signed under it"):
        found = _signed(form) if form.is_valid() else None
    context = {"form": form, "asked": form.is_valid(), "submission": found}
    return render(request, "curricula/receipt_check.html", context, status=422 if form.errors else 200)


def _signed(form: ReceiptForm) -> Submission | None:
    said = form.cleaned_data["number"]
    found: Submission | None = (
        Submission.objects.filter(
            period__code=said["period"],
            institution=int(said["institution"]),
            number=int(said["number"]),
            content_hash=form.cleaned_data["content_hash"],
        )
        .select_related("institution", "period")
        .first()
    )
    return found

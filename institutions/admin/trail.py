"""The trail for whoever audits: every change on record, searched and exported, and the seals that vouch for it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from institutions.admin.base import ReadOnlyAdmin
from institutions.errors import Refused
from institutions.models import Institution, TrailEntry, TrailSeal, User
from institutions.trail import exporting
from institutions.trail.sealing import newest
from institutions.trail.searching import Entry, Place, Wish, everything, find
from institutions.trail.tables import trail_tables
from institutions.trail.wording import shown

PER_PAGE = 50


class TrailForm(forms.Form):
    """What one looks for; nothing is asked for."""

    person = forms.CharField(
        label=gettext_lazy("Person"),
        required=False,
        help_text=gettext_lazy("E-mail or name, or a part of it."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind of row"), required=False)
    institution = forms.ModelChoiceField(
        label=gettext_lazy("University"),
        queryset=Institution.objects.order_by("order_kk"),
        required=False,
        empty_label=gettext_lazy("all"),
    )
    since = forms.DateField(
        label=gettext_lazy("From day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("To day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        help_text=gettext_lazy("In rows, reasons and addresses."),
    )

    field_order = ("person", "text", "kind", "institution", "since", "until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(table.name, capfirst(table.model._meta.verbose_name_plural)) for table in trail_tables()]
        self.fields["kind"].choices = [("", _("all")), *sorted(kinds, key=lambda kind: str(kind[1]))]  # type: ignore[attr-defined]

    def clean_person(self) -> tuple[int, ...]:
        words = self.cleaned_data["person"].split()
        if not words:
            return ()
        people = User.objects.all()
        for word in words:
            people = people.filter(
                Q(email__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
            )
        found = tuple(people.values_list("pk", flat=True)[:500])
        if not found:
            raise forms.ValidationError(_("Nobody is called so."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first."))
        return cleaned

    def wish(self) -> Wish:
        asked = self.cleaned_data
        return Wish(
            people=asked["person"],
            table=asked["kind"],
            institution=asked["institution"].pk if asked["institution"] else None,
            since=asked["since"],
            until=asked["until"],
            text=asked["text"],
        )


@admin.register(TrailEntry)
class TrailEntryAdmin(ReadOnlyAdmin):
    """One page and its export; there is no table behind, so no other page of the admin's makes sense here."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("institutions.read_trailentry"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        name = "institutions_trailentry"
        return [
            path("", self.admin_site.admin_view(self.changelist_view), name=f"{name}_changelist"),
            path("trail.csv", self.admin_site.admin_view(self.export_view), name=f"{name}_export"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TrailForm(request.GET)
        after = Place.read(request.GET.get("after", ""))
        entries = found(form, after)
        more = len(entries) > PER_PAGE
        query = request.GET.copy()
        query.pop("after", None)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Trail"),
            "opts": self.opts,
            "form": form,
            "entries": shown(entries[:PER_PAGE]),
            "query": query.urlencode(),
            "wished": any(query.values()),
            "after": after,
            "next": entries[PER_PAGE - 1].place if more else None,
            "last_seal": newest(),
            **(extra_context or {}),
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/institutions/trail.html", context, status=status)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The same events without an end; what is refused on the page is refused here with the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TrailForm(request.GET)
        if not form.is_valid():
            return self.changelist_view(request)
        response = StreamingHttpResponse(
            exporting.lines(everything(form.wish())), content_type="text/csv; charset=utf-8"
        )
        day = timezone.localdate().isoformat()
        response["Content-Disposition"] = f'attachment; filename="trail-{day}.csv"'
        return response


def found(form: TrailForm, after: Place | None) -> list[Entry]:
    """One more than a page shows; nothing, with its reason in the form, where the search was refused."""
    if not form.is_valid():
        return []
    try:
        return find(form.wish(), after=after, limit=PER_PAGE + 1)
    except Refused as refused:
        form.add_error("text", str(refused))
        return []


@admin.register(TrailSeal)
class TrailSealAdmin(ReadOnlyAdmin):
    """The chain as it stands; `verify_audit_trail` recomputes it."""

    list_display = ("number", "table", "rows", "upto_id", "sealed_at", "hash")
    list_display_links = ("number",)
    list_filter = ("table",)
    search_fields = ("=number", "hash__startswith")
    search_help_text = gettext_lazy("By number or by the beginning of the hash.")
    ordering = ("-number",)
    fields = (
        "number", "table", "after_id", "upto_id", "rows", "digest", "previous", "hash", "sealed_at", "columns",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrailSeal]:
        return super().get_queryset(request).defer("marks")

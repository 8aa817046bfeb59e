"""The page of a register on which what was deleted is put back, and the sentences that lead there."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from institutions.errors import Refused
from institutions.models import User
from institutions.putting_back import deleted, put_back


class DeletedPages(admin.ModelAdmin):
    """For a register whose rows, or the rows within whose rows, can be deleted. The trail must keep what they were."""

    deletable = False

    def kinds_deleted(self) -> list[type[models.Model]]:
        within = [inline.model for inline in self.inlines if inline.can_delete]
        return [self.model, *within] if self.deletable else within

    def get_urls(self) -> list[URLPattern]:
        if not self.kinds_deleted():
            return super().get_urls()
        name = f"{self.opts.app_label}_{self.opts.model_name}_deleted"
        return [
            path("deleted/", self.admin_site.admin_view(self.deleted_view), name=name),
            *super().get_urls(),
        ]

    def put_back_by(self, request: HttpRequest) -> list[type[models.Model]]:
        """Kinds of rows that this person puts back: those that they may delete."""
        if not self.has_view_permission(request):
            return []
        may = request.user.has_perm
        return [
            kind
            for kind in self.kinds_deleted()
            if may(f"{kind._meta.app_label}.delete_{kind._meta.model_name}")
        ]

    def deleted_url(self, request: HttpRequest) -> str:
        """Where its list and its forms lead whoever may put something back; "" for others."""
        if not self.put_back_by(request):
            return ""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_deleted")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        leading = {"deleted_url": self.deleted_url(request)}
        return super().changelist_view(request, {**leading, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **named: Any
    ) -> Any:
        leading = {"deletes_within": self.deleted_url(request) if self.inlines else ""}
        return super().render_change_form(request, {**context, **leading}, *args, **named)

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        kinds = self.put_back_by(request)
        if not kinds:
            raise PermissionDenied
        if request.method == "POST":
            return self.put_back(request, kinds)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Deleted in the last 30 days"),
            "rows": deleted(kinds),
        }
        return TemplateResponse(request, "admin/deleted.html", context)

    def put_back(self, request: HttpRequest, kinds: list[type[models.Model]]) -> HttpResponse:
        kind, key = request.POST.get("kind"), request.POST.get("key", "")[:19]
        model = next((one for one in kinds if one._meta.model_name == kind), None)
        if model is None or not key.isdecimal():
            raise Http404
        assert isinstance(request.user, User)  # noqa: S101 - the admin site has let nobody else in
        try:
            row = put_back(model=model, key=int(key), by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("It is there again: %(row)s.") % {"row": row})
        return HttpResponseRedirect(self.deleted_url(request))

"""One curriculum version on a page of its own: all its lines, and what changed since the last approved one."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from curricula.admin.evidence import with_evidence_in_frames
from curricula.cases import cases
from curricula.models import CurriculumVersion
from institutions.admin.base import ReadOnlyAdmin


@admin.register(CurriculumVersion)
class CurriculumVersionAdmin(ReadOnlyAdmin):
    list_display = (
        "programme",
        "institution",
        "period",
        "number",
        "state",
        "students",
        "submitted_at",
        "decided_at",
    )
    list_filter = ("state", "period", "programme__level", "institution__region")
    list_select_related = ("programme", "institution", "period")
    ordering = ("-pk",)
    search_fields = ("programme__code",)
    search_column = "programme__search"
    search_help_text = _("By code or title of the programme.")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        chosen = self.get_queryset(request).filter(pk=object_id if object_id.isdecimal() else 0)
        found = (
            cases(chosen.select_related("institution", "submission"))
            if self.has_view_permission(request)
            else []
        )
        if not found:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": found[0].version.programme,
            "case": found[0],
            "version": found[0].version,
        }
        page = TemplateResponse(request, "admin/curricula/curriculumversion/version.html", context)
        return with_evidence_in_frames(page)

"""Releases: what is or will be public, only to be read; they are proposed and confirmed under proposed releases."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy

from institutions.admin.base import ReadOnlyAdmin
from institutions.models import User
from reports.models import Release


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "period",
        "as_at",
        "publish_at",
        "proposed_by",
        "released_by",
        "corrects",
        "files_ready_at",
    )
    list_select_related = ("snapshot__period", "proposal__proposed_by", "released_by", "corrects")
    readonly_fields = ("proposal", "files_ready_at")

    @admin.display(description=gettext_lazy("period"))
    def period(self, release: Release) -> str:
        return release.snapshot.period.name

    @admin.display(description=gettext_lazy("as at"))
    def as_at(self, release: Release) -> Any:
        return release.snapshot.as_at

    @admin.display(description=gettext_lazy("proposed by"))
    def proposed_by(self, release: Release) -> User | None:
        return release.proposal.proposed_by if release.proposal else None

    def view_on_site(self, release: Release) -> str:  # type: ignore[override]
        return reverse("release", args=[release.number])

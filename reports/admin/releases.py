"""Releases: what is or will be public, only to be read; they are proposed and confirmed under proposed releases."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from institutions.admin.base import ReadOnlyAdmin
from institutions.dates import day_and_time
from institutions.models import User, role_name
from reports import pre_release_access
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
    readonly_fields = ("proposal", "files_ready_at", "access_before")

    @admin.display(description=gettext_lazy("period"))
    def period(self, release: Release) -> str:
        return release.snapshot.period.name

    @admin.display(description=gettext_lazy("as at"))
    def as_at(self, release: Release) -> Any:
        return release.snapshot.as_at

    @admin.display(description=gettext_lazy("proposed by"))
    def proposed_by(self, release: Release) -> User | None:
        return release.proposal.proposed_by if release.proposal else None

    @admin.display(description=gettext_lazy("who could see it before it was public"))
    def access_before(self, release: Release) -> str:
        lines = [
            (
                access.called,
                ", ".join(role_name(Group(name=role)) for role in access.roles)
                or _("by rights of their own"),
                day_and_time(access.since),
                day_and_time(access.until),
            )
            for access in pre_release_access.access_before(release)
        ]
        return format_html_join("", "<p>{}: {}, {} – {}</p>", lines) or "–"

    def view_on_site(self, release: Release) -> str:  # type: ignore[override]
        return reverse("release", args=[release.number])

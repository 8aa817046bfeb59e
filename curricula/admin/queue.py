"""The queue: what waits for the ministry, the oldest first, with what must be known to choose."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curricula.admin.review import ReviewPages
from curricula.models import CurriculumVersion, Submission
from curricula.warnings import count_waiting
from institutions.admin.base import ReadOnlyAdmin


class WaitingFilter(admin.SimpleListFilter):
    """What waits, unless one asks for more."""

    title = gettext_lazy("decision")
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("made", _("made on everything")), ("all", _("all submissions"))]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("awaited"),
        }
        for value, name in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: str(value)}),
                "display": name,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        # As a subquery, for the rows are joined and counted besides.
        waiting = Submission.objects.awaiting_review().order_by().values("pk")
        match self.value():
            case None:
                return queryset.filter(pk__in=waiting)
            case "made":
                return queryset.exclude(pk__in=waiting)
        return queryset


class QueueList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """Warnings are counted for the rows of the page alone, all at once."""
        super().get_results(request)
        rows = list(self.result_list)
        counts = count_waiting(Submission.objects.filter(pk__in=[row.pk for row in rows]))
        for row in rows:
            row.warning_count = counts.get(row.pk, 0)
        self.result_list = rows


@admin.register(Submission)
class SubmissionAdmin(ReviewPages, ReadOnlyAdmin):
    list_display = (
        "institution_name", "period_name", "number", "signed", "days_waiting", "waiting", "warning_count", "region",
        "kind",
    )  # fmt: skip
    list_filter = (WaitingFilter, "period", "institution__region", "institution__kind")
    list_select_related = ("institution__region", "period")
    list_per_page = 25
    ordering = ("signed_at", "pk")
    search_fields = ("institution__code",)
    search_column = "institution__search"
    search_help_text = gettext_lazy("By university.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        versions = CurriculumVersion.objects.awaiting_review().filter(submission=OuterRef("pk")).order_by()
        count = Subquery(versions.values("submission").values(count=Count("pk")), output_field=IntegerField())
        return super().get_queryset(request).annotate(waiting_count=Coalesce(count, 0))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Queue"), **(extra_context or {})})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QueueList

    def get_urls(self) -> list[URLPattern]:
        return [*self.review_urls(), *super().get_urls()]

    @admin.display(description=gettext_lazy("university"), ordering="institution__order_kk")
    def institution_name(self, submission: Submission) -> str:
        return submission.institution.name

    @admin.display(description=gettext_lazy("period"), ordering="period__code")
    def period_name(self, submission: Submission) -> str:
        return submission.period.name

    @admin.display(description=gettext_lazy("signed at"), ordering="signed_at")
    def signed(self, submission: Submission) -> str:
        return date_format(timezone.localtime(submission.signed_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("waits"), ordering="waiting_count")
    def waiting(self, submission: Any) -> str:
        """Curricula, staff figures, or both."""
        count = submission.waiting_count
        curricula = ngettext("%(count)d curriculum", "%(count)d curricula", count) % {"count": count}
        if submission.state != Submission.State.SUBMITTED:
            return curricula if count else "–"
        if not count:
            return _("staff figures")
        return _("%(curricula)s, staff figures") % {"curricula": curricula}

    @admin.display(description=gettext_lazy("warnings"), empty_value="–")
    def warning_count(self, submission: Any) -> int | None:
        return submission.warning_count or None

    @admin.display(description=gettext_lazy("days waiting"), ordering=F("signed_at").desc())
    def days_waiting(self, submission: Any) -> int | str:
        if not submission.waiting_count and submission.state != Submission.State.SUBMITTED:
            return "–"
        return (timezone.localdate() - timezone.localtime(submission.signed_at).date()).days

    @admin.display(description=gettext_lazy("region"), ordering="institution__region__order_kk")
    def region(self, submission: Submission) -> str:
        return submission.institution.region.name

    @admin.display(description=gettext_lazy("kind"), ordering="institution__kind")
    def kind(self, submission: Submission) -> str:
        return submission.institution.get_kind_display()

"""The queue: what waits for the ministry, the riskiest first, with what must be known to choose and who has it."""

from typing import Any, Literal

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Count,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curricula.admin.claims import ClaimPages
from curricula.admin.evidence import EvidencePages
from curricula.admin.narrowing import ConcernFilter, WaitingFilter, WhoseFilter, listed
from curricula.admin.review import MAY_DECIDE
from curricula.admin.together import TogetherPages
from curricula.admin.universities import UniversitiesPage
from curricula.claiming import MAY_RELEASE_OTHERS
from curricula.models import CurriculumVersion, Submission
from institutions.admin.base import ReadOnlyAdmin
from institutions.models import User


class QueueList(ChangeList):
    """Ordered by the place in the work list; what the list knows of a row stands at the row."""

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any, Any]:
        places = [item.submission for item in listed(request).items]
        place = Func(
            Value(places, output_field=ArrayField(BigIntegerField())),
            F("pk"),
            function="array_position",
            output_field=IntegerField(),
        )
        self.root_queryset = self.root_queryset.annotate(place_in_queue=place)
        return super().get_queryset(request, *args, **kwargs)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Submission]) -> list[Any]:
        ordering = super().get_ordering(request, queryset)
        return ordering if ORDER_VAR in self.params else [F("place_in_queue").asc(nulls_last=True), *ordering]

    def get_ordering_field_columns(self) -> dict[int, Literal["desc", "asc"]]:
        """The heading that says by what the list is ordered."""
        if ORDER_VAR in self.params:
            return super().get_ordering_field_columns()
        return {list(self.list_display).index("risk"): "asc"}

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        items = {item.submission: item for item in listed(request).items}
        assigned = {key for row in rows if row.pk in items for key in items[row.pk].assigned}
        people = User.objects.in_bulk(assigned)
        for row in rows:
            row.item = items.get(row.pk)
            row.people = [people[key] for key in sorted(row.item.assigned)] if row.item else []
            row.viewer = request.user
            row.back = request.get_full_path()
        self.result_list = rows


@admin.register(Submission)
class SubmissionAdmin(TogetherPages, EvidencePages, ClaimPages, UniversitiesPage, ReadOnlyAdmin):
    change_list_template = "admin/curricula/submission/queue.html"
    list_display = (
        "institution_name", "risk", "waiting", "days_waiting", "holder", "place", "package",
    )  # fmt: skip
    list_filter = (
        WaitingFilter, WhoseFilter, ConcernFilter, "period", "institution__region", "institution__kind",
    )  # fmt: skip
    list_per_page = 25
    ordering = ("signed_at", "pk")
    search_fields = ("institution__code",)
    search_column = "institution__search"
    search_help_text = gettext_lazy("By university.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        versions = CurriculumVersion.objects.awaiting_review().filter(submission=OuterRef("pk")).order_by()
        count = Subquery(versions.values("submission").values(count=Count("pk")), output_field=IntegerField())
        return (
            super()
            .get_queryset(request)
            .select_related("institution__region", "period", "claim__reviewer")
            .annotate(waiting_count=Coalesce(count, 0))
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "title": _("Queue"),
            "work": listed(request) if self.has_view_permission(request) else None,
            "may_decide": request.user.has_perm(MAY_DECIDE),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QueueList

    def get_urls(self) -> list[URLPattern]:
        return [
            *self.universities_urls(), *self.claim_urls(), *self.review_urls(), *self.together_urls(),
            *self.evidence_urls(), *super().get_urls(),
        ]  # fmt: skip

    @admin.display(description=gettext_lazy("university"), ordering="institution__order_kk")
    def institution_name(self, submission: Submission) -> str:
        return submission.institution.name

    @admin.display(description=gettext_lazy("risk"), ordering="place_in_queue")
    def risk(self, submission: Any) -> SafeString | str:
        if submission.item is None:
            return "–"
        return render_to_string("admin/curricula/submission/_risk.html", {"risk": submission.item.risk})

    @admin.display(description=gettext_lazy("who has it"), ordering="claim__reviewer__first_name")
    def holder(self, submission: Any) -> SafeString | str:
        """With a button of the list's own form: taking needs no page of its own."""
        if submission.item is None:
            return "–"
        viewer = submission.viewer
        return render_to_string(
            "admin/curricula/submission/_holder.html",
            {
                "submission": submission,
                "item": submission.item,
                "people": submission.people,
                "user": viewer,
                "may_take": viewer.has_perm(MAY_DECIDE) and submission.signed_by_id != viewer.pk,
                "may_release": viewer.has_perm(MAY_RELEASE_OTHERS),
                "back": submission.back,
            },
        )

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

    @admin.display(description=gettext_lazy("days waiting"), ordering=F("signed_at").desc())
    def days_waiting(self, submission: Any) -> SafeString | str:
        if submission.item is None:
            return "–"
        return render_to_string("admin/curricula/submission/_days.html", {"item": submission.item})

    @admin.display(description=gettext_lazy("region and kind"), ordering="institution__region__order_kk")
    def place(self, submission: Submission) -> str:
        institution = submission.institution
        return f"{institution.region.name}, {institution.get_kind_display()}"

    @admin.display(description=gettext_lazy("period and number"), ordering="signed_at")
    def package(self, submission: Submission) -> str:
        return _("%(period)s, no. %(number)d") % {
            "period": submission.period.name,
            "number": submission.number,
        }

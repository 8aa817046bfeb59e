"""What of the queue one wants to see: decided or not, whose work it is, overdue, come back."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.models import Submission
from curricula.worklist import Worklist, worklist
from institutions.admin.base import actor


def listed(request: HttpRequest) -> Worklist:
    """The work list of the person who asks, made once a request."""
    found: Worklist | None = getattr(request, "worklist", None)
    if found is None:
        found = worklist(actor(request))
        request.worklist = found  # type: ignore[attr-defined]
    return found


class NarrowingFilter(admin.SimpleListFilter):
    """A filter that names what it shows unless one asks for something else."""

    unasked: Any = gettext_lazy("All")

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name or ""]),
            "display": self.unasked,
        }
        for value, name in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({str(self.parameter_name): str(value)}),
                "display": name,
            }


class WaitingFilter(NarrowingFilter):
    """What waits, unless one asks for more."""

    title = gettext_lazy("decision")
    parameter_name = "decision"
    unasked = gettext_lazy("awaited")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("made", _("made on everything")), ("all", _("all submissions"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        waiting = Submission.objects.awaiting_review().order_by().values("pk")
        match self.value():
            case None:
                return queryset.filter(pk__in=waiting)
            case "made":
                return queryset.exclude(pk__in=waiting)
        return queryset


class WorkFilter(NarrowingFilter):
    """Of what waits a part of the work list; the values are names of its properties."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        value = self.value()
        if value not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(pk__in=[item.submission for item in getattr(listed(request), value)])


class WhoseFilter(WorkFilter):
    title = gettext_lazy("whose work")
    parameter_name = "whose"
    unasked = gettext_lazy("everybody's")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("mine", _("mine")),
            ("held", _("what I have taken")),
            ("free", _("taken by nobody")),
            ("with_others", _("taken by others")),
            ("unassigned", _("assigned to nobody")),
        ]


class ConcernFilter(WorkFilter):
    title = gettext_lazy("concern")
    parameter_name = "concern"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", _("overdue")), ("came_back", _("came back")), ("risky", _("high risk"))]

"""The universities behind the counts of the home page: who is silent, waits, has something to mend, is through."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from curricula.models import Period, Submission
from curricula.standing import STATES, state_names, with_state
from institutions.models import Institution, Region

if TYPE_CHECKING:
    from institutions.admin.base import ReadOnlyAdmin as Base
else:
    Base = object

ON_A_PAGE = 100


class UniversitiesPage(Base):
    def universities_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.universities)
        return [path("universities/", view, name="curricula_submission_universities")]

    def universities(self, request: HttpRequest) -> HttpResponse:
        """Narrowed by `state`, `region` and `kind`; what is unknown narrows nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        period = Period.objects.current()
        rows, chosen = _narrowed(period, request.GET) if period else (Institution.objects.none(), {})
        query = request.GET.copy()
        query.pop("p", None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Universities in the period"),
            "period": period,
            "page_obj": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("p")),
            "query": query.urlencode(),
            "chosen": chosen,
            "state_names": state_names(),
            "regions": Region.objects.all(),
            "kinds": Institution.Kind.choices,
        }
        return TemplateResponse(request, "admin/curricula/submission/universities.html", context)


def _narrowed(period: Period, asked: Any) -> tuple[Any, dict[str, str]]:
    newest = Submission.objects.filter(institution=OuterRef("pk"), period=period).order_by("-number")
    rows = (
        with_state(period)
        .select_related("region")
        .annotate(
            newest=Subquery(newest.values("pk")[:1]), signed_at=Subquery(newest.values("signed_at")[:1])
        )
        .order_by("order_kk")
    )
    known = {
        "state": ("collection_state", set(STATES)),
        "region": ("region__code", set(Region.objects.values_list("code", flat=True))),
        "kind": ("kind", set(Institution.Kind.values)),
    }
    chosen = {
        name: asked.get(name, "") for name, (_column, values) in known.items() if asked.get(name) in values
    }
    return rows.filter(**{known[name][0]: value for name, value in chosen.items()}), chosen

"""Live coverage for signed-in users: what the figures would be now, before any release."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from curricula.models import Field, Period, Programme
from curricula.views.places import place_of
from institutions.models import Institution
from institutions.wall import beyond
from reports import live
from reports.figures import Counts
from reports.medians import FEWEST, Median, medians
from reports.models import Requirement


@never_cache
@require_safe
@login_required
def institution(request: HttpRequest, code: str) -> HttpResponse:
    """A university's own figures as they stand, beside what is usual among others; never another's own.

    Always of the period that is being counted now.
    """
    place = place_of(request, code)
    period = Period.objects.current() or place.period
    with beyond("whether the medians of others are up to date"):
        others_stale_since = live.stale_since()
    context = {
        "place": place,
        "period": period,
        "tables": beside_others(place.institution, period, tables(period, [place.institution.pk])),
        "stale_since": live.stale_since(place.institution.pk),
        "others_stale_since": others_stale_since,
        "fewest": FEWEST,
    }
    return render(request, "reports/live.html", context)


def beside_others(
    institution: Institution, period: Period, tables: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Add the medians: of the region and the kind to each table, of its field to each row of a field."""
    found = medians(institution, period)
    for table in tables:
        number = table["requirement"].pk
        table["region"] = found.get((number, "region", institution.region.code), Median())
        table["kind"] = found.get((number, "kind", institution.kind), Median())
        for row in table["field_code"]:
            row["median"] = found.get((number, "field", row["key"]), Median())
    return tables


def tables(period: Period, institutions: list[int]) -> list[dict[str, Any]]:
    """For each requirement the whole, and its parts by level and by field of education."""
    cells = {
        by: live.coverage(period=period, by=by, institutions=institutions) for by in ("level", "field_code")
    }
    names = {
        "level": {code: str(label) for code, label in Programme.Level.choices},
        "field_code": {field.code: field.name for field in Field.objects.filter(kind=Field.Kind.FIELD)},
    }
    found = []
    for whole in live.coverage(period=period, institutions=institutions):
        parts = {
            by: [
                {"key": row[by], "label": names[by].get(row[by], row[by]), "counts": Counts.of(row)}
                for row in rows
                if row["requirement"] == whole["requirement"]
            ]
            for by, rows in cells.items()
        }
        found.append({"requirement": whole["requirement"], "counts": Counts.of(whole), **parts})
    requirements = Requirement.objects.in_bulk([table["requirement"] for table in found])
    return [table | {"requirement": requirements[table["requirement"]]} for table in found]

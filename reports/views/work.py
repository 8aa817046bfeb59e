"""AI and work: which fields train for the work that is most exposed to AI, and how far they teach it."""

from django.http import HttpRequest, HttpResponse

from curricula.models import Field
from reports import comparing, figures, pictures
from reports.models import ReferenceValue, Release
from reports.views.released import page, released


@released
def exposure(request: HttpRequest, release: Release) -> HttpResponse:
    edition = figures.edition(release, ("field",))
    fields = pictures.by_code(Field.objects.filter(kind=Field.Kind.FIELD))
    context = {
        "edition": edition,
        "picture": comparing.comparison(fields, edition.by("field")),
        "statements": ReferenceValue.objects.all(),
    }
    return page(request, "reports/work.html", release, context)

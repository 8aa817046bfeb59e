"""What other sites show of a university: a picture and a card. Both name their release, and lead back here."""

from csp.decorators import csp, csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt

from institutions.models import Institution
from reports import charts, figures
from reports.models import Release
from reports.views.released import page, released
from reports.wording import day, percent, share_and_part

NOTHING = {name: ["'none'"] for name in ("default-src", "frame-ancestors", "base-uri", "form-action")}


@csp(NOTHING)  # type: ignore[arg-type]
@released
def badge(request: HttpRequest, release: Release, code: str) -> HttpResponse:
    institution, counts = counted(release, code)
    found = _("Programmes that teach AI as the mandate asks: %(share)s") % {"share": share_and_part(counts)}
    lines = [found, source_of(release)]
    warning = _("Demonstration data") if release.snapshot.demonstration else ""
    drawing = charts.badge(
        charts.Badge(
            title="; ".join(filter(None, [institution.name, *lines, warning])),
            share=percent(counts.share),
            name=institution.name,
            lines=lines,
            warning=warning,
        )
    )
    response = HttpResponse(drawing, content_type="image/svg+xml; charset=utf-8")
    # Also for sites that load nothing from elsewhere unless it says that it may be.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[arg-type]
@released
def card(request: HttpRequest, release: Release, code: str) -> HttpResponse:
    """The one page that other sites may frame."""
    institution, counts = counted(release, code)
    context = {
        "institution": institution,
        "counts": counts,
        "source": source_of(release),
        "address": settings.SITE_URL + reverse("institution", args=[code]),
    }
    return page(request, "reports/card.html", release, context)


def counted(release: Release, code: str) -> tuple[Institution, figures.Counts]:
    institution = get_object_or_404(
        Institution.objects.only("code", "name_kk", "name_ru", "name_en"), code=code
    )
    edition = figures.edition(release, ("institution",))
    return institution, edition.by("institution").get(code, figures.Counts())


def source_of(release: Release) -> str:
    return _("Qamtu, release %(number)d, as at %(day)s") % {
        "number": release.number,
        "day": day(figures.as_at(release)),
    }


def codes(institution: Institution) -> dict[str, str]:
    """What the owner of another site copies. The text alternative has no figure, for a newer release has another."""
    address = {
        name: settings.SITE_URL + reverse(name, args=[institution.code])
        for name in ("institution", "institution-badge", "institution-card")
    }
    title = _("AI in the programmes of %(university)s, by Qamtu") % {"university": institution.name}
    return {
        "badge": format_html(
            '<a href="{}"><img src="{}" alt="{}"></a>',
            address["institution"],
            address["institution-badge"],
            title,
        ),
        "card": format_html(
            '<iframe src="{}" title="{}" width="360" height="300" loading="lazy"></iframe>',
            address["institution-card"],
            title,
        ),
    }

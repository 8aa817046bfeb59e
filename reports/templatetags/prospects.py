"""What the drafts of a university would do to its figures, for the page on which they are signed.

That page is of `curricula`, which knows nothing of the mandate; so it asks for this from its template.
"""

from typing import Any

from django import template

from curricula.models import Period
from institutions.models import Institution
from reports.foreseen import foreseen

register = template.Library()


@register.inclusion_tag("reports/_prospects.html")
def prospects(institution: Institution, period: Period) -> dict[str, Any]:
    return {"prospects": foreseen(institution, period)}

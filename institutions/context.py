"""What every page knows besides its own: whether the data are generated, which each page that shows them must say."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from institutions.models import Deployment


def demonstration(request: HttpRequest) -> dict[str, Any]:
    """`demonstration`, asked of the database only by pages that show it. Public pages say it of their release."""
    return {"demonstration": SimpleLazyObject(Deployment.is_demonstration)}

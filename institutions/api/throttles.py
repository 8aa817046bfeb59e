"""How often one address and one key may ask; counted in each web process, as its cache is."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class ByAddress(SimpleRateThrottle):
    """So many requests from one address, whoever asks: it is counted before a key is looked at."""

    scope = "address"

    def get_rate(self) -> str:
        rate: str = settings.API_RATE
        return rate

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class ByKey(ByAddress):
    """As many for one key, from wherever it is used."""

    scope = "key"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": request.auth.pk}

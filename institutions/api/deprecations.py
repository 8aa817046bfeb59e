"""How an address that goes is announced: by header from the first day, in the schema, and in CHANGELOG.md."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.http import HttpResponseBase
from django.utils.http import http_date

LEAST = timedelta(days=365)  # between the first word of it and its end


@dataclass(frozen=True)
class Deprecation:
    """Since when nothing new should be built upon an address, when it ends, and which address comes instead."""

    since: date
    sunset: date
    instead: str

    def __post_init__(self) -> None:
        if self.sunset - self.since < LEAST:
            raise ValueError(f"An address stays for {LEAST.days} days after its end is announced.")

    def tell(self, response: HttpResponseBase) -> None:
        """RFC 9745 has `Deprecation`, RFC 8594 `Sunset`."""
        response.headers["Deprecation"] = f"@{seconds(self.since)}"
        response.headers["Sunset"] = http_date(seconds(self.sunset))
        further = f'<{self.instead}>; rel="successor-version"'
        response.headers["Link"] = ", ".join(filter(None, (response.headers.get("Link"), further)))


def seconds(day: date) -> int:
    """Its first moment, as seconds since 1970."""
    return int(datetime.combine(day, time.min, UTC).timestamp())

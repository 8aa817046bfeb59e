"""The country of the tests of reports, which attackers find as it is."""

from tests.reports.conftest import everything, release, released_once

__all__ = ["everything", "release", "released_once"]

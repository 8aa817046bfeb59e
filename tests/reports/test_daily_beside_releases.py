"""Live coverage is told beside the newest release of its period; from there the public knows it."""

import pytest

from reports import daily, live
from reports.models import Release

pytestmark = pytest.mark.django_db


def test_the_newest_release_of_the_period_stands_beside_it(release: Release) -> None:
    live.refresh()
    (course,) = daily.courses(release.snapshot.period)
    assert course.released
    assert course.released[0] == release

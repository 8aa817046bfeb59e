"""What snapshots and recomputations are killed over, and raced for."""

import pytest

from curricula.models import Period
from tests.factories import make_institution, make_period, make_programme, make_requirement, make_version


@pytest.fixture
def counted(transactional_db: None) -> Period:
    """Five universities with three programmes each, of which two have an approved curriculum."""
    period = make_period()
    make_requirement()
    for _ in range(5):
        institution = make_institution()
        for state in ("approved", "submitted", "approved"):
            make_version(make_programme(institution), period=period, state=state)
    return period

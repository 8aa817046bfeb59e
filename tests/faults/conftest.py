"""What snapshots and recomputations are killed over, and raced for."""

import pytest
from _pytest.terminal import TerminalReporter

from curricula.models import Period
from tests.factories import make_institution, make_period, make_programme, make_version
from tests.faults.amounts import DONE, MEASURED
from tests.rules import make_requirement


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


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """What was survived, in one line: it counts only what a test has looked at afterwards. How long things took, each
    in a line of its own."""
    for one in MEASURED:
        terminalreporter.write_line(f"faults: {one}")
    if DONE:
        survived = ", ".join(f"{number} {what}" for what, number in sorted(DONE.items()))
        failed = len(terminalreporter.stats.get("failed", []))
        said = f"{failed} tests failed" if failed else "0 lost, 0 doubled, 0 half"
        terminalreporter.write_line(f"faults: {survived}: {said}")

"""What the checks say of each row of the form of a curriculum while it is entered."""

from collections.abc import Iterable, Sequence

from curricula.checking.rows import typed_findings
from curricula.forms.lines import LineForm
from curricula.models import Discipline


def check_beside(rows: Sequence[LineForm], disciplines: Iterable[Discipline]) -> None:
    """Give each row that counts its findings to show; as typed, saved or not."""
    known = {discipline.code: discipline for discipline in disciplines}
    counting = [row for row in rows if row.counts]
    for row, found in zip(counting, typed_findings([row.row for row in counting], known), strict=True):
        row.checks = found

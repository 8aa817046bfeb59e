"""A cell that gives itself two places, or one in a spelling of its own, ends no process: the library would take the
last, and ask for memory for a sheet of 17 thousand million cells, which ends it without an exception.
"""

import itertools

import pytest

from curricula.spreadsheets.faults import Unreadable
from curricula.spreadsheets.rows import read_file
from curricula.spreadsheets.safety import scan_workbook
from tests.curricula.spreadsheet_files import HEADINGS, line, raw_row, raw_xlsx

GOOD = raw_row(1, HEADINGS) + raw_row(2, line(2))
SPELLINGS = [
    f"{before}r{space}={after}{quote}{place}{quote}"
    for before, space, after, quote, place in itertools.product(
        ("", " ", "\t", "\n"), ("", " ", "\n"), ("", " ", "\t"), ('"', "'"), ("XFD1048576", "A1048576")
    )
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_second_place_of_a_cell_or_a_row_is_seen_before_the_library_reads_it(spelling: str) -> None:
    for first in ('<c r="A1"', '<c r="B2"', '<row r="2"'):
        assert first in GOOD
        content = raw_xlsx(GOOD.replace(first, first + spelling, 1))
        with pytest.raises(Unreadable):
            scan_workbook(content)
        assert read_file_is_refused(content)


def read_file_is_refused(content: bytes) -> bool:
    return bool(read_file(content, "a.xlsx").faults)


@pytest.mark.parametrize("spelling", [" r = 'A1'", "\tr='A1'", '\nr="A1"'])
def test_one_place_in_another_spelling_is_read(spelling: str) -> None:
    content = raw_xlsx(GOOD.replace('<c r="A1"', f"<c{spelling}", 1))
    assert len(read_file(content, "a.xlsx").rows) == 1

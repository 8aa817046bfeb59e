"""Keeps spreadsheet programs from taking text of a CSV file for a formula: an apostrophe goes before it."""

import re

# Both patterns are read by Python and by PostgreSQL alike.
ACTIVE = "=+@＝＋－＠-"
# At the beginning of a cell.
START = rf"^([\t\r\n{ACTIVE}])"
# And after what opens a cell in the middle of ours: in Kazakh and Russian such programs divide by semicolons, so a file
# with commas has its quotes for letters, and its line breaks within quotes for new rows.
INSIDE = rf'([;\t\r\n]["\s]*)(?=[{ACTIVE}])'


def harmless(text: str) -> str:
    return re.sub(START, r"'\1", re.sub(INSIDE, r"\1'", text))


def harmless_sql(cell: str) -> str:
    """The same of a column; most texts hold none of it and pass by a look."""
    mended = rf"regexp_replace(regexp_replace({cell}, '{INSIDE}', '\1''', 'g'), '{START}', '''\1')"
    return rf"CASE WHEN {cell} ~ '^[{ACTIVE}]|[;\t\r\n]' THEN {mended} ELSE {cell} END"

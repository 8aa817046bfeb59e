"""Suggest AI categories for a list of disciplines in a CSV file; reads no database and changes nothing."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from curricula.suggesting import suggest

TITLES = ("title", "title_kk", "title_ru", "title_en")
ADDED = ("category", "areas", "terms")
DELIMITERS = ",;\t"


class Command(BaseCommand):
    help = (
        "Read a CSV file in UTF-8 with the columns title (or title_kk, title_ru, title_en) and optionally description; "
        "write the same rows with category, areas and terms. Several areas or terms have a semicolon between."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise CommandError(f"{path} can't be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(
                f"{path} is not in UTF-8 (byte {error.start + 1}). Save it as UTF-8."
            ) from error
        written = io.StringIO()
        try:
            self.write(text, written)
        except csv.Error as error:
            raise CommandError(f"{path} is not a CSV file: {error}.") from error
        if hasattr(self.stdout, "reconfigure"):  # the console's own encoding may lack Kazakh letters
            self.stdout.reconfigure(encoding="utf-8")
        self.stdout.write(written.getvalue(), ending="")

    def write(self, text: str, into: io.StringIO) -> None:
        delimiter = delimiter_of(text)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        headings = next(reader, [])
        names = [heading.strip().lower() for heading in headings]
        if not set(TITLES) & set(names):
            found = ", ".join(headings) or "none, the file is empty"
            raise CommandError(f"There is no column title; the columns are: {found}.")
        if doubled := sorted({name for name in names if name and names.count(name) > 1}):
            raise CommandError(f"These columns stand in the file twice: {', '.join(doubled)}.")
        kept = [place for place, name in enumerate(names) if name not in ADDED]
        if len(kept) < len(names):
            replaced = ", ".join(name for name in names if name in ADDED)
            self.stderr.write(f"Replaced, as they are in the file already: {replaced}.")
        out = csv.writer(into, delimiter=delimiter, lineterminator="\n")
        out.writerow([*(headings[place] for place in kept), *ADDED])
        for row, said in suggestions(reader, names):
            out.writerow([*(row[place] for place in kept), *said])


def delimiter_of(text: str) -> str:
    """Whichever of comma, semicolon and tab is most frequent in the line of headings."""
    headings = text.split("\n", 1)[0]
    return max(DELIMITERS, key=headings.count)


def suggestions(reader: Any, names: list[str]) -> Iterator[tuple[list[str], tuple[str, str, str]]]:
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(names):
            raise CommandError(
                f"Line {reader.line_num} has {len(cells)} cells, but there are {len(names)} columns. "
                "Put quotes around a cell that holds a comma."
            )
        row = [*cells, *[""] * (len(names) - len(cells))]
        by_name = dict(zip(names, row, strict=True))
        said = suggest([by_name.get(name, "") for name in TITLES], by_name.get("description", ""))
        yield row, (said.category, ";".join(said.areas), ";".join(said.terms))

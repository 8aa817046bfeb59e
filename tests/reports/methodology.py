"""The worked examples of docs/methodology.md, read from the document; what does them is tested beside."""

import re
from pathlib import Path

TEXT = (Path(__file__).resolve().parents[2] / "docs/methodology.md").read_text(encoding="utf-8")
EXAMPLES = {
    name: lines.splitlines() for name, lines in re.findall(r"```text\nexample: (.+)\n((?:.*\n)+?)```", TEXT)
}
NOTHING = "-"  # where a table has nothing to say


def values(lines: list[str]) -> dict[str, str]:
    """`share 0.5`: the last word by those before it."""
    return dict(line.rsplit(" ", 1) for line in lines)


def table(lines: list[str]) -> list[list[str]]:
    """The rows of a table whose columns stand two spaces or more apart, without its heading."""
    return [re.split(r"\s{2,}", line.strip()) for line in lines[1:]]


def tables(lines: list[str], *headings: str) -> list[list[list[str]]]:
    """The tables of an example that has several, one after another, by the first words of their headings."""
    starts = [
        next(n for n, line in enumerate(lines) if line.startswith(f"{heading} ")) for heading in headings
    ]
    return [table(lines[start:end]) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]

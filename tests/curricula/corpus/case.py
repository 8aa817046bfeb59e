"""One file of the corpus: how it is made, and what it must yield."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath

NOTHING_READ = (0, 0, 0, 0)


@dataclass(frozen=True)
class Case:
    """`counts` are the rows read, accepted, rejected and blank; `codes` the faults in their order, each once.

    A file that is refused as a whole has counts of nothing and one code.
    """

    file_name: str
    make: Callable[[], bytes]
    counts: tuple[int, int, int, int] = NOTHING_READ
    codes: list[str] = field(default_factory=list)
    ignored_sheets: dict[str, int] = field(default_factory=dict)

    def stored_as(self, name: str) -> str:
        return re.sub(r"\W+", "-", name) + PurePath(self.file_name).suffix


def refused(file_name: str, make: Callable[[], bytes], code: str) -> Case:
    return Case(file_name, make, NOTHING_READ, [code])

"""How much memory would a workbook take? Told before a library unfolds it, and while it does.

A workbook of 4 kB may hold one text of a megabyte to which ten thousand cells refer: each of them gets a copy. It may
also name one cell twice, of which the library keeps the last without a word; nobody would know that a row was lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from operator import ge
from sys import getsizeof
from typing import Any

from curricula.spreadsheets.faults import Unreadable

MEGABYTE = 1024 * 1024
# All that one file may take besides the process itself: 60,000 full rows take 150 MB.
MEMORY_LIMIT = 180 * MEGABYTE
# What a cell takes in the library, before it holds anything.
CELL = 32
WIDEST = 100  # a text of Python's with its place in a row, its letters aside
ROUNDING = 12  # Python hands memory out by 16 bytes

_SHARED = re.compile(rb"<(?:\w+:)?si[\s/>]")
_ROW = re.compile(rb'<row r="([0-9]{1,9})"')
_PLACE = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"')
_VALUE = re.compile(rb"<(?:\w+:)?v[\s>]")
_NUMBER = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")?(?: t="(?:n|b)")?><v>')
_REFERENCE = re.compile(
    rb'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")? t="s"(?: s="[0-9]{1,6}")?><v>([0-9]{1,7})</v>'
)


class Spending:
    """Counts what the sheets of one file take; refuses the file that takes too much."""

    def __init__(self, spent: int = 0) -> None:
        self.spent = spent

    def is_ample(self, cells: int, text: int) -> bool:
        """Whether so many cells with so many bytes of text take little at the worst; then they need not be counted."""
        most = cells * (CELL + WIDEST) + 4 * text
        if self.spent + most > MEMORY_LIMIT // 4:
            return False
        self.spent += most
        return True

    def refuse_beyond(self, *, also: int = 0) -> None:
        if self.spent + also > MEMORY_LIMIT:
            size = (self.spent + also) // MEGABYTE
            raise Unreadable("unpacked_too_large", size=size, limit=MEMORY_LIMIT // MEGABYTE)

    def spend_on(self, row: list[Any], *, also: int = 0) -> None:
        self.spent += getsizeof(row) + sum(map(getsizeof, row)) + ROUNDING * len(row)
        self.refuse_beyond(also=also)


class Shared:
    """The texts that the cells of a workbook share, by their lengths."""

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self.values = 0

    def read(self, chunks: Iterable[bytes]) -> None:
        starts, offset = [], 0
        for chunk in chunks:
            starts += [offset + found.start() for found in _SHARED.finditer(chunk)]
            offset += len(chunk)
        self.lengths += [after - start for start, after in pairwise([*starts, offset])]

    def count(self, chunk: bytes) -> None:
        self.values += chunk.count(b"<v") + chunk.count(b":v")

    def weight(self, chunks: Callable[[], Iterable[bytes]]) -> int:
        """How many bytes of text the cells refer to; `chunks` yields the sheets again, if a look is needed.

        A value that is not surely a number or a plain reference is taken for a reference to the longest text.
        """
        longest = max(self.lengths, default=0)
        if self.values * longest <= MEMORY_LIMIT // 8:
            return self.values * longest
        found: Counter[int] = Counter()
        unclear = 0
        for chunk in chunks():
            references = Counter(map(int, _REFERENCE.findall(chunk)))
            found += references
            numbers = sum(1 for _number in _NUMBER.finditer(chunk))
            unclear += sum(1 for _value in _VALUE.finditer(chunk)) - references.total() - numbers
        known = len(self.lengths)
        told = sum(times * self.lengths[index] for index, times in found.items() if index < known)
        return told + max(unclear, 0) * longest


class Order:
    """Cells stand in a sheet in the order of rows and columns, each once; every spreadsheet program writes them so."""

    def __init__(self) -> None:
        self.row = 0

    def check(self, chunk: bytes) -> None:
        rows = [self.row, *map(int, _ROW.findall(chunk))]
        if any(map(ge, rows, rows[1:])):
            raise Unreadable("damaged")
        self.row = rows[-1]
        places = _PLACE.findall(chunk)
        if len(set(places)) != len(places):
            raise Unreadable("damaged")

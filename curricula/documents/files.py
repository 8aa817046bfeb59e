"""Uploaded JSON: a list of documents (`.json`), or one document or line of a curriculum in each line (`.jsonl`)."""

import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from curricula.documents.reading import read_documents
from curricula.spreadsheets.faults import Fault
from curricula.spreadsheets.rows import Reading
from institutions.strict_json import Unreadable, read

SUFFIXES = {".json", ".jsonl"}


def is_json(file_name: str) -> bool:
    return PurePath(file_name).suffix in SUFFIXES


def read_json_file(content: bytes, file_name: str, *, institution: str, period: str) -> Reading:
    """Never raises for what a file may hold. A line of text that is not JSON is a fault; the others are checked too."""
    if PurePath(file_name).suffix == ".json":
        items, broken = _parsed(content, "")
        if broken:
            return Reading(faults=[broken])
        return read_documents(items, institution=institution, period=period)
    parsed = list(_lines(content))
    reading = read_documents([item for item, _broken in parsed], institution=institution, period=period)
    faults = [broken for _item, broken in parsed if broken]
    told = {f"/{number}" for number, (_item, broken) in enumerate(parsed) if broken}
    reading.faults = [
        fault for fault in reading.faults if fault.path not in told
    ]  # that nothing is no object
    reading.reject(faults)
    reading.read += len(faults)
    reading.rejected += len(faults)
    return reading


def _lines(content: bytes) -> Iterator[tuple[Any, Fault | None]]:
    """What is in each line of text, and what is wrong with it; lines without anything are none."""
    number = 0
    for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if line.strip():
            yield _parsed(line, f"/{number}")
            number += 1


def _parsed(text: bytes, path: str) -> tuple[Any, Fault | None]:
    try:
        return read(text), None
    except Unreadable as error:
        cause = error.__cause__
        if isinstance(cause, json.JSONDecodeError):
            params = {"line": cause.lineno, "column": cause.colno}
            return None, Fault("json_broken", path=path, params=params)
        return None, Fault("json_refused", path=f"{path}{error.pointer or ''}")

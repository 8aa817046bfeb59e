"""The second implementation of methodology version 1: plain Python over exported rows, no database, no clock.

It shares no code with `assessing`, `indicators` and `fingerprints`, and counts AI disciplines from the lines of the
curricula, not from the sums that those read. Written from docs/methodology.md; when that changes, change both and
never copy from one to the other.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

Row = dict[str, Any]
Cells = dict[tuple[Any, ...], tuple[Any, ...]]

# Which columns of an assessed programme make the key of each dimension.
KEYS: dict[str, tuple[str, ...]] = {
    "nation": (),
    "region": ("region_code",),
    "institution": ("institution_code",),
    "field": ("field_code",),
    "level": ("level",),
    "kind": ("kind",),
    "language": ("language",),
    "region,level": ("region_code", "level"),
    "kind,level": ("kind", "level"),
    "field,level": ("field_code", "level"),
}
OUTCOMES = ("met", "not_met", "no_data", "exempt")


@dataclass
class Figures:
    """What one computation came to: each cell under its key."""

    assessments: Cells = field(default_factory=dict)
    coverage: Cells = field(default_factory=dict)
    indicators: Cells = field(default_factory=dict)
    fingerprint: str = ""


def recompute(rows: dict[str, list[Row]], *, as_at: datetime, starts_on: date, ends_on: date) -> Figures:
    """All figures of a period from its exported rows, as at the moment. Pure: no database, no clock."""
    day = as_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    requirements = [
        row
        for row in rows["requirements"]
        if row["adopted_at"] <= as_at and _on(day, row["effective_from"], row["effective_to"])
    ]
    institutions = {row["institution_id"]: row for row in rows["institutions"] if _is_open(row, as_at, day)}
    programmes = [
        row
        | {
            "region_code": institutions[row["institution_id"]]["region_code"],
            "kind": institutions[row["institution_id"]]["kind"],
            "institution_code": institutions[row["institution_id"]]["code"],
        }
        for row in rows["programmes"]
        if row["institution_id"] in institutions
        and _valid(row, as_at)
        and row["active_from"] <= ends_on
        and (row["active_to"] is None or row["active_to"] >= starts_on)
    ]
    versions = {row["programme_id"]: row for row in rows["versions"] if _valid(row, as_at)}
    lines: dict[int, list[Row]] = defaultdict(list)
    for line in rows["lines"]:
        lines[line["version_id"]].append(line)
    exempt = {
        (row["programme_id"], row["requirement_code"])
        for row in rows["exemptions"]
        if row["decided_at"] <= as_at
        and (row["revoked_at"] is None or row["revoked_at"] > as_at)
        and _on(day, row["starts_on"], row["ends_on"])
    }
    staff = {
        row["institution_id"]: (row["faculty_total"], row["faculty_trained"])
        for row in rows["submissions"]
        if row["state"] == "approved" and _valid(row, as_at)
    }
    reported = {row["institution_id"] for row in rows["submissions"] if row["signed_at"] <= as_at}

    figures = Figures()
    outcomes = _assess(figures, programmes, requirements, versions, lines, exempt)
    _indicate(figures, institutions, programmes, outcomes, versions, lines, staff, reported)
    figures.fingerprint = _fingerprint(
        requirements, institutions, programmes, versions, exempt, staff, reported
    )
    return figures


def _on(day: date, starts: date, ends: date | None) -> bool:
    return starts <= day and (ends is None or day < ends)


def _valid(row: Row, moment: datetime) -> bool:
    return row["valid_from"] <= moment and (row["valid_to"] is None or moment < row["valid_to"])


def _is_open(row: Row, moment: datetime, day: date) -> bool:
    return (
        _valid(row, moment)
        and row["kind"] != "planned"
        and (row["opened_on"] is None or row["opened_on"] <= day)
        and (row["closed_on"] is None or day < row["closed_on"])
    )


def _in_scope(programme: Row, requirement: Row) -> bool:
    return (
        (not requirement["levels"] or programme["level"] in requirement["levels"])
        and (not requirement["fields"] or programme["field_code"] in requirement["fields"])
        and (not requirement["kinds"] or programme["kind"] in requirement["kinds"])
    )


def _assess(
    figures: Figures,
    programmes: list[Row],
    requirements: list[Row],
    versions: dict[int, Row],
    lines: dict[int, list[Row]],
    exempt: set[tuple[int, str]],
) -> dict[int, list[str]]:
    """Fill in assessments and coverage; the outcomes of each programme by its id."""
    outcomes: dict[int, list[str]] = defaultdict(list)
    counts: dict[tuple[Any, ...], dict[str, int]] = defaultdict(lambda: dict.fromkeys(OUTCOMES, 0))
    for programme in programmes:
        version = versions.get(programme["programme_id"])
        for requirement in requirements:
            if not _in_scope(programme, requirement):
                continue
            accepted = [
                line["credits"]
                for line in (lines[version["id"]] if version else [])
                if line["ai_category"] in requirement["categories"]
                and line["component"] in requirement["components"]
            ]
            credit_sum = sum(accepted, Decimal(0))
            enough = (
                len(accepted) >= requirement["min_disciplines"] and credit_sum >= requirement["min_credits"]
            )
            if (programme["programme_id"], requirement["code"]) in exempt:
                outcome = "exempt"
            elif version is None:
                outcome = "no_data"
            else:
                outcome = "met" if enough else "not_met"
            outcomes[programme["programme_id"]].append(outcome)
            figures.assessments[requirement["id"], programme["programme_id"]] = (
                programme["institution_id"], version["id"] if version else None, outcome, len(accepted), credit_sum,
                programme["region_code"], programme["kind"], programme["field_code"], programme["level"],
                programme["language"],
            )  # fmt: skip
            for dimension, columns in KEYS.items():
                key = ",".join(programme[column] for column in columns)
                counts[requirement["id"], dimension, key][outcome] += 1
    for cell, by_outcome in counts.items():
        figures.coverage[cell] = (sum(by_outcome.values()), *(by_outcome[outcome] for outcome in OUTCOMES))
    return outcomes


def _indicate(
    figures: Figures,
    institutions: dict[int, Row],
    programmes: list[Row],
    outcomes: dict[int, list[str]],
    versions: dict[int, Row],
    lines: dict[int, list[Row]],
    staff: dict[int, tuple[int, int]],
    reported: set[int],
) -> None:
    of_institution: dict[int, list[Row]] = defaultdict(list)
    for programme in programmes:
        of_institution[programme["institution_id"]].append(programme)
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for number, institution in institutions.items():
        own = of_institution[number]
        taught = [versions[p["programme_id"]] for p in own if p["programme_id"] in versions]
        dedicated = sum(1 for p in own if p["is_ai_dedicated"])
        mandated = [outcomes[p["programme_id"]] for p in own if set(outcomes[p["programme_id"]]) - {"exempt"}]
        meeting = [p for p in own if _meets(outcomes[p["programme_id"]])]
        total, trained = staff.get(number, (0, 0))
        parts = {
            "institutions_with_ai": (int(any(lines[v["id"]] for v in taught)), 1, int(not taught)),
            "programmes_meeting_mandate": (
                len(meeting),
                len(mandated),
                sum(1 for result in mandated if "no_data" in result and "not_met" not in result),
            ),
            "ai_programmes": (dedicated, len(own), 0),
            "institutions_with_ai_programmes": (int(dedicated > 0), 1, 0),
            "faculty_trained": (trained, total, int(number not in staff)),
            "students_reached": (
                sum(_students(p, versions) or 0 for p in meeting),
                sum(_students(p, versions) or 0 for p in own),
                sum(1 for p in own if _students(p, versions) is None),
            ),
            "institutions_reported": (int(number in reported), 1, 0),
        }
        places = (
            ("nation", ""),
            ("region", institution["region_code"]),
            ("kind", institution["kind"]),
            ("institution", institution["code"]),
        )
        for indicator, values in parts.items():
            for dimension, key in places:
                cell = sums[indicator, dimension, key]
                for position, value in enumerate(values):
                    cell[position] += value
    figures.indicators = {cell: tuple(values) for cell, values in sums.items()}


def _meets(results: list[str]) -> bool:
    return "met" in results and not set(results) & {"not_met", "no_data"}


def _students(programme: Row, versions: dict[int, Row]) -> int | None:
    version = versions.get(programme["programme_id"])
    return version["students"] if version else None


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _rule(row: Row) -> str:
    scope = [",".join(row[name]) for name in ("levels", "fields", "kinds")]
    thresholds = [str(row[name]) for name in ("min_disciplines", "min_credits")]
    accepted = [",".join(row[name]) for name in ("categories", "components")]
    return "|".join(["requirement", row["code"], str(row["number"]), *scope, *thresholds, *accepted])


def _fingerprint(
    requirements: list[Row],
    institutions: dict[int, Row],
    programmes: list[Row],
    versions: dict[int, Row],
    exempt: set[tuple[int, str]],
    staff: dict[int, tuple[int, int]],
    reported: set[int],
) -> str:
    texts: dict[int, list[bytes]] = {
        number: [f"institution|{row['code']}|{row['region_code']}|{row['kind']}".encode()]
        for number, row in institutions.items()
    }
    codes_exempt = defaultdict(list)
    for programme_id, code in exempt:
        codes_exempt[programme_id].append(code)
    for row in programmes:
        version = versions.get(row["programme_id"])
        shown = (
            [version[name] for name in ("id", "number", "content_hash", "students")]
            if version
            else [None] * 4
        )
        parts = [
            row["programme_id"],
            row["level"],
            row["field_code"],
            row["language"],
            int(row["is_ai_dedicated"]),
        ]
        parts += ["-" if value is None else value for value in shown]
        own = texts[row["institution_id"]]
        own.append("|".join(["programme", *map(str, parts)]).encode())
        own += [
            f"exemption|{row['programme_id']}|{code}".encode() for code in codes_exempt[row["programme_id"]]
        ]
    for number, own in texts.items():
        if number in staff:
            own.append(f"staff|{staff[number][0]}|{staff[number][1]}".encode())
        if number in reported:
            own.append(b"reported")
    hashes = sorted(hashlib.sha256(b"\n".join(sorted(own))).hexdigest() for own in texts.values())
    rules = sorted(_rule(row) for row in requirements)
    return _digest(["methodology|1", *rules, *hashes])

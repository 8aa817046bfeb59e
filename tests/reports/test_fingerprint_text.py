"""The fingerprint as docs/methodology.md words it: its patterns, filled in by hand, make what the program makes."""

import hashlib
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from curricula import reviewing
from curricula.models import CurriculumVersion, Period
from institutions.models import Institution
from reports import snapshots
from reports.recomputing import recompute
from tests.factories import (
    make_discipline,
    make_institution,
    make_programme,
    make_reviewer,
    make_submission,
    make_version,
)
from tests.reports.methodology import EXAMPLES, TEXT
from tests.rules import make_exemption, make_requirement

pytestmark = pytest.mark.django_db


def patterns() -> dict[str, str]:
    """The lines of the code blocks below "Fingerprint", by their first word."""
    section = TEXT.partition("## Fingerprint\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^    (\S.*)$", section, re.MULTILINE)
    return {re.split(r"[|>]", line)[0].lstrip("<"): line for line in lines}


def filled(name: str, **values: Any) -> str:
    """A pattern with its `<names>` replaced, each of which must be known."""
    return re.sub(r"<([^>]+)>", lambda found: str(values[found[1].replace(" ", "_")]), patterns()[name])


def digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def content_hash(version: CurriculumVersion) -> str:
    lines = version.lines.select_related("discipline").order_by("position")
    told = [
        filled(
            "discipline code",
            discipline_code=line.discipline.code,
            credits=line.credits,
            cycle=line.cycle,
            component=line.component,
            semester=line.semester,
            AI_category=line.ai_category,
            evidence_address=line.evidence_url,
        )
        for line in lines
    ]
    return digest([str(version.students), *told])


def test_the_patterns_of_the_text_make_the_fingerprint(period: Period, institution: Institution) -> None:
    rule = make_requirement(levels=["6B", "7M"])
    taught, silent = make_programme(institution, code="6B06101"), make_programme(institution, code="7M06102")
    version = make_version(taught, period=period, state="approved")
    make_exemption(silent, requirement_code=rule.code)
    assert version.submission is not None
    reviewing.approve_staff_figures(submission=version.submission, by=make_reviewer())
    make_submission(institution, period=period, faculty_trained=60)  # waits: these figures count nowhere
    quiet = make_institution(code="quiet")
    made = snapshots.take(snapshots.request(period=period).pk).fingerprint

    assert content_hash(version) == version.content_hash
    shared = {"level": "6B", "field": "06", "language": taught.language, "dedicated": 0}
    own = [
        filled("institution", code="kaznu", region=institution.region.code, kind=institution.kind),
        filled("programme", **shared, programme=taught.pk, version=version.pk, number=1,
               content_hash=version.content_hash, students=25),
        filled("programme", **{**shared, "level": "7M"}, programme=silent.pk, version="-", number="-",
               content_hash="-", students="-"),
        filled("exemption", programme=silent.pk, requirement_code=rule.code),
        filled("staff", faculty=100, faculty_trained=54),
        filled("reported"),
    ]  # fmt: skip
    other = [filled("institution", code="quiet", region=quiet.region.code, kind=quiet.kind)]
    rules = [
        filled("requirement", code=rule.code, number=1, levels="6B,7M", fields="", kinds="",
               min_disciplines=rule.min_disciplines, min_credits=f"{rule.min_credits:.1f}",
               categories=",".join(rule.categories), components=",".join(rule.components)),
    ]  # fmt: skip
    hashes = sorted(digest(sorted(lines)) for lines in (own, other))
    assert digest(["methodology|1", *rules, *hashes]) == made


def test_the_example_of_a_content_hash(period: Period, institution: Institution) -> None:
    students, *lines, told = EXAMPLES["content hash"]
    rows = []
    for line in lines:
        code, of, cycle, component, semester, category, evidence = line.split("|")
        rows.append({
            "discipline": make_discipline(institution, code=code), "credits": Decimal(of), "cycle": cycle,
            "component": component, "semester": int(semester), "ai_category": category, "evidence_url": evidence,
        })  # fmt: skip
    version = make_version(
        make_programme(institution), period=period, state="submitted", lines=rows, students=int(students)
    )
    assert f"content hash {version.content_hash}" == told


def test_the_example_of_a_fingerprint() -> None:
    """By the second implementation, from rows that say what the lines say; the first agrees with it in every world."""
    *lines, told = EXAMPLES["fingerprint"]
    assert f"fingerprint {recompute(rows_of(lines), **AT).fingerprint}" == told


NOW = datetime(2026, 3, 1, tzinfo=UTC)
AT: dict[str, Any] = {"as_at": NOW, "starts_on": date(2025, 9, 1), "ends_on": date(2026, 8, 31)}
VALID: dict[str, Any] = {"valid_from": NOW, "valid_to": None}


def rows_of(lines: list[str]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in
        ("requirements", "institutions", "programmes", "versions", "lines", "exemptions", "submissions")
    }  # fmt: skip
    for line in lines:
        kind, *parts = line.split("|")
        institution = len(rows["institutions"])  # that of the last line that began one
        match kind:
            case "requirement":
                code, number, *lists, fewest, least, categories, components = parts
                levels, fields, kinds = (one.split(",") if one else [] for one in lists)
                rows["requirements"].append({
                    "id": 1, "code": code, "number": int(number),
                    "levels": levels, "fields": fields, "kinds": kinds,
                    "min_disciplines": int(fewest), "min_credits": Decimal(least), "adopted_at": NOW,
                    "categories": categories.split(","), "components": components.split(","),
                    "effective_from": date(2025, 9, 1), "effective_to": None,
                })  # fmt: skip
            case "institution":
                code, region, of_kind = parts
                rows["institutions"].append({
                    "institution_id": institution + 1, "code": code, "region_code": region, "kind": of_kind,
                    "opened_on": None, "closed_on": None, **VALID,
                })  # fmt: skip
            case "programme":
                programme, level, field, language, dedicated, version, number, content, students = parts
                rows["programmes"].append({
                    "institution_id": institution, "programme_id": int(programme), "level": level, "field_code": field,
                    "language": language, "is_ai_dedicated": dedicated == "1", "active_from": date(2020, 9, 1),
                    "active_to": None, **VALID,
                })  # fmt: skip
                if version != "-":
                    rows["versions"].append({
                        "id": int(version), "programme_id": int(programme), "number": int(number),
                        "content_hash": content, "students": int(students), **VALID,
                    })  # fmt: skip
            case "exemption":
                programme, code = parts
                rows["exemptions"].append({
                    "programme_id": int(programme), "requirement_code": code, "decided_at": NOW, "revoked_at": None,
                    "starts_on": date(2025, 9, 1), "ends_on": date(2026, 9, 1),
                })  # fmt: skip
            case "staff":
                faculty, trained = parts
                rows["submissions"].append({
                    "institution_id": institution, "state": "approved", "signed_at": NOW, **VALID,
                    "faculty_total": int(faculty), "faculty_trained": int(trained),
                })  # fmt: skip
    return rows

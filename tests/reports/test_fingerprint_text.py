"""The fingerprint as docs/methodology.md words it: its patterns, filled in by hand, make what the program makes."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from curricula import reviewing
from curricula.models import CurriculumVersion, Period
from institutions.models import Institution
from reports import snapshots
from tests.factories import (
    make_exemption,
    make_institution,
    make_programme,
    make_requirement,
    make_reviewer,
    make_submission,
    make_version,
)

pytestmark = pytest.mark.django_db

TEXT = (Path(__file__).resolve().parents[2] / "docs/methodology.md").read_text(encoding="utf-8")


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

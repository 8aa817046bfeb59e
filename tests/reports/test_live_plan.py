"""The plan of an incremental update: whatever the size of the country, no step reads what did not change."""

import re
from typing import Any

import pytest
from django.db import connection

from curricula.models import Period
from institutions.models import Institution
from reports import live
from reports.assessing import parameters
from tests.factories import make_programme, make_requirement, make_version

pytestmark = pytest.mark.django_db

# Tables that grow with the country or with the years. (Rules do not: there are a few.)
BIG = {
    "curricula_programmestate",
    "curricula_curriculumversion",
    "curricula_aisum",
    "institutions_institution",
    "institutions_institutionstate",
    "institutions_generation",
    "reports_exemption",
    "reports_liveassessment",
    "reports_livecoverage",
}


def plan(sql: str, given: Any) -> str:
    """As for a big country: where an index can be used, reading a table from end to end is out of the question."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", given)
        return "\n".join(line for (line,) in cursor.fetchall())


def read_from_end_to_end(text: str) -> set[str]:
    return set(re.findall(r"Seq Scan on (\w+)", text)) & BIG


def test_the_update_of_an_institution_finds_all_that_it_reads_by_indexes(
    period: Period, institution: Institution
) -> None:
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    live.refresh()
    given = parameters(period=period, as_at=live.database_clock(), institutions=[institution.pk])
    assert read_from_end_to_end(plan(live.APPLY, given)) == set()
    claim = live.CLAIM.format(which="generation <> computed", waiting="SKIP LOCKED")
    assert read_from_end_to_end(plan(claim, [live.BATCH])) == set()
    assert read_from_end_to_end(plan(live.DONE, given)) == set()


def test_a_plan_that_reads_a_table_is_found_out(period: Period) -> None:
    """The negative control."""
    text = plan("SELECT count(*) FROM reports_liveassessment WHERE outcome = 'met'", None)
    assert read_from_end_to_end(text) == {"reports_liveassessment"}

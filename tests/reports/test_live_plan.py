"""Plans in a country of 25,000 universities: an update reads what changed, and a university's page what is its own."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client

from curricula.models import Period, Programme
from institutions.models import Generation, Institution
from reports import live, snapshots
from reports.assessing import parameters
from tests.factories import make_institution, make_member, make_period, make_programme, make_version
from tests.load.crowd import fields_of
from tests.load.growing import OF_INSTITUTIONS, OF_LINES, grow
from tests.rules import make_exemption, make_requirement

pytestmark = pytest.mark.django_db

COUNTRY = 25_000
# Tables that grow with the country or with the years. (Rules and periods do not: there are a few.)
BIG = {model._meta.db_table for model in (*OF_INSTITUTIONS, *OF_LINES)} | {"reports_livecoverage"}
ROWS, BLOCKS = 20, 60
DRAFTED = "7M06101"


@pytest.fixture(scope="module")
def grown(django_db_setup: None, django_db_blocker: Any) -> Iterator[Institution]:
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:  # dead rows that tests before have left are pages to read, too
            cursor.execute(f"VACUUM {', '.join(BIG)}")
        yield from make_country()


def make_country() -> Iterator[Institution]:
    with transaction.atomic():
        period, institution = make_period(), make_institution()
        make_requirement()
        make_version(make_programme(institution), period=period, state="approved")
        make_version(make_programme(institution), period=period, state="submitted")
        make_version(make_programme(institution, code=DRAFTED), period=period)
        live.refresh()
        grow(COUNTRY, with_lines=True)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(BIG)}")
        yield institution
        transaction.set_rollback(True)


@pytest.fixture
def country(grown: Institution, db: None) -> Institution:
    """One university of the country, the only one in which anything changed since all was computed."""
    assert Generation.objects.count() == COUNTRY
    make_exemption(Programme.objects.filter(institution=grown).earliest("pk"))
    return grown


def executed(sql: str, given: Any = None) -> Iterator[dict[str, Any]]:
    """Every step of the plan as it was carried out."""
    return planned(sql, given, "ANALYZE, BUFFERS, FORMAT JSON")


def planned(sql: str, given: Any = None, how: str = "FORMAT JSON") -> Iterator[dict[str, Any]]:
    connection.ensure_connection()
    with psycopg.ClientCursor(connection.connection) as cursor:
        cursor.execute(f"EXPLAIN ({how}) {sql}".encode(), given)
        (found,) = cursor.fetchone() or ("",)
    (top,) = json.loads(found) if isinstance(found, str) else found
    return steps(top["Plan"])


def steps(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield step
    for part in step.get("Plans", []):
        yield from steps(part)


def too_much(sql: str, given: Any = None, *, most_blocks: int = BLOCKS) -> list[str]:
    """Steps that go through more rows or pages of a big table than what changed."""
    found = []
    for step in executed(sql, given):
        rows = step["Actual Loops"] * sum(
            step.get(name, 0)
            for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        )
        blocks = step["Shared Hit Blocks"] + step["Shared Read Blocks"]
        table = step.get("Relation Name")
        if table in BIG and "Scan" in step["Node Type"] and (rows > ROWS or blocks > most_blocks):
            found.append(f"{step['Node Type']} of {table}: {rows:.0f} rows, {blocks} pages")
    return found


def is_true(institution: Institution) -> bool:
    return live.stale_since(institution.pk) is None


def test_the_update_of_a_programme_reads_what_it_stands_on(country: Institution) -> None:
    assert too_much(live.REFRESH_FEW) == []
    assert is_true(country)


def test_the_update_of_a_university_reads_what_is_its_own(country: Institution) -> None:
    Institution.objects.filter(pk=country.pk).update(kind="private")
    claim = live.CLAIM.format(which="generation <> computed", waiting="SKIP LOCKED")
    assert too_much(claim) == []
    generation = Generation.objects.get(pk=country.pk).generation
    given = parameters(
        period=Period.objects.get(), as_at=live.database_clock(), institutions=[country.pk]
    ) | {"generations": [generation]}
    assert too_much(live.REFRESH_WHOLE, given) == []
    assert is_true(country)


class Watched:
    """Explains every statement before it is carried out, and takes back what that did."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.statements = 0

    def __call__(self, execute: Any, sql: str, given: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")) and "advisory" not in sql:
            self.statements += 1
            undo = transaction.savepoint()
            # Pages of a step are also those of its subqueries; whole tables have thousands.
            self.found += [f"{one}: {sql}" for one in too_much(sql, given, most_blocks=5 * BLOCKS)]
            transaction.savepoint_rollback(undo)
        return execute(sql, given, many, context)


def test_who_opens_and_saves_a_curriculum_reads_their_own(country: Institution, client: Client) -> None:
    client.force_login(make_member(country, "editor"))
    base = f"/en/workspace/{country.code}/"
    address = f"{base}{Period.objects.get().code}/programmes/{DRAFTED}/edit/"
    watched = Watched()
    with connection.execute_wrapper(watched):
        page = client.get(address)
        typed = fields_of(page.content.decode(), 'id="curriculum"', "<template")
        typed |= {"lines-0-credits": "7", "students": "77", "mark": "m"}
        assert client.post(f"{address}keep/", typed).json()["state"] == "saved"
        assert client.get(base).status_code == 200
    assert watched.statements > 30
    assert watched.found == []


def asked_anew(sql: str, given: Any = None) -> list[str]:
    """Subqueries of a plan. One whose rows don't fit into memory is gone through again for each row that asks."""
    return [one["Subplan Name"] for one in planned(sql, given) if one.get("Parent Relationship") == "SubPlan"]


def test_a_snapshot_asks_nothing_anew_for_each_programme(country: Institution) -> None:
    given = parameters(period=Period.objects.get(), as_at=live.database_clock()) | {"snapshot": 1}
    assert asked_anew(snapshots.TAKE, given) == []
    assert asked_anew(snapshots.REBUILD, given) == []
    teaching = "SELECT version_id FROM curricula_aisum"  # the negative control: what it once asked
    assert asked_anew(
        f"SELECT count(*) FILTER (WHERE id IN ({teaching})) FROM curricula_curriculumversion"
    ) == ["SubPlan 1"]


def test_a_plan_that_reads_a_table_is_found_out(country: Institution) -> None:
    """The negative control, by a sequential scan and by an index that leads through all of the country."""
    whole = "SELECT count(*) FROM reports_liveassessment WHERE outcome = 'exempt'"
    assert too_much(whole) == [
        f"Seq Scan of reports_liveassessment: {3 * COUNTRY} rows, {pages(whole)} pages"
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    assert (
        len(too_much("SELECT count(*) FROM reports_liveassessment WHERE institution_id > 0 AND kind = 'x'"))
        == 1
    )


def pages(sql: str) -> int:
    return max(step["Shared Hit Blocks"] + step["Shared Read Blocks"] for step in executed(sql))

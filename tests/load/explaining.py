"""What people wait for, with the plan of every statement; see `growth`, which asks for it in each of its countries."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, models, transaction
from django.test import Client
from django.utils import timezone

from curricula import reviewing, risk
from curricula.models import CurriculumVersion, Period, Submission
from curricula.worklist import worklist
from institutions.models import Institution, User
from reports import daily, live, releasing, snapshots, tasks
from reports.models import Release, Snapshot
from tests.load.bench import print_each
from tests.load.crowd import fields_of
from tests.load.growing import OF_INSTITUTIONS, OF_LINES

EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
OF_THE_SESSION = re.compile("pg_(?:try_)?advisory_(?:un)?lock")  # would be taken twice, and held
# Every page is made, none is answered from a copy.
settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != "reports.copies.CopiesMiddleware"]
A_TENTH, LARGE = 0.1, 10_000  # rows


def settle() -> None:
    """Live figures and statistics as they are in a country that has been at work."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        live.rebuild()
        release()
        cursor.execute("VACUUM ANALYZE")


def measure() -> None:
    print_each(results())


def release() -> None:
    """What the public reads, made of this country, but neither verified nor with files: `make bench` has that."""
    began = time.perf_counter()
    taken = snapshots.take(snapshots.request(period=Period.objects.current()).pk)
    print_each(
        [{"name": "snapshot", "programmes": taken.programmes, "s": round(time.perf_counter() - began, 1)}]
    )
    Snapshot.objects.filter(pk=taken.pk).update(state=Snapshot.State.VERIFIED, verified_at=timezone.now())
    lead, deputy = User.objects.filter(groups__name="lead").order_by("pk")[:2]
    made = releasing.release(snapshot=Snapshot.objects.get(pk=taken.pk), by=lead, confirmed_by=deputy)
    now = timezone.now()
    Release.objects.filter(pk=made.pk).update(files_ready_at=now, bundled_at=now)


def results() -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()), (SELECT count(*) FROM curricula_curriculumversion)"
        )
        size, versions = cursor.fetchone()
    about = {
        "institutions": Institution.objects.count(),
        "curricula": versions,
        "gib": round(size / 2**30, 1),
    }
    for name, prepare in Steps().all().items():
        plans = Plans()
        with transaction.atomic():
            do = prepare()
            with connection.execute_wrapper(plans):
                do()
            transaction.set_rollback(True)
        with transaction.atomic():
            do = prepare()
            before, began = blocks(), time.perf_counter()
            do()
            seconds, touched = time.perf_counter() - began, blocks() - before
            transaction.set_rollback(True)
        yield {"name": name, **about, "s": round(seconds, 4), "pages": touched, **plans.told()}


def blocks() -> int:
    """Pages that this transaction has touched so far, as the database counts them itself: triggers and all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_stat_get_xact_blocks_fetched(oid)) FROM pg_class WHERE relkind IN ('r', 'i', 't')"
        )
        return int(cursor.fetchone()[0])


class Plans:
    """Explains each statement before it is carried out, and takes back what explaining it did."""

    def __init__(self) -> None:
        self.statements = 0
        self.whole: set[str] = set()
        self.most = (0, "")
        sizes = {model._meta.db_table: rows_of(model) for model in (*OF_INSTITUTIONS, *OF_LINES)}
        self.sizes = {table: rows for table, rows in sizes.items() if rows >= LARGE}

    def __call__(self, execute: Any, sql: str, given: Any, many: bool, context: dict[str, Any]) -> Any:
        self.statements += 1
        if sql.lstrip().upper().startswith(EXPLAINED) and not OF_THE_SESSION.search(sql) and not many:
            self.explain(sql, given)
        return execute(sql, given, many, context)

    def explain(self, sql: str, given: Any) -> None:
        raw = connection.connection
        with psycopg.ClientCursor(raw) as cursor:
            cursor.execute("SAVEPOINT explained")
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}".encode(), given)
            row = cursor.fetchone()
            cursor.execute("ROLLBACK TO SAVEPOINT explained")
        assert row
        (top,) = json.loads(row[0]) if isinstance(row[0], str) else row[0]
        pages = top["Plan"]["Shared Hit Blocks"] + top["Plan"]["Shared Read Blocks"]
        self.most = max(self.most, (pages, " ".join(sql.split())[:200]))
        self.look(top["Plan"])

    def look(self, part: dict[str, Any]) -> None:
        table = part.get("Relation Name", "")
        rows = part["Actual Loops"] * sum(
            part.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter")
        )
        if table in self.sizes and "Scan" in part["Node Type"] and rows > A_TENTH * self.sizes[table]:
            self.whole.add(table)
        for below in part.get("Plans", []):
            self.look(below)

    def told(self) -> dict[str, Any]:
        return {
            "statements": self.statements,
            "whole": sorted(self.whole),
            "most": self.most,
        }


def rows_of(model: type[models.Model]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE relname = %s", [model._meta.db_table])
        return int(cursor.fetchone()[0])


Ready = Callable[[], Callable[[], object]]


class Steps:
    """What people do. Each is made ready first, which is not measured, and gives back what is."""

    def __init__(self) -> None:
        self.lead = User.objects.filter(groups__name="lead").earliest("pk")
        worklist(self.lead)  # as in a process that has shown it before
        worked_on = {"lines__isnull": False, "institution__memberships__role": "editor"}
        draft = CurriculumVersion.objects.drafts().filter(**worked_on).first()
        assert draft
        self.editor = draft.institution.memberships.filter(role="editor").earliest("pk").user
        self.code = draft.institution.code
        self.base = f"/ru/workspace/{self.code}/"
        self.address = f"{self.base}{draft.period.code}/programmes/{draft.programme.code}/edit/"

    def all(self) -> dict[str, Ready]:
        return {
            "approval": self.approval,
            "live_update": self.update,
            "round_of_a_worker": self.round,
            "save_of_a_draft": self.save,
            "curriculum_opened": self.page(self.editor, self.address),
            "work_page_of_a_university": self.page(self.editor, self.base),
            "live_coverage_of_a_university": self.page(self.editor, f"{self.base}coverage/"),
            "first_page_of_the_ministry": self.page(self.lead, "/ru/admin/"),
            "queue_of_the_ministry": self.page(self.lead, "/ru/admin/curricula/submission/"),
            "risk_of_all_that_waits": self.risk,
            "home": self.page(None, "/ru/"),
            "public_page_of_a_university": self.page(None, f"/ru/institutions/{self.code}/"),
            "public_list_of_universities": self.page(None, "/ru/institutions/"),
            "api_list_of_programmes": self.page(None, f"/api/v1/programmes/?institution={self.code}"),
            "api_list_of_universities": self.page(None, "/api/v1/institutions/?page_size=100"),
        }

    def approval(self) -> Callable[[], object]:
        version = CurriculumVersion.objects.filter(state="submitted").first()
        assert version
        return lambda: reviewing.approve(version=version, by=self.lead)

    def update(self) -> Callable[[], object]:
        self.approval()()

        def refresh() -> None:
            with connection.cursor() as cursor:
                cursor.execute(live.REFRESH_FEW)

        return refresh

    def round(self) -> Callable[[], object]:
        """Every minute, mostly with nothing to do."""
        for name in (live.WHOLE, daily.DAYS):
            live.note(name)
        return tasks.sweep

    def risk(self) -> Callable[[], object]:
        """What a process counts for the first queue that it shows."""
        waiting = Submission.objects.awaiting_review().values_list("pk", flat=True)
        risk.kept.clear()
        return lambda: risk.risks(waiting)

    def save(self) -> Callable[[], object]:
        client = signed_in(self.editor)
        typed = fields_of(client.get(self.address).content.decode(), 'id="curriculum"', "<template")
        typed |= {"lines-0-credits": "7", "students": "77", "mark": "m"}

        def send() -> None:
            said = client.post(f"{self.address}keep/", typed).json()
            assert said["state"] == "saved", said

        return send

    @staticmethod
    def page(user: User | None, path: str) -> Ready:
        def prepared() -> Callable[[], object]:
            client = signed_in(user)

            def get() -> None:
                answer = client.get(path)
                assert answer.status_code == 200, (path, answer.status_code)

            return get

        return prepared


def signed_in(user: User | None) -> Client:
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    if user:
        client.force_login(user)
    return client

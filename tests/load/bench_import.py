"""Benchmark `import`: a whole institution's spreadsheet, against COPY of the same rows and against saving one by one.

Ours reads the XLSX file, checks every row and saves the drafts. The floor is COPY of the finished rows into the same
table, with the same triggers and keys, and its commit. The peer reads by openpyxl and saves row by row through the
ORM with full_clean, as most projects do. All three in turns, on the database that the settings name.
"""

import io
import itertools
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import xlsxwriter
from django.db import connection, transaction
from django.utils import timezone

from curricula.importing import import_file
from curricula.models import CurriculumVersion, Discipline, Field, Line, Period, Programme
from curricula.spreadsheets.vocabulary import REQUIRED
from institutions.models import Institution, Region

DISCIPLINES = 800
DIRECTIONS = ("061", "062", "063", "041", "042", "011", "012", "071", "072", "073", "101")
COLUMNS = (
    "institution_id, version_id, position, discipline_id, credits, cycle, component, semester, ai_category, "
    "evidence_url"
)
CYCLES, COMPONENTS = ("general", "basic", "major"), ("mandatory", "university", "elective")
CATEGORIES = ("none", "none", "none", "none", "foundations", "applied", "core", "ethics")


class Scene:
    """One institution with programmes, its file, and ways to save it; `clear` takes the drafts away again."""

    def __init__(self, programmes: int, lines: int) -> None:
        stamp = timezone.now().strftime("%H%M%S%f")
        year = date.today().year  # noqa: DTZ011 - any year will do
        region, _made = Region.objects.get_or_create(
            code="KZ-BENCH", defaults={"kind": "region", **_names("Bench")}
        )
        self.institution = Institution.objects.create(
            code=f"bench-{stamp}", kind="state", region=region, **_names("Bench")
        )
        self.period, _made = Period.objects.get_or_create(
            code=str(year),
            defaults={
                "starts_on": date(year, 1, 1), "ends_on": date(year, 12, 31), "opens_on": date(year, 1, 1),
                "due_on": date(year, 12, 1), "closes_on": date(year, 12, 31),
            },
        )  # fmt: skip
        self.programmes = {code: self._programme(code) for code in _codes(programmes)}
        self.lines = lines
        self.content = workbook(self.rows())

    def _programme(self, code: str) -> Programme:
        field, _made = Field.objects.get_or_create(
            code=code[2:4], defaults={"kind": "field", **_names(code[2:4])}
        )
        direction, _made = Field.objects.get_or_create(
            code=code[2:5], defaults={"kind": "direction", "parent": field, **_names(code[2:5])}
        )
        return Programme.objects.create(
            institution=self.institution, code=code, level=code[:2], direction=direction,
            title_en=code, active_from=date.today() - timedelta(days=400),  # noqa: DTZ011
        )  # fmt: skip

    def rows(self) -> list[list[Any]]:
        rows = []
        for number, code in enumerate(self.programmes):
            for position in range(self.lines):
                taught = (number * 7 + position) % DISCIPLINES
                rows.append([
                    code, f"D{taught:04}", f"Пән атауы {taught}", (3, 4, 5, 5.5)[taught % 4], CYCLES[taught % 3],
                    COMPONENTS[position % 3], position % 8 + 1, CATEGORIES[taught % 8],
                    f"https://university.kz/syllabus/{taught}",
                ])  # fmt: skip
        return rows

    def clear(self, *, disciplines: bool = True) -> None:
        CurriculumVersion.objects.filter(institution=self.institution).delete()
        if disciplines:
            Discipline.objects.filter(institution=self.institution).delete()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE curricula_line")

    def remove(self) -> None:
        """Leave nothing behind: whoever measures afterwards counts the institutions. The guards forbid it to all but
        the owner of the tables, who may pass them over."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                "SELECT table_name FROM information_schema.columns "
                "WHERE table_schema = current_schema() AND column_name = 'institution_id'"
            )
            for (table,) in cursor.fetchall():
                cursor.execute(f'DELETE FROM "{table}" WHERE institution_id = %s', [self.institution.pk])
            cursor.execute("DELETE FROM institutions_institution WHERE id = %s", [self.institution.pk])
            cursor.execute(
                "DELETE FROM institutions_region AS r WHERE code = 'KZ-BENCH' "
                "AND NOT EXISTS (SELECT FROM institutions_institution WHERE region_id = r.id)"
            )

    def ours(self) -> float:
        self.clear()
        started = time.perf_counter()
        outcome = import_file(
            institution=self.institution,
            period=self.period,
            content=self.content,
            file_name="lines.xlsx",
            by=None,
        )
        taken = time.perf_counter() - started
        assert outcome.saved, outcome.faults[:3]
        return taken

    def floor(self) -> float:
        """COPY of rows that are ready, after `ours` has made the drafts and the disciplines."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {COLUMNS} FROM curricula_line WHERE institution_id = %s", [self.institution.pk]
            )
            data = "".join("\t".join(map(str, row)) + "\n" for row in cursor.fetchall())
            cursor.execute("DELETE FROM curricula_line WHERE institution_id = %s", [self.institution.pk])
            cursor.execute("VACUUM ANALYZE curricula_line")
            started = time.perf_counter()
            with transaction.atomic(), cursor.copy(f"COPY curricula_line ({COLUMNS}) FROM STDIN") as copy:
                copy.write(data)
            return time.perf_counter() - started

    def peer(self) -> float:
        self.clear()
        started = time.perf_counter()
        sheet = openpyxl.load_workbook(io.BytesIO(self.content), data_only=True).active
        with transaction.atomic():
            positions: dict[str, itertools.count[int]] = {}
            for row in itertools.islice(sheet.iter_rows(values_only=True), 1, None):
                self._save_row(row, positions)
        return time.perf_counter() - started

    def _save_row(self, row: tuple[Any, ...], positions: dict[str, "itertools.count[int]"]) -> None:
        programme = Programme.objects.get(institution=self.institution, code=row[0])
        version, _made = CurriculumVersion.objects.get_or_create(
            institution=self.institution, programme=programme, period=self.period, defaults={"number": 1}
        )
        discipline, _made = Discipline.objects.get_or_create(
            institution=self.institution, code=row[1], defaults={"title_kk": row[2]}
        )
        line = Line(
            institution=self.institution, version=version, discipline=discipline, credits=Decimal(str(row[3])),
            cycle=row[4], component=row[5], semester=row[6], ai_category=row[7], evidence_url=row[8],
            position=next(positions.setdefault(row[0], itertools.count(1))),
        )  # fmt: skip
        line.full_clean()
        line.save()


def workbook(rows: list[list[Any]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("Lines")
        sheet.write_row(0, 0, REQUIRED)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
    return target.getvalue()


def _names(name: str) -> dict[str, str]:
    return {f"name_{language}": name for language in ("kk", "ru", "en")}


def _codes(programmes: int) -> list[str]:
    codes = (f"6B{direction}{number:02}" for direction in DIRECTIONS for number in range(1, 100))
    return list(itertools.islice(codes, programmes))


def measure(programmes: int, lines: int, *, rounds: int, peer: bool) -> dict[str, Any]:
    """Medians over the rounds, in seconds. The peer is measured once: it takes long and varies little."""
    scene = Scene(programmes, lines)
    try:
        return _measured(scene, rounds=rounds, peer=peer)
    finally:
        scene.remove()


def _measured(scene: Scene, *, rounds: int, peer: bool) -> dict[str, Any]:
    times: dict[str, list[float]] = {"ours": [], "floor": [], "peer": []}
    ways: list[tuple[str, Callable[[], float]]] = [("ours", scene.ours), ("floor", scene.floor)]
    for _round in range(rounds):
        for name, way in ways:
            times[name].append(way())
    if peer:
        times["peer"].append(scene.peer())
    ours, floor = statistics.median(times["ours"]), statistics.median(times["floor"])
    result: dict[str, Any] = {
        "rows": len(scene.programmes) * scene.lines, "ours_s": round(ours, 4), "floor_s": round(floor, 4),
        "ratio": round(ours / floor, 2),
    }  # fmt: skip
    if peer:
        result["peer_s"] = round(times["peer"][0], 3)
    return result


def run() -> dict[str, Any]:
    """One institution of 100 programmes of 40 lines; ten times that beside it."""
    result = measure(100, 40, rounds=7, peer=True)
    tenfold = measure(1000, 40, rounds=3, peer=False)
    return {"name": "import", **result, "tenfold": tenfold}

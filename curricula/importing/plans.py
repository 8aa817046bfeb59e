"""What a file means for an institution: which curricula it adds, changes or leaves as they are.

Everything is read in a handful of queries, however many rows the file has, and nothing is written here.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from curricula.models import CurriculumVersion, Discipline, Period, Programme
from curricula.spreadsheets.columns import plain
from curricula.spreadsheets.faults import Fault
from curricula.spreadsheets.rows import LineRow, Reading
from curricula.spreadsheets.vocabulary import language_of_heading
from institutions.models import Institution

GUESSES = 100
TEXTS = ("title_kk", "title_ru", "title_en", "description")
_KAZAKH_LETTERS = frozenset("әғқңөұүһіӘҒҚҢӨҰҮҺІ")


class LineContent(NamedTuple):
    """What counts of a line: two curricula with the same contents in the same order are the same."""

    discipline_code: str
    credits: Decimal
    cycle: str
    component: str
    semester: int
    ai_category: str
    evidence_url: str


@dataclass(slots=True)
class Target:
    """One programme of the file, and the draft that its lines go to; `version_id` is None until that is made.

    `base_*` is what the lines were compared with: the draft, else what awaits review or was approved last.
    """

    programme_id: int
    programme_code: str
    lines: list[LineContent]
    version_id: int | None = None
    number: int = 1
    students: int | None = None
    base_version: int | None = None
    base_edit_number: int | None = None
    base_lines: list[LineContent] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """What saving a file would do."""

    added: list[Target] = field(default_factory=list)
    changed: list[Target] = field(default_factory=list)
    unchanged: list[Target] = field(default_factory=list)
    disciplines: dict[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # code -> TEXTS, new or different ones only
    disciplines_before: dict[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # of those that are known already
    faults: list[Fault] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        return not (self.added or self.changed or self.disciplines)

    def fingerprint(self) -> str:
        """Two plans of one file with the same fingerprint do the same to the same drafts."""
        said = [
            [
                [t.programme_code, t.base_version, t.base_edit_number, len(t.lines), t.students]
                for t in sorted_by_code(kind)
            ]
            for kind in (self.added, self.changed, self.unchanged)
        ]
        texts = [sorted(self.disciplines.items()), sorted(self.disciplines_before.items())]
        return hashlib.sha256(json.dumps([said, texts]).encode()).hexdigest()


def sorted_by_code(targets: Iterable[Target]) -> list[Target]:
    return sorted(targets, key=lambda target: target.programme_code)


def make_plan(*, institution: Institution, period: Period, reading: Reading, lock: bool = True) -> Plan:
    """Compare the accepted rows with what the institution has. `lock` keeps its versions as they are to the commit."""
    plan = Plan()
    by_code: dict[str, list[LineRow]] = defaultdict(list)
    for row in reading.rows:
        by_code[row.programme_code].append(row)
    named: dict[str, list[LineRow]] = defaultdict(list)
    for row in (*reading.rows, *reading.partial):
        named[row.programme_code].append(row)
    for code, document in reading.documents.items():  # one without lines leaves none
        if code not in named:
            by_code[code], named[code] = [], [document.row]
    found = _known_programmes(institution, period, named, reading, plan)
    programmes = {code: pk for code, pk in found.items() if code in by_code}
    versions = versions_of(institution, period, programmes.values(), lock=lock)
    contents = _contents(_compared(versions))
    for code, programme_id in programmes.items():
        _plan_programme(
            plan, reading, code, programme_id, by_code[code], versions.get(programme_id, []), contents
        )
    _plan_disciplines(plan, institution, reading)
    return plan


def _known_programmes(
    institution: Institution,
    period: Period,
    by_code: Mapping[str, list[LineRow]],
    reading: Reading,
    plan: Plan,
) -> dict[str, int]:
    """The programmes of the file that the institution teaches in the period; the others become faults."""
    registry = Programme.objects.filter(institution=institution)
    known = dict(registry.values_list("code", "pk"))
    active = set(registry.active_in(period).values_list("code", flat=True))
    unknown = 0
    for code, rows in by_code.items():
        if code in active:
            continue
        unknown += 1  # a file of another institution has thousands: looking for each would take minutes
        nearest = difflib.get_close_matches(code, active, n=3, cutoff=0.7) if unknown <= GUESSES else []
        for row in rows:
            if code in known:
                fault = reading.fault_at(row, "programme_code", "programme_inactive", period=period.name)
            elif nearest:
                fault = reading.fault_at(
                    row, "programme_code", "programme_nearest", nearest=", ".join(nearest)
                )
            else:
                fault = reading.fault_at(row, "programme_code", "programme_unknown")
            plan.faults.append(fault)
    return {code: known[code] for code in by_code if code in active}


_Version = dict[str, object]


def versions_of(
    institution: Institution | int, period: Period | int, programme_ids: Iterable[int], *, lock: bool
) -> dict[int, list[_Version]]:
    """The versions of each programme in the period, newest first; locked against a form or a signature meanwhile."""
    found = CurriculumVersion.objects.select_for_update(no_key=True) if lock else CurriculumVersion.objects
    rows = (
        found.filter(institution=institution, period=period, programme_id__in=list(programme_ids))
        .order_by("pk")
        .values("pk", "programme_id", "number", "state", "students", "edit_number")
    )
    versions: dict[int, list[_Version]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: -row["number"]):
        versions[row["programme_id"]].append(row)
    return versions


def current_of(versions: Sequence[_Version]) -> _Version | None:
    """What the file is compared with: the draft, else what awaits review or was approved last."""
    by_state = {str(version["state"]): version for version in reversed(versions)}
    return by_state.get("draft") or by_state.get("submitted") or by_state.get("approved")


def _compared(versions: Mapping[int, list[_Version]]) -> list[int]:
    return [int(str(current["pk"])) for found in versions.values() if (current := current_of(found))]


def _contents(version_ids: list[int]) -> dict[int, list[LineContent]]:
    """The lines of versions, in their order."""
    contents: dict[int, list[LineContent]] = defaultdict(list)
    if not version_ids:
        return contents
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT l.version_id, d.code, l.credits, l.cycle, l.component, l.semester, l.ai_category, l.evidence_url
            FROM curricula_line l JOIN curricula_discipline d ON d.id = l.discipline_id
            WHERE l.version_id = ANY(%s) ORDER BY l.version_id, l.position, l.id
            """,
            [version_ids],
        )
        for version_id, *content in cursor.fetchall():
            contents[version_id].append(LineContent._make(content))
    return contents


def _plan_programme(
    plan: Plan,
    reading: Reading,
    code: str,
    programme_id: int,
    rows: list[LineRow],
    versions: list[_Version],
    contents: Mapping[int, list[LineContent]],
) -> None:
    lines = [
        LineContent(
            r.discipline_code, r.credits, r.cycle, r.component, r.semester, r.ai_category, r.evidence_url
        )
        for r in rows
    ]
    target = Target(programme_id, code, lines)
    said = reading.documents.get(code)
    if said and said.tells_students:
        target.students = said.students
    elif versions:
        target.students = versions[0]["students"]  # type: ignore[assignment]
    if current := current_of(versions):
        target.base_version = int(str(current["pk"]))
        target.base_edit_number = int(str(current["edit_number"]))
        target.base_lines = contents.get(target.base_version, [])
    same_students = not (said and said.tells_students) or (current and current["students"] == said.students)
    if current and target.base_lines == lines and same_students:
        plan.unchanged.append(target)
    elif any(version["state"] == "submitted" for version in versions):
        blamed = rows or [reading.documents[code].row]
        plan.faults.extend(reading.fault_at(row, "programme_code", "awaiting_review") for row in blamed)
    elif current and current["state"] == "draft":
        target.version_id = target.base_version
        plan.changed.append(target)
    else:
        if versions:
            target.number = int(str(versions[0]["number"])) + 1
        plan.added.append(target)


def language_of(title: str, *, headings: str = "") -> str:
    """The language that a title is most likely in: by its letters, and if they are also Russian by the headings."""
    if _KAZAKH_LETTERS & set(title):
        return "kk"
    if not any("а" <= letter <= "я" for letter in title.lower()):
        return "en"
    return "kk" if headings == "kk" else "ru"


def _plan_disciplines(plan: Plan, institution: Institution, reading: Reading) -> None:
    """The texts of the disciplines that are new or that the file words otherwise. An empty cell erases nothing."""
    headings = language_of_heading(reading.layout.place("discipline_title")[1]) if reading.layout else ""
    said: dict[str, dict[str, str]] = {}
    titles: dict[str, str] = {}
    for row in reading.rows:
        texts = said.setdefault(row.discipline_code, {})
        if row.discipline_title:
            titles.setdefault(row.discipline_code, row.discipline_title)
        for name in TEXTS:
            if text := getattr(row, name):
                texts[name] = text
    stored = {
        code: tuple(texts)
        for code, *texts in Discipline.objects.filter(
            institution=institution, code__in=list(said)
        ).values_list("code", *TEXTS)
    }
    for code, texts in said.items():
        before = stored.get(code, ("",) * len(TEXTS))
        title = titles.get(code, "")
        if title not in {
            *texts.values(),
            *map(plain, before),
        }:  # else it says again what is known in some language
            texts.setdefault(f"title_{language_of(title, headings=headings)}", title)
        after = tuple(map(_reworded, before, map(texts.get, TEXTS)))
        if code not in stored or after != before:
            plan.disciplines[code] = after
            if code in stored:
                plan.disciplines_before[code] = before
    plan.faults += [
        reading.fault_at(row, "discipline_title", "title_needed", discipline=row.discipline_code)
        for row in reading.rows
        if row.discipline_code in plan.disciplines and not any(plan.disciplines[row.discipline_code][:3])
    ]


def _reworded(before: str, said: str | None) -> str:
    """What a text is after the import. One that differs only in what a cell can't hold stays as it was."""
    if not said or said == before or said in {plain(before), plain(before, lines=True)}:
        return before
    return said

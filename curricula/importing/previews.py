"""What a file would do, kept to be looked at: written once with the plan, read programme by programme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from curricula.differences import Differences, compare
from curricula.importing.plans import TEXTS, LineContent, Plan, Target, current_of, versions_of
from curricula.models import Discipline, Import, ImportChange, Line, Programme

CHANGES_AT_ONCE = 500
KINDS = ("added", "changed", "unchanged")


def store_preview(imported: Import, plan: Plan) -> dict[str, Any]:
    """Keep what the plan does, programme by programme. Returns the columns of the import that sum it up."""
    ImportChange.objects.filter(imported=imported).delete()
    rows = [_change(imported, kind, target) for kind in KINDS for target in getattr(plan, kind)]
    ImportChange.objects.bulk_create(rows, batch_size=CHANGES_AT_ONCE)
    return {
        "programmes_added": len(plan.added),
        "programmes_changed": len(plan.changed),
        "programmes_unchanged": len(plan.unchanged),
        "lines_added": sum(row.added for row in rows),
        "lines_changed": sum(row.changed for row in rows),
        "lines_removed": sum(row.removed for row in rows),
        "disciplines_added": len(plan.disciplines) - len(plan.disciplines_before),
        "disciplines_changed": len(plan.disciplines_before),
        "discipline_texts": {
            code: [plan.disciplines_before.get(code), texts] for code, texts in plan.disciplines.items()
        },
    }


def _change(imported: Import, kind: str, target: Target) -> ImportChange:
    moved = line_changes(target)
    return ImportChange(
        institution_id=imported.institution_id,
        imported=imported,
        programme_id=target.programme_id,
        kind=kind,
        base_version=target.base_version,
        base_edit_number=target.base_edit_number,
        lines_before=[_as_json(line) for line in moved.gone],
        lines_after=[_as_json(line) for line in moved.come],
        added=moved.added,
        changed=moved.changed,
        removed=moved.removed,
        same=len(target.lines) - len(moved.come),
    )


class LineChanges(NamedTuple):
    """The lines of a target that differ, and how many are new, say something else, or are dropped."""

    gone: list[LineContent]
    come: list[LineContent]
    added: int
    changed: int
    removed: int


def line_changes(target: Target) -> LineChanges:
    before, after = target.base_lines, target.lines
    kept = set(before) & set(after)
    gone = [line for line in before if line not in kept]
    come = [line for line in after if line not in kept]
    old, new = (Counter(line.discipline_code for line in lines) for lines in (gone, come))
    changed = (old & new).total()
    return LineChanges(gone, come, new.total() - changed, changed, old.total() - changed)


def _as_json(line: LineContent) -> list[Any]:
    return [line.discipline_code, str(line.credits), *line[2:]]


def is_outdated(imported: Import) -> bool:
    """Whether somebody has changed, begun, handed in or discarded one of the drafts since the file was compared."""
    compared = list(imported.changes.values_list("programme_id", "kind", "base_version", "base_edit_number"))
    now = versions_of(
        imported.institution_id, imported.period_id, [programme for programme, *_base in compared], lock=False
    )
    for programme, kind, version, edit_number in compared:
        current = current_of(now.get(programme, []))
        there = (current["pk"], current["edit_number"]) if current else (None, None)
        if there != (version, edit_number):
            return True
        if kind == ImportChange.Kind.CHANGED and current and current["state"] != "draft":
            return True
    return False


def with_differences(imported: Import, changes: Sequence[ImportChange]) -> None:
    """Give each change its `differences`, the lines before and after by discipline, for all of them in one query."""
    codes = {line[0] for change in changes for line in (*change.lines_before, *change.lines_after)}
    disciplines = _disciplines(imported, codes)
    for change in changes:
        change.differences = differences_of(change, disciplines)  # type: ignore[attr-defined]


def differences_of(change: ImportChange, disciplines: dict[str, Discipline]) -> Differences:
    before, after = (
        [_line(stored, disciplines) for stored in lines]
        for lines in (change.lines_before, change.lines_after)
    )
    return compare(before, after)


def _disciplines(imported: Import, codes: Iterable[str]) -> dict[str, Discipline]:
    """Disciplines to show: as the institution has them, with the texts of the file where that words them anew."""
    wanted = set(codes)
    stored = Discipline.objects.filter(institution=imported.institution_id, code__in=wanted).values(
        "code", *TEXTS
    )
    texts = {row["code"]: {name: row[name] for name in TEXTS} for row in stored}
    for code in wanted:
        if said := imported.discipline_texts.get(code):
            texts[code] = dict(zip(TEXTS, said[1], strict=True))
    # The keys are only to tell one from another: a new discipline has none yet.
    return {
        code: Discipline(pk=number, code=code, **texts.get(code, {}))
        for number, code in enumerate(sorted(wanted), start=1)
    }


def _line(stored: list[Any], disciplines: dict[str, Discipline]) -> Line:
    code, ects, cycle, component, semester, ai_category, evidence_url = stored
    return Line(
        discipline=disciplines[code],
        credits=Decimal(ects),
        cycle=cycle,
        component=component,
        semester=semester,
        ai_category=ai_category,
        evidence_url=evidence_url,
    )


def untouched(imported: Import) -> list[str]:
    """The codes of the programmes taught in the period that the file does not name: they stay as they are."""
    taught = Programme.objects.filter(institution=imported.institution_id).active_in(imported.period)
    named = imported.changes.values("programme_id")
    return list(taught.exclude(pk__in=named).order_by("code").values_list("code", flat=True))


def retitled(imported: Import) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Disciplines that the file words otherwise: (code, [(name of the text, before, after)])."""
    found = []
    for code, (before, after) in imported.discipline_texts.items():
        if before is not None:
            texts = zip(TEXTS, before, after, strict=True)
            found.append((code, [(name, was, now) for name, was, now in texts if was != now]))
    return found

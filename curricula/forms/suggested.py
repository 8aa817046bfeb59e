"""What is suggested beside the rows of a curriculum: only where the row says otherwise."""

from collections.abc import Iterable, Sequence

from curricula.forms.lines import LineForm
from curricula.importing.plans import language_of
from curricula.models import AICategory, Discipline
from curricula.suggesting import fill


def suggest_beside(rows: Sequence[LineForm], disciplines: Iterable[Discipline]) -> None:
    """Give each row that has another category than its discipline's suggestion that discipline to show.

    For a code that the institution does not have yet, the title decides that is typed beside it.
    """
    known = {discipline.code: discipline for discipline in disciplines}
    for row in rows:
        if not row.counts:
            continue
        discipline = known.get(row.row["code"]) or _typed(row.row["title"])
        if discipline and differs(discipline, row.row["ai_category"]):
            row.suggestion = discipline


def differs(discipline: Discipline, chosen: str) -> bool:
    """Whether there is a suggestion, and it is another one."""
    return discipline.suggested_category not in ("", chosen or AICategory.NONE)


def _typed(title: str) -> Discipline | None:
    if not title:
        return None
    discipline = Discipline(**{f"title_{language_of(title)}": title[:300]})
    fill([discipline])
    return discipline

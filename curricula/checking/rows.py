"""What is wrong or odd in one line, stored or just typed: the same rules, without the database."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from curricula.checking.catalogue import CREDITS_FACTS, Finding
from curricula.differences import shown_number
from curricula.models import AICategory, Discipline
from curricula.spreadsheets.columns import CREDITS_LEAST, CREDITS_LIMIT
from curricula.suggesting import suggest

# The AI categories that need evidence.
NEED_EVIDENCE = frozenset(AICategory.values) - {AICategory.NONE}


def codes_of(*, ai_category: str, evidence: bool, suggested: str, ects: Decimal | None = None) -> list[str]:
    """The rules that a line breaks. `suggested` is what the taxonomy says of its discipline, "" if nothing yet."""
    found = []
    if ects is not None and not CREDITS_LEAST <= ects <= CREDITS_LIMIT:
        found.append("credits_range")
    if ai_category in NEED_EVIDENCE and not evidence:
        found.append("no_evidence")
    if ai_category == AICategory.NONE and suggested not in ("", AICategory.NONE):
        found.append("unmarked")
    if ai_category != AICategory.NONE and suggested == AICategory.NONE:
        found.append("unnamed")
    return found


def facts_of(code: str, title: str, ects: Decimal | None = None) -> dict[str, object]:
    """What the sentence of a rule needs to know of a line."""
    facts: dict[str, object] = {"discipline": title}
    if code == "credits_range":
        facts |= {"credits": shown_number(ects), **CREDITS_FACTS}
    return facts


def typed_findings(
    rows: Iterable[Mapping[str, str]], disciplines: Mapping[str, Discipline]
) -> list[list[Finding]]:
    """What is to be said of each row of the form; `rows` by the form's names. Of rows that are not finished, nothing.

    Credits, codes and repetition are errors of the cells, found when the form is sent.
    """
    said: dict[str, str] = {}
    return [_typed(row, disciplines, said) for row in rows]


def _typed(
    row: Mapping[str, str], disciplines: Mapping[str, Discipline], said: dict[str, str]
) -> list[Finding]:
    code, category = row.get("code", "").strip(), row.get("ai_category", "")
    if not code or category not in AICategory.values:
        return []
    known = disciplines.get(code)
    if known:
        title, suggested = known.title, known.suggested_category
        evidence = bool(row.get("evidence_url") or known.evidence_url or known.evidence_file_id)
    else:
        title = row.get("title", "").strip() or said.get(code, "")
        said.setdefault(code, title)
        suggested = suggest([title]).category if title else ""
        evidence = bool(row.get("evidence_url"))
    codes = codes_of(ai_category=category, evidence=evidence, suggested=suggested)
    return [
        Finding(found, facts_of(found, title or code), discipline=known.pk if known else None)
        for found in codes
    ]

"""Suggesting: what AI there is in a discipline, by the words of its titles and description.

`suggest` is a plain function of words. What it says is kept beside the institution's own choice, never instead of it:
a person decides. Terms, areas and the rules in words: curricula/taxonomy/README.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pgtrigger
from django.db import connection, transaction
from django.db.models import QuerySet
from psycopg.types.json import Jsonb

from curricula.models import AICategory, ContentArea, Discipline
from curricula.taxonomy import BROAD, SPECIALISED, Entry, taxonomy
from curricula.taxonomy.matching import Match, Text, read

MOST_TERMS = 12
LONGEST_TERM = 100
MANY_METHODS = 2  # so many in a description make AI the subject, not a part of it
TOGETHER = 2_000

TEXTS = ("title_kk", "title_ru", "title_en", "description")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category, content areas, and the words as they stand in the text by which they were found."""

    category: str = "none"
    areas: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def is_ai(self) -> bool:
        return self.category != "none"

    def as_columns(self) -> dict[str, Any]:
        return {
            "suggested_category": self.category,
            "suggested_areas": list(self.areas),
            "suggested_terms": list(self.terms),
            "suggested_by": taxonomy().version,
        }


@dataclass(slots=True)
class _Found:
    """What was found in one text: its terms, and the kinds of words around them."""

    text: Text
    terms: list[Match] = field(default_factory=list)
    context: dict[str, list[Match]] = field(default_factory=dict)

    def has(self, kind: str) -> bool:
        return bool(self.context.get(kind))

    def entries(self) -> list[Entry]:
        return [taxonomy().entries[match.entry] for match in self.terms]


def suggest(titles: Iterable[str], description: str = "") -> Suggestion:
    """What the taxonomy says of a discipline: its title in one or more languages, and its description."""
    texts = [read(title) for title in titles if title]
    about = read(description)
    cancelled = {match.entry for text in (*texts, about) for match in taxonomy().unless.find(text)}
    named = [_look(text, cancelled) for text in texts]
    described = _look(about, cancelled, negating=True)
    if not _is_ai(named, described):
        return Suggestion()
    category = str(_category(named, described))
    return Suggestion(category, _areas(category, named, described), _terms([*named, described]))


def _look(text: Text, cancelled: set[int], *, negating: bool = False) -> _Found:
    found = _Found(text)
    for match in taxonomy().words.find(text):
        kind = taxonomy().entries[match.entry].kind
        if match.entry in cancelled:
            continue
        if kind == "term":
            found.terms.append(match)
        else:
            found.context.setdefault(kind, []).append(match)
    if negating and found.has("negation"):
        denied = {text.words[match.first].sentence for match in found.context["negation"]}
        found.terms = [term for term in found.terms if text.words[term.first].sentence not in denied]
    return found


def _is_ai(named: list[_Found], described: _Found) -> bool:
    """A specialised term wherever it stands, a broad one in a title, or two broad ones in the description."""
    if any(found.terms for found in named):
        return True
    entries = described.entries()
    broad = {entry.term for entry in entries if entry.scope == BROAD}
    return len(broad) > 1 or any(entry.scope == SPECIALISED for entry in entries)


def _category(named: list[_Found], described: _Found) -> str:
    """The first that fits, in the order of the labelling guide."""
    hints = {entry.category for found in named for entry in found.entries()}
    if not hints:
        return _category_described(named, described)
    if AICategory.ETHICS in hints or any(_beside_a_term(found, "ethics") for found in named):
        return AICategory.ETHICS
    if AICategory.APPLIED in hints or any(_beside_a_term(found, "field") for found in named):
        return AICategory.APPLIED
    if any(found.has("everyone") for found in named):
        return AICategory.FOUNDATIONS
    if any(_points_somewhere(found) for found in named):
        return AICategory.APPLIED
    if AICategory.CORE in hints or any(found.has("building") for found in named):
        return AICategory.CORE
    return AICategory.FOUNDATIONS


def _category_described(named: list[_Found], described: _Found) -> str:
    """Where no title speaks of AI: a part of something else, unless what is taught are methods of AI."""
    entries = zip(described.terms, described.entries(), strict=True)
    methods = {term.first for term, entry in entries if is_method(entry)}
    in_field = any(found.has("field") for found in named)
    return AICategory.CORE if len(methods) >= MANY_METHODS and not in_field else AICategory.APPLIED


def is_method(entry: Entry) -> bool:
    return entry.scope == SPECIALISED and entry.category == AICategory.CORE


def _beside_a_term(found: _Found, kind: str) -> bool:
    """Whether a title has a term and, in words that are not the term's own, one of that kind."""
    return bool(found.terms) and any(_apart(match, found.terms) for match in found.context.get(kind, ()))


def _points_somewhere(found: _Found) -> bool:
    """Whether a title says where AI is used without naming a field that we know: in, for, a Kazakh locative."""
    ends = {term.last + 1 for term in found.terms}
    pointing = any(match.first in ends for match in found.context.get("preposition", ()))
    return pointing or _beside_a_term(found, "locative")


def _apart(match: Match, terms: list[Match]) -> bool:
    return all(match.last < term.first or term.last < match.first for term in terms)


def _areas(category: str, named: list[_Found], described: _Found) -> tuple[str, ...]:
    """Those of the terms, and of the words around them in the title; in the order of the list of areas."""
    everything = [*named, described]
    areas = {area for found in everything for entry in found.entries() for area in entry.areas}
    around = [match for found in everything for match in found.context.get("area", ())]
    areas |= {area for match in around for area in taxonomy().entries[match.entry].areas}
    if category == AICategory.APPLIED:
        areas.add(ContentArea.APPLIED)
    if category == AICategory.ETHICS:
        areas.add(ContentArea.ETHICS_LAW)
    return tuple(area for area in ContentArea.values if area in areas)


def _terms(everything: list[_Found]) -> tuple[str, ...]:
    """The words of the terms as they stand in the text, each once; terms that overlap are shown as one."""
    terms: dict[str, str] = {}
    for found in everything:
        for first, last in _stretches(found.terms):
            words = found.text.between(first, last)[:LONGEST_TERM]
            terms.setdefault(words.casefold(), words)
    return tuple(terms.values())[:MOST_TERMS]


def _stretches(matches: list[Match]) -> list[tuple[int, int]]:
    stretches: list[tuple[int, int]] = []
    for match in sorted(matches, key=lambda match: match.first):
        if stretches and match.first <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(match.last, stretches[-1][1]))
        else:
            stretches.append((match.first, match.last))
    return stretches


def fill(disciplines: Iterable[Discipline]) -> None:
    """Write suggestions onto rows that are about to be saved; the caller saves them."""
    for discipline in disciplines:
        titles = (discipline.title_kk, discipline.title_ru, discipline.title_en)
        for name, value in suggest(titles, discipline.description).as_columns().items():
            setattr(discipline, name, value)


STORE = """
    UPDATE curricula_discipline AS d SET suggested_category = said.category, suggested_by = %s,
        suggested_areas = ARRAY(SELECT jsonb_array_elements_text(said.areas)),
        suggested_terms = ARRAY(SELECT jsonb_array_elements_text(said.terms))
    FROM unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::jsonb[]) AS said (id, category, areas, terms)
    WHERE d.id = said.id AND d.suggested_by <> %s
"""
HISTORY = "curricula.Discipline:update_update"


def refresh(disciplines: QuerySet[Discipline] | None = None) -> int:
    """Suggest anew where the suggestion is missing or by another version of the taxonomy; how many there were.

    Of these changes the history keeps nothing: nobody made them, and they can be made again.
    """
    chosen = Discipline.objects.all() if disciplines is None else disciplines
    old = chosen.exclude(suggested_by=taxonomy().version).order_by("pk")
    count, last = 0, 0
    while piece := list(old.filter(pk__gt=last).values_list("pk", *TEXTS)[:TOGETHER]):
        last = piece[-1][0]
        count += len(piece)
        with transaction.atomic(), pgtrigger.ignore(HISTORY):
            _store([(pk, suggest(titles, description)) for pk, *titles, description in piece])
    return count


def _store(suggestions: list[tuple[int, Suggestion]]) -> None:
    ids = [pk for pk, _said in suggestions]
    with connection.cursor() as cursor:
        # Whoever saved a discipline meanwhile has stored a newer suggestion, of newer words.
        version, arrays = taxonomy().version, as_arrays([said for _pk, said in suggestions])
        cursor.execute(STORE, [version, ids, *arrays, version])


def as_arrays(suggestions: Sequence[Suggestion]) -> list[list[Any]]:
    """Categories, areas and terms for `unnest`; arrays of arrays must be rectangular, so the lists travel as JSON."""
    return [
        [said.category for said in suggestions],
        [Jsonb(said.areas) for said in suggestions],
        [Jsonb(said.terms) for said in suggestions],
    ]

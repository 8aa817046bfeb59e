"""Suggesting: what AI there is in a discipline, by the words of its titles and description.

`suggest` is a plain function of words. What it says is kept beside the institution's own choice, never instead of it:
a person decides. Terms, areas and the rules in words: curricula/taxonomy/README.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pgtrigger
from django.db import connection, models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from curricula.models import AICategory, Discipline
from curricula.taxonomy import BROAD, SPECIALISED, Entry, taxonomy
from curricula.taxonomy.matching import Match, Text, read

MOST_TERMS = 12
LONGEST_TERM = 100
MANY_METHODS = 3  # in a description so many different ones make AI the subject, not a part of it
MANY_CONCERNS = 2
TOGETHER = 2_000

TEXTS = ("title_kk", "title_ru", "title_en", "description")


class ContentArea(models.TextChoices):
    """What part of AI it is, after the content areas of the JRC's studies."""

    MACHINE_LEARNING = "machine_learning", _("machine learning")
    LANGUAGE = "language", _("language")
    VISION = "vision", _("vision")
    ROBOTICS = "robotics", _("robotics")
    DATA = "data", _("data")
    ETHICS_LAW = "ethics_law", _("ethics and law")
    GENERATIVE = "generative", _("generative AI")
    APPLIED = "applied", _("AI applied in the field")


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
    category = _category(named, described)
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
    in_titles = [entry for found in named for entry in found.entries()]
    if not in_titles:
        return _category_described(described)
    hints = {entry.category for entry in in_titles}
    concerns = {match.entry for match in described.context.get("ethics", ())}
    in_field = any(_in_field(found) for found in named)
    if "ethics" in hints or any(_concerned(found) for found in named):
        return AICategory.ETHICS
    if any(found.has("everyone") for found in named):
        return AICategory.FOUNDATIONS
    if in_field or "applied" in hints:
        return AICategory.APPLIED
    if "core" in hints or any(found.has("building") for found in named):
        return AICategory.CORE
    return AICategory.ETHICS if len(concerns) > MANY_CONCERNS else AICategory.FOUNDATIONS


def _category_described(described: _Found) -> str:
    """Where no title speaks of AI: a part of something else, unless nearly all that is taught are methods of AI."""
    methods = {entry.term for entry in described.entries() if entry.category == AICategory.CORE}
    return AICategory.CORE if len(methods) >= MANY_METHODS else AICategory.APPLIED


def _concerned(found: _Found) -> bool:
    """Whether a title with a term asks about ethics, law, society: in words that are not the term's own."""
    return bool(found.terms) and any(_apart(match, found.terms) for match in found.context.get("ethics", ()))


def _in_field(found: _Found) -> bool:
    """Whether a title says where AI is used: by the name of a field, or by a word that points there."""
    if not found.terms:
        return False
    if any(_apart(match, found.terms) for match in found.context.get("field", ())):
        return True
    ends = {term.last + 1 for term in found.terms}
    pointing = any(match.first in ends for match in found.context.get("preposition", ()))
    places = [match for match in found.context.get("locative", ()) if _apart(match, found.terms)]
    return pointing or bool(places)


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
    """The words of the terms as they stand in the text, each once, the longer one where two overlap."""
    terms: dict[str, str] = {}
    for found in everything:
        for match in found.terms:
            if any(_within(match, other) for other in found.terms):
                continue
            words = found.text.between(match.first, match.last)
            if len(words) <= LONGEST_TERM:
                terms.setdefault(words.casefold(), words)
    return tuple(terms.values())[:MOST_TERMS]


def _within(match: Match, other: Match) -> bool:
    return (
        other.first <= match.first
        and match.last <= other.last
        and (other.last - other.first) > (match.last - match.first)
    )


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
    WHERE d.id = said.id
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
        cursor.execute(STORE, [taxonomy().version, ids, *as_arrays([said for _pk, said in suggestions])])


def as_arrays(suggestions: Sequence[Suggestion]) -> list[list[Any]]:
    """Categories, areas and terms for `unnest`; arrays of arrays must be rectangular, so the lists travel as JSON."""
    return [
        [said.category for said in suggestions],
        [Jsonb(said.areas) for said in suggestions],
        [Jsonb(said.terms) for said in suggestions],
    ]

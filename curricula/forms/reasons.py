"""The form of all warnings of a period: a reason for each, or one reason for all of a kind that have none yet."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from curricula.checking import Finding
from curricula.checking.reasons import LONGEST_REASON, About, Given, kind_of
from curricula.models import Programme, WarningReason

SHORTEST_REASON = 5


@dataclass
class Item:
    """One warning on the screen: what stands in its field, what stood there before, what is wrong with it."""

    finding: Finding
    programme: Programme
    typed: str
    was: str
    error: str = ""

    @property
    def name(self) -> str:
        return f"reason-{self.finding.key}"

    @property
    def was_name(self) -> str:
        return f"was-{self.finding.key}"

    @property
    def mark(self) -> str:
        """Stands for the reason that was on the screen."""
        return mark_of(self.was)


@dataclass
class Alike:
    """Warnings of one kind, and the one reason that is typed for all of them that have none."""

    code: str
    discipline: int | None
    items: list[Item] = field(default_factory=list)
    typed: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        return f"all-{self.code}-{self.discipline or 0}"

    @property
    def first(self) -> Finding:
        return self.items[0].finding

    @property
    def unanswered(self) -> int:
        return sum(not item.was for item in self.items)


@dataclass
class Group:
    """The findings of one programme's draft; those that ask for a reason as items of the form."""

    programme: Programme
    version: int
    faults: list[Finding] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


class ReasonsForm:
    """Only fields that were on the screen count."""

    def __init__(
        self,
        found: Mapping[int, list[Finding]],
        programmes: Mapping[int, Programme],
        data: Mapping[str, str] | None = None,
    ) -> None:
        self.data = data or {}
        self.groups: list[Group] = []
        # Entered on a page of their own, and lacking everywhere when a year begins: told once, not by programme.
        self.uncounted = sum(one.code == "no_students" for some in found.values() for one in some)
        for version, programme in programmes.items():
            group = self._group(version, programme, found.get(version, ()))
            if group.faults or group.items or group.notes:
                self.groups.append(group)
        self.items = [item for group in self.groups for item in group.items]
        self.alike = self._alike()
        # Typed for what is found no more: it can't be kept, so at least it is said.
        known = {item.name for item in self.items}
        self.gone = sum(
            name.startswith("reason-") and name not in known and bool(text.strip())
            for name, text in self.data.items()
        )

    def _group(self, version: int, programme: Programme, found: Iterable[Finding]) -> Group:
        group = Group(programme, version)
        for one in found:
            if one.is_fault:
                group.faults.append(one)
            elif one.asks_for_reason:
                typed = _plain(self.data.get(f"reason-{one.key}", one.reason))
                group.items.append(Item(one, programme, typed, one.reason))
            elif one.code != "no_students":
                group.notes.append(one)
        return group

    def _alike(self) -> list[Alike]:
        kinds: dict[tuple[str, int | None], list[Item]] = defaultdict(list)
        for item in self.items:
            kinds[kind_of(item.finding)].append(item)
        alike = [
            Alike(code, discipline, items) for (code, discipline), items in kinds.items() if len(items) > 1
        ]
        for one in alike:
            one.typed = _plain(self.data.get(one.name, ""))
        return [one for one in alike if one.unanswered or one.typed]

    def is_valid(self) -> bool:
        for one in self.alike:
            one.error = _wrong(one.typed)
            for item in one.items if one.typed and not one.error else ():
                if item.was_name in self.data:
                    item.typed = item.typed or one.typed
        for item in self.items:
            item.error = _wrong(item.typed)
        return not self.problems

    @property
    def problems(self) -> list[tuple[str, str]]:
        """The fields at fault, and the sentences."""
        return [
            *((one.name, f"{one.first.rule.title}: {one.error}") for one in self.alike if one.error),
            *((item.name, f"{item.programme.code}: {item.error}") for item in self.items if item.error),
        ]

    def given(self) -> list[Given]:
        """What was typed in fields that were on the screen; a reason that has changed since it was made is stale."""
        said = []
        for item in self.items:
            mark = self.data.get(item.was_name)
            if mark is None and not item.typed:
                continue
            # What no mark of ours names is answered like a reason that somebody else has changed.
            was = item.was if mark in (None, item.mark) else f"\0{mark}"
            said.append(Given(item.finding.about, item.typed, was))
        return said

    def show_stale(self, stale: Mapping[About, WarningReason | None]) -> None:
        """Both beside each other; the next save is made knowing the newer one."""
        for item in self.items:
            if item.finding.about not in stale:
                continue
            theirs = stale[item.finding.about]
            item.was = theirs.reason if theirs else ""
            item.error = (
                _("%(person)s has written meanwhile: “%(reason)s”. Save again to keep yours.")
                % {"person": theirs.given_by, "reason": theirs.reason}
                if theirs
                else _("Somebody has taken this reason back meanwhile. Save again to keep yours.")
            )

    @property
    def fault_count(self) -> int:
        return sum(len(group.faults) for group in self.groups)

    @property
    def answered(self) -> int:
        return sum(bool(item.was) for item in self.items)

    @property
    def unanswered(self) -> int:
        return len(self.items) - self.answered


def mark_of(reason: str) -> str:
    return hashlib.sha256(reason.encode()).hexdigest()[:12] if reason else ""


def _plain(text: Any) -> str:
    """As it is kept: browsers send line ends of their own, and no column can hold a NUL."""
    return str(text).replace("\r\n", "\n").replace("\x00", "").strip()


def _wrong(reason: str) -> str:
    if reason and len(reason) < SHORTEST_REASON:
        return _("Say it in a few words: the reviewer reads it.")
    if len(reason) > LONGEST_REASON:
        return _("Shorten the reason to %(most)d characters; it has %(length)d.") % {
            "most": LONGEST_REASON,
            "length": len(reason),
        }
    return ""

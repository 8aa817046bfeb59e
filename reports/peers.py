"""Where one stands among its peers: the spread of their shares, the median, and the quarter; never a rank.

A rank among universities that differ by a programme is noise. Pure arithmetic but for `groups`, which asks for kind and
region as the registry had them at the moment of the release.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import NamedTuple

from institutions.models import InstitutionState
from institutions.moments import valid_at
from reports.figures import Counts, Edition, as_at

FEWEST = 8  # of fewer, a quarter would be a single one
SIMILAR = 2  # similar in size: from half to twice as many programmes


@dataclass(frozen=True)
class Peers:
    """One among those of a `group`: "nation", "kind", "region", "size", "regions", "fields". `key` is the code of the
    kind or region. All shares are here, ascending, its own among them; `own` is None where only they are looked at."""

    group: str
    key: str
    own: Fraction | None
    shares: tuple[Fraction, ...]

    @property
    def enough(self) -> bool:
        return len(self.shares) >= FEWEST

    @property
    def median(self) -> Fraction | None:
        """None where they are too few."""
        return Fraction(median(self.shares)) if self.enough else None

    @property
    def middle(self) -> tuple[Fraction, Fraction] | None:
        """The lowest and the highest share of the middle half; None where they are too few."""
        outer = len(self.shares) // 4
        return (self.shares[outer], self.shares[-1 - outer]) if self.enough else None

    @property
    def level(self) -> int:
        """How many others have the very same share."""
        return self.shares.count(self.own) - 1 if self.own is not None else 0

    @property
    def quarter(self) -> int | None:
        """1 is the lowest, 4 the highest; None where they are too few, or so many are level that it can't be told."""
        if not self.enough or self.own is None:
            return None
        first = self.shares.index(self.own) + 1
        low, high = (quarter_of(rank, len(self.shares)) for rank in (first, first + self.level))
        return low if low == high else None


def quarter_of(rank: int, everyone: int) -> int:
    """The outer quarters hold a quarter at most: of nine, two."""
    outer = everyone // 4
    if rank <= outer:
        return 1
    if rank > everyone - outer:
        return 4
    return 2 if 2 * rank <= everyone else 3


def among(group: str, key: str, own: Counts, everyone: Iterable[Counts]) -> list[Peers]:
    """`everyone` has its own counts among them. One without a share stands nowhere: none."""
    if own.share is None:
        return []
    return [
        Peers(group, key, own.share, tuple(sorted(one.share for one in everyone if one.share is not None)))
    ]


class Place(NamedTuple):
    """What of a university the registry said."""

    kind: str
    region: str


def groups(edition: Edition, code: str) -> list[Peers]:
    """All universities, those of its kind, of its region, of its size; none for one that has no share. One query."""
    cells = edition.by("institution")
    own = cells.get(code)
    if own is None or own.share is None:
        return []
    places = registered(edition)
    kind, region = places[code]
    alike = {
        ("nation", ""): cells.values(),
        ("kind", kind): [counts for other, counts in cells.items() if places[other].kind == kind],
        ("region", region): [counts for other, counts in cells.items() if places[other].region == region],
        ("size", ""): [counts for counts in cells.values() if similar(own, counts)],
    }
    return [one for (group, key), members in alike.items() for one in among(group, key, own, members)]


def similar(one: Counts, other: Counts) -> bool:
    return max(one.counted, other.counted) <= SIMILAR * min(one.counted, other.counted)


def registered(edition: Edition) -> Mapping[str, Place]:
    """Kind and region of every university at the moment of the release, by its code; one query."""
    states = InstitutionState.objects.filter(valid_at(as_at(edition.release))).values_list(
        "institution__code", "kind", "region_code"
    )
    return {code: Place(kind, region) for code, kind, region in states}

"""Exposure of work against coverage by field, in words and as a chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports import charts, specifying
from reports.exposure import Exposure, Placed, exposures, finding, more_exposed, placed
from reports.figures import Counts
from reports.models import Occupation
from reports.pictures import layout, number
from reports.tables import EXPOSURE, Column
from reports.wording import DASH, count, percent

HUNDREDTH = Decimal("0.01")
MORE = ("exposure", "occupations", "occupations_exposed")


def score(exposure: Exposure | None) -> str:
    """`0.46`, as the language writes it; a dash without a link."""
    if exposure is None:
        return DASH
    return str(number_format(exposure.mean.quantize(HUNDREDTH, ROUND_HALF_EVEN), 2))


def gradients(exposure: Exposure) -> list[tuple[str, str]]:
    """The share of occupations in each gradient that any of them has, the highest first."""
    return [
        (str(Occupation.Gradient(value).label), percent(exposure.share(value)))
        for value in reversed(Occupation.Gradient.values)
        if exposure.gradients.get(value)
    ]


def sentence(exposure: Exposure) -> str:
    """What the page of a field says about the work that it trains for."""
    return ngettext(
        "Work that this field trains for: exposure to generative AI %(score)s of 1, the mean of %(count)s occupation, "
        "%(exposed)s of which is exposed.",
        "Work that this field trains for: exposure to generative AI %(score)s of 1, the mean of %(count)s occupations, "
        "%(exposed)s of which are exposed.",
        exposure.occupations,
    ) % {
        "score": score(exposure),
        "count": count(exposure.occupations),
        "exposed": count(exposure.exposed),
    }


@dataclass(frozen=True)
class Row:
    """A field in the table."""

    label: str
    href: str
    exposure: Exposure | None
    score: str
    counts: Counts
    key: str
    day: date | None = None
    rules: int = 0

    @property
    def more(self) -> tuple[object, ...]:
        if self.exposure is None:
            return None, 0, 0
        return str(self.exposure.mean), self.exposure.occupations, self.exposure.exposed


@dataclass(frozen=True)
class Comparison:
    """The chart of all fields; its heading states the finding."""

    heading: str
    rows: Sequence[Row]
    pairs: Sequence[charts.Pair]
    chosen: str
    name: str = "work"
    more: Sequence[Column] = tuple(one for one in EXPOSURE.columns if one.name in MORE)

    @property
    def first(self) -> str:
        return _("Field of education")

    @property
    def data(self) -> Sequence[Row]:
        return self.rows

    def specify(self, rows: specifying.Rows) -> specifying.Spec:
        return specifying.pairs(
            [
                {**values, "exposure": float(row.exposure.mean) if row.exposure else None}
                for values, row in zip(rows, self.rows, strict=True)
            ],
            exposure=_("Exposure of work to generative AI, from 0 to 1"),
            share=_("Programmes that meet the mandate"),
        )

    @property
    def wide(self) -> str:
        return self.draw(False)

    @property
    def narrow(self) -> str:
        return self.draw(True)

    def draw(self, narrow: bool) -> str:
        return charts.exposure_against_coverage(
            self.pairs,
            exposure_label=_("Exposure of work to generative AI, from 0 to 1"),
            share_label=_("Programmes that meet the mandate"),
            highlight_key=self.chosen,
            name=f"work-{layout(narrow)}",
            title=self.heading,
            description=_(
                "Each field of education with the exposure of the work that it trains for and its coverage, the most "
                "exposed first."
            ),
            narrow=narrow,
        )


def comparison(named: Mapping[str, Any], cells: Mapping[str, Counts], *, half: bool = False) -> Comparison:
    """Of the fields that are named and have programmes in scope or a link; `half`: of the more exposed, which the
    finding is about. One query."""
    exposed = exposures()
    everything = placed((code for code in named if code in cells or code in exposed), exposed, cells)
    fields = more_exposed(everything) if half else everything
    found = finding(everything)
    return Comparison(
        heading=heading(everything, named),
        rows=[
            Row(
                named[one.code].short_name,
                reverse("field", args=[one.code]),
                one.exposure,
                score(one.exposure),
                one.counts,
                one.code,
            )
            for one in fields
        ],
        pairs=[pair(one, named[one.code].short_name) for one in fields],
        chosen=found.field.code if found else "",
    )


def pair(one: Placed, label: str) -> charts.Pair:
    return charts.Pair(
        one.code,
        label,
        float(one.exposure.mean) if one.exposure else None,
        score(one.exposure),
        number(one.counts.share),
        percent(one.counts.share),
        reverse("field", args=[one.code]),
    )


def heading(fields: Sequence[Placed], named: Mapping[str, Any]) -> str:
    """Which field trains for exposed work and teaches least AI."""
    found = finding(fields)
    if found is None:
        return _("No field has both figures yet")
    return _("Among the fields whose work is most exposed to AI, %(field)s teaches it least: %(share)s") % {
        "field": named[found.field.code].short_name,
        "share": percent(found.field.counts.share),
    }

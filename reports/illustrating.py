"""The charts of a release as files to keep: with their heading, their source, and whether the data are generated."""

import json
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from curricula.models import Field, Programme
from institutions.models import Institution, Region
from reports import charts, citing, figures, pictures, specifying
from reports.charts.colours import PAPER
from reports.charts.drawing import FAMILY, number, tag, words, wrap
from reports.exposure import rounded
from reports.models import Release
from reports.pictures import Picture
from reports.wording import day, part_of

HEADING, SMALL = 18.0, 13.0
SVG, PNG = "image/svg+xml; charset=utf-8", "image/png"
VEGA_LITE = "application/vnd.vegalite.v6+json"


def drawings(release: Release) -> Iterator[tuple[str, str, bytes]]:
    """Name, media type and content of each chart of the release in the active language, in each form."""
    for picture in illustrations(release):
        wide, narrow = sheet_of(picture, release), sheet_of(picture, release, narrow=True)
        yield f"{picture.name}-wide.svg", SVG, charts.standalone(wide).encode()
        yield f"{picture.name}-narrow.svg", SVG, charts.standalone(narrow).encode()
        yield f"{picture.name}.png", PNG, charts.png(wide)
        yield f"{picture.name}.vl.json", VEGA_LITE, specification(picture, release)


def illustrations(release: Release) -> list[Picture]:
    """What a release is drawn by: map, series, fields, universities, levels, kinds. The number of queries is fixed."""
    edition = figures.edition(release)
    regions = pictures.by_code(Region.objects.all())
    fields = pictures.by_code(Field.objects.filter(kind=Field.Kind.FIELD))
    return [
        pictures.regions(edition.by("region"), regions),
        pictures.over_time(figures.series(edition), figures.targets(edition.requirement)),
        pictures.bars(
            "field",
            _("Field of education"),
            pictures.rows(edition.by("field"), fields, "", short=True),
            edition.nation,
        ),
        pictures.distribution(edition.by("institution")),
        pictures.bars(
            "level", _("Level"), pictures.choices(edition.by("level"), Programme.Level), edition.nation
        ),
        pictures.bars(
            "kind",
            _("Kind of university"),
            pictures.ranked(pictures.choices(edition.by("kind"), Institution.Kind)),
            edition.nation,
        ),
    ]


def source_line(release: Release) -> str:
    """Where a figure is from, as it is cited: release, period, moment, rules, fingerprint."""
    snapshot = release.snapshot
    assert snapshot.as_at is not None  # noqa: S101 - only taken snapshots are released
    given = {
        "number": release.number,
        "period": snapshot.period.name,
        "moment": day(snapshot.as_at),
        "methodology": snapshot.methodology_version,
        "fingerprint": snapshot.fingerprint[:12],
    }
    if snapshot.demonstration:
        return (
            _(
                "Demonstration data. Qamtu, release %(number)d, academic year %(period)s, as at %(moment)s, "
                "methodology %(methodology)d, fingerprint %(fingerprint)s."
            )
            % given
        )
    return (
        _(
            "Qamtu, release %(number)d, academic year %(period)s, as at %(moment)s, "
            "methodology %(methodology)d, fingerprint %(fingerprint)s."
        )
        % given
    )


def sheet_of(picture: Picture, release: Release, *, narrow: bool = False) -> str:
    return sheet(picture, source_line(release), narrow=narrow)


def specification(picture: Picture, release: Release) -> bytes:
    """Vega-Lite with its data, the finding as its title, the source below it, and the licence for programs."""
    values = [
        {
            "key": row.key,
            "label": row.label,
            "text": part_of(row.counts),
            "share": None if row.counts.share is None else float(rounded(row.counts.share)),
            "met": row.counts.met,
            "counted": row.counts.counted,
            **({"day": row.day.isoformat()} if row.day else {}),
            **({"rules": row.rules} if row.rules else {}),
        }
        for row in picture.data
    ]
    drawn = specifying.specification(
        picture.specify(values),
        heading=picture.heading,
        source=f"{source_line(release)} CC BY 4.0.",
        told=citing.for_programs(release),
    )
    return json.dumps(drawn, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def sheet(picture: Picture, source: str, *, narrow: bool) -> str:
    """A drawing between its heading and its source, on paper, without links: a file has no site around it."""
    drawing = re.sub(r"<a [^>]*>", "<g>", picture.draw(narrow)).replace("</a>", "</g>")
    measures = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing)
    assert measures is not None  # noqa: S101
    width, height = float(measures[1]), float(measures[2])
    heading = wrap(picture.heading, width * 0.93, HEADING)  # it is set in bold, which is wider
    foot = wrap(source, width, SMALL)
    top = len(heading) * 24.0 + 12
    bottom = top + height + 12
    whole = bottom + len(foot) * 18 + 8
    return tag(
        "svg",
        tag("rect", x=-16, y=-16, width=width + 32, height=whole + 32, fill=PAPER, class_="c-ground"),
        *(words(line, 0, 18 + place * 24.0, size=HEADING, bold=True) for place, line in enumerate(heading)),
        drawing.replace("<svg ", f'<svg y="{number(top)}" ', 1),
        *(
            words(line, 0, bottom + 14 + place * 18.0, size=SMALL, fill="muted")
            for place, line in enumerate(foot)
        ),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"-16 -16 {number(width + 32)} {number(whole + 32)}",
        width=width + 32,
        height=whole + 32,
        font_family=FAMILY,
    )

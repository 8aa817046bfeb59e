"""What the tables of a release are, in words for readers: on the page of downloads, in workbooks and in the bundle."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.tables import Column


@dataclass(frozen=True)
class Guide:
    """A table's title, and what it tells; `row` is what one row is."""

    title: str | Promise
    row: str | Promise
    what: str | Promise


TABLES = {
    "coverage": Guide(
        _("Coverage"),
        _("one part of the country, by one dimension"),
        _(
            "Programmes by outcome, and the share that meets the mandate: for the nation, and for each region, "
            "university, field, level, kind of university and language of instruction."
        ),
    ),
    "indicators": Guide(
        _("Indicators"),
        _("one indicator of one part of the country"),
        _("Each indicator with its numerator, its denominator and how many have not reported."),
    ),
    "programmes": Guide(
        _("Programmes"),
        _("one programme under one requirement"),
        _("The outcome of every programme, and the AI disciplines and credits that it was counted by."),
    ),
    "series": Guide(
        _("Coverage over time"),
        _("one part of the country in one release"),
        _("The coverage in each release up to this one, without those that were corrected: for change over time."),
    ),
    "movements": Guide(
        _("Changes"),
        _("one cause in one part of the country"),
        _("What moved the figures since the release before, by cause; the causes add up to the difference exactly."),
    ),
    "requirements": Guide(
        _("Requirements"),
        _("one version of a requirement"),
        _("The rules of the mandate that the figures were computed by."),
    ),
    "targets": Guide(
        _("Targets"), _("one phase of the plan"), _("The phases of the plan, with their days and shares.")
    ),
    "reference-values": Guide(
        _("Public statements"),
        _("one statement"),
        _("Figures that others have stated in public, with their sources; never mixed with ours."),
    ),
    "regions": Guide(_("Regions"), _("one region"), _("What the codes of regions stand for, in three languages.")),
    "institutions": Guide(
        _("Universities"),
        _("one university"),
        _("What the codes of universities stand for, in three languages, with region and kind."),
    ),
    "fields": Guide(
        _("Fields of education"),
        _("one field or direction"),
        _("What the codes of fields and directions stand for, in three languages, with ISCED-F 2013."),
    ),
}  # fmt: skip

# What the drawings of a release show, by the name of their files.
DRAWINGS = {
    "map": _("Map of the regions"),
    "series": _("Coverage over time"),
    "field": _("Fields of education"),
    "universities": _("Distribution of universities"),
    "level": _("Levels"),
    "kind": _("Kinds of universities"),
}

# By what the coverage can be had alone.
DIMENSIONS = {
    "nation": _("nation"),
    "region": _("regions"),
    "institution": _("universities"),
    "field": _("fields"),
    "level": _("levels"),
    "kind": _("kinds of universities"),
    "language": _("languages of instruction"),
}

BY_NAME: dict[str, str | Promise] = {
    **dict.fromkeys(
        ("in_scope", "met", "not_met", "no_data", "exempt", "programmes", "gained", "lost", "joined", "left"),
        _("programmes"),
    ),
    **dict.fromkeys(("ai_disciplines", "min_disciplines"), _("disciplines")),
    **dict.fromkeys(("numerator", "denominator", "missing"), _("what the indicator counts")),
    "value": _("what the column unit says"),
}
BY_TYPE: dict[str, str | Promise] = {
    "share": _("share from 0 to 1"),
    "credits": _("ECTS credits"),
    "date": _("day"),
    "moment": _("moment, in UTC"),
    "flag": _("true or false"),
}


def unit(column: Column) -> str:
    """In what a column counts; nothing for codes and words."""
    return str(BY_NAME.get(column.name) or BY_TYPE.get(column.type, ""))

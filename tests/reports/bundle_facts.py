"""What the national page of a release may say, worked out from the CSV files of its bundle by nothing but this file."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, str]
ALMATY = ZoneInfo("Asia/Almaty")

# How figures are written, once more


def percent(share: Fraction | None) -> str:
    if share is None:
        return "—"
    whole = round(share * 100)
    if whole >= 100 and share < 1:
        return "over 99%"
    return "under 1%" if whole <= 0 < share else f"{whole}%"


def part(row: Row) -> str:
    return f"{row['met']} of {counted(row)}" if counted(row) else "—"


def counted(row: Row) -> int:
    return int(row["in_scope"]) - int(row["exempt"])


def share(row: Row) -> Fraction | None:
    return Fraction(int(row["met"]), counted(row)) if counted(row) else None


def share_and_part(row: Row) -> str:
    return f"{percent(share(row))} ({part(row)})" if counted(row) else "no programmes in scope"


def outcomes(row: Row) -> str:
    return " ".join(row[name] for name in ("met", "not_met", "no_data", "exempt"))


def signed(number: int) -> str:
    return f"+{number}" if number > 0 else f"−{-number}" if number else "0"


def swing(up: int, down: int) -> str:
    return " ".join(signed(number) for number in (up, -down) if number) or "0"


def day(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def local(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(ALMATY).date()


class Bundle:
    """The tables of a release, and nothing else."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.about: dict[str, Any] = json.loads(archive.read("datapackage.json"))
            self.tables = {
                name.removesuffix(".csv"): list(
                    csv.DictReader(io.StringIO(archive.read(name).decode(), newline=""))
                )
                for name in archive.namelist()
                if name.endswith(".csv")
            }
        self.number = int(self.about["version"])
        self.requirement = min(row["requirement"] for row in self.tables["coverage"])
        self.as_at = local(self.about["as_at"])

    def coverage(self, dimension: str) -> dict[str, Row]:
        """By key."""
        return self._of(self.tables["coverage"], dimension)

    def earlier(self, release: int, dimension: str) -> dict[str, Row]:
        rows = [row for row in self.tables["series"] if row["release"] == str(release)]
        return self._of(rows, dimension)

    def _of(self, rows: Iterable[Row], dimension: str) -> dict[str, Row]:
        return {
            row["key"]: row
            for row in rows
            if (row["requirement"], row["dimension"]) == (self.requirement, dimension)
        }

    def releases(self) -> dict[int, date]:
        """Those of the series, with the days that they describe."""
        return {int(row["release"]): local(row["as_at"]) for row in self.tables["series"]}

    def named(self, table: str, column: str = "name_en") -> dict[str, str]:
        return {row["code"]: row[column] for row in self.tables[table]}


# What the page may say


def facts(bundle: Bundle) -> Iterator[str]:
    yield from headline(bundle)
    yield from sources(bundle)
    yield from over_time(bundle)
    yield from by_region(bundle)
    yield from parts(bundle)
    yield from distribution(bundle)
    yield from indicators(bundle)
    yield from improvements(bundle)
    yield from changes(bundle)
    yield from plan(bundle)


def headline(bundle: Bundle) -> Iterator[str]:
    nation = bundle.coverage("nation")[""]
    reported = Fraction(int(nation["met"]), int(nation["met"]) + int(nation["not_met"]))
    yield f"{percent(share(nation))} {part(nation)} programmes meet the mandate"
    yield (
        f"{nation['not_met']} do not meet it, {nation['no_data']} have no approved data and count against, "
        f"{nation['exempt']} are exempt. Of those with data, {percent(reported)} meet it."
    )


def sources(bundle: Bundle) -> Iterator[str]:
    at, number = day(bundle.as_at), bundle.number
    yield f"Releases · Release {number} of {day(local(bundle.about['created']))}"
    yield f"Programmes that meet the mandate. As at {at}, release {number} · About these data"
    for elsewhere in ("Find a university", "All regions", "All fields of education"):
        yield f"Programmes that meet the mandate. As at {at}, release {number} · {elsewhere} · About these data"
    rule = next(row for row in bundle.tables["requirements"] if row["code"] == bundle.requirement)
    year = int(bundle.about["period"])
    yield (
        f"As at {at}, academic year {year}/{(year + 1) % 100}. Release {number}, verified by a second computation. "
        f"Rules: {rule['name_en']}, version {rule['number']}; methodology {bundle.about['methodology_version']}."
    )


def over_time(bundle: Bundle) -> Iterator[str]:
    releases = bundle.releases()
    rows = {number: bundle.earlier(number, "nation")[""] for number in releases}
    before = max(number for number in releases if number < bundle.number)
    points = round(((share(rows[bundle.number]) or 0) - (share(rows[before]) or 0)) * 100)
    moved = (
        "unchanged"
        if not points
        else f"{'up' if points > 0 else 'down'} {abs(points)} point{'s' * (abs(points) > 1)}"
    )
    yield (
        f"Since release {before} ({releases[before]:%B %Y}, {percent(share(rows[before]))}): {moved}. Why it moved"
    )
    first = min(releases)
    yield (
        f"Coverage has grown from {percent(share(rows[first]))} to {percent(share(rows[bundle.number]))} since "
        f"{releases[first]:%B %Y}"
    )
    for number, row in rows.items():
        yield f"Release {number}, {releases[number]:%B %Y} {percent(share(row))} {outcomes(row)}"
        yield f"{releases[number]:%B %Y}: {share_and_part(row)}"
        yield percent(share(row))
        yield f"{releases[number]:%b %Y}"
    for target in bundle.tables["targets"]:
        due = date.fromisoformat(target["due_on"])
        yield f"target: {percent(Fraction(target['share']))}, {due:%b %Y}"
        yield f"{due:%b %Y}"
    yield from (f"{tick}%" for tick in (0, 25, 50, 75, 100))


def ranked(rows: Iterable[tuple[str, Row]]) -> list[tuple[str, Row]]:
    return sorted(rows, key=lambda one: (share(one[1]) is None, -(share(one[1]) or 0), one[0]))


def extremes(rows: list[tuple[str, Row]]) -> str:
    known = sorted((one for one in rows if share(one[1]) is not None), key=lambda one: share(one[1]) or 0)
    (last, low), (first, high) = known[0], known[-1]
    return f"{last} trails at {percent(share(low))}; {first} leads at {percent(share(high))}"


def by_region(bundle: Bundle) -> Iterator[str]:
    names = bundle.named("regions")
    rows = ranked((names[key], row) for key, row in bundle.coverage("region").items())
    yield extremes(rows)
    yield from (
        f"{name}: no programmes in scope"
        for key, name in names.items()
        if key not in bundle.coverage("region")
    )
    for name, row in rows:
        yield f"{name} {percent(share(row))} {outcomes(row)}"
        yield f"{name} {percent(share(row))} {part(row)}"
        yield f"{name}: {share_and_part(row)}"
        yield str(round((share(row) or 0) * 100))
    yield from ("under 40%", "40 to 60%", "60 to 80%", "80 to 95%", "95% and over")


LEVELS = {"6B": "Bachelor", "7M": "Master", "8D": "Doctorate"}
KINDS = {"national": "National", "state": "State", "private": "Private"}


def parts(bundle: Bundle) -> Iterator[str]:
    """The bars: each is a row of a table, and the nation is marked on each."""
    nation = percent(share(bundle.coverage("nation")[""]))
    fields = bundle.named("fields") | {
        code: name for code, name in bundle.named("fields", "short_name_en").items() if name
    }
    for dimension, names, first in (
        ("field", fields, "Field of education"), ("level", LEVELS, "Level"), ("kind", KINDS, "Kind of university"),
    ):  # fmt: skip
        rows = [(names[key], row) for key, row in bundle.coverage(dimension).items()]
        yield extremes(ranked(rows))
        yield f"{first} nation: {nation} Share Programmes"
        for name, row in rows:
            yield f"{name} {percent(share(row))} {part(row)}"
            yield f"{name} {percent(share(row))} {outcomes(row)}"


def distribution(bundle: Bundle) -> Iterator[str]:
    shares = [found for row in bundle.coverage("institution").values() if (found := share(row)) is not None]
    middle = percent(median(shares))
    behind = sum(one < Fraction(40, 100) for one in shares)
    yield f"half are above {middle}"
    yield f"Half of the universities are above {middle}, and none is below 40%"
    yield f"Half of the universities are above {middle}; {behind} {'is' if behind == 1 else 'are'} below 40%"
    yield f"100% {shares.count(Fraction(1))}"
    yield f"0% {shares.count(Fraction(0))}"
    for upper, lower in pairwise(range(100, -10, -10)):
        number = sum(Fraction(lower, 100) <= one < Fraction(upper, 100) and one > 0 for one in shares)
        yield f"{f'{lower} to under' if lower else 'above 0 and under'} {upper}% {number}"


MISSING = {
    "institutions_with_ai": ("has no approved curriculum", "have no approved curriculum"),
    "faculty_trained": (
        "university has no approved staff figures",
        "universities have no approved staff figures",
    ),
    "students_reached": ("programme has no number of students", "programmes have no number of students"),
}


def indicators(bundle: Bundle) -> Iterator[str]:
    for row in bundle.tables["indicators"]:
        if row["dimension"] != "nation":
            continue
        name, part, whole = row["indicator"], int(row["numerator"]), int(row["denominator"])
        if name in ("faculty_trained", "students_reached"):
            yield f"{percent(Fraction(part, whole) if whole else None)} {f'{part} of {whole}' if whole else '—'}"
        else:
            yield f"{part} of {whole}"
        one, many = MISSING.get(name, ("is missing", "are missing"))
        yield f"{row['missing']} {one if row['missing'] == '1' else many}"
        for said in (said for said in bundle.tables["reference-values"] if said["indicator"] == name):
            value, month = said["value"].removesuffix(".00"), f"{date.fromisoformat(said['stated_on']):%B %Y}"
            yield f"Stated in {month}: {value}{'%' * (said['unit'] == 'percent')}"
            yield f"Stated in {month}: {said['text_en']}. Counted here: {part} of {whole}."


def gained_points(share: Fraction | int) -> str:
    whole = round(share * 100)
    return f"{signed(whole)} point{'s' * (whole != 1)}" if whole else "under 1 point"


def improvements(bundle: Bundle) -> Iterator[str]:
    """Since the release before, among those with ten programmes and data of four in five, both times."""
    releases, names = bundle.releases(), bundle.named("institutions")
    before = max(number for number in releases if number < bundle.number)
    month = f"{releases[before]:%B %Y}"
    was, now = bundle.earlier(before, "institution"), bundle.coverage("institution")

    def enough(row: Row) -> bool:
        return counted(row) >= 10 and int(row["no_data"]) * 5 <= counted(row)

    both = [key for key in was.keys() & now.keys() if enough(was[key]) and enough(now[key])]
    risen = [(key, (share(now[key]) or 0) - (share(was[key]) or 0)) for key in both]
    risen = sorted((one for one in risen if one[1] > 0), key=lambda one: -one[1])
    for key, points in risen:
        yield (
            f"{names[key]} improved most since {month}: from {percent(share(was[key]))} to {percent(share(now[key]))}"
        )
        gained = int(now[key]["met"]) - int(was[key]["met"])
        yield (
            f"{names[key]} {percent(share(was[key]))} {part(was[key])} {percent(share(now[key]))} {part(now[key])} "
            f"{gained_points(points)} {signed(gained)} programme{'s' * (abs(gained) != 1)}"
        )
    yield f"University Release {before} Now Gained"
    yield f"No university's share has risen since {month}"
    yield (
        "In order of points gained, among universities with at least 10 programmes and approved data for four in five "
        f"of them in both releases. Compared: {len(both)}; left out: {len(was.keys() | now.keys()) - len(both)}."
    )


CAUSES = {
    "approved": "Newly approved", "superseded": "Superseded by a newer version", "lapsed": "Approval ended",
    "exempted": "Exempted", "exemption_ended": "Exemption ended", "requirement": "Requirement changed",
    "opened": "Programme opened or came into scope", "closed": "Programme closed or left the scope",
    "new_year": "New academic year",
}  # fmt: skip


def changes(bundle: Bundle) -> Iterator[str]:
    before = max(number for number in bundle.releases() if number < bundle.number)
    rows = [
        row
        for row in bundle.tables["movements"]
        if (row["since"], row["requirement"], row["dimension"]) == (str(before), bundle.requirement, "nation")
    ]
    sums = {name: sum(int(row[name]) for row in rows) for name in ("gained", "lost", "joined", "left")}
    yield f"The rules are the same. What changed since release {before} · Release {before}"
    for row in rows:
        number = {name: int(row[name]) for name in sums}
        yield (
            f"{CAUSES[row['cause']]} {row['programmes']} {swing(number['gained'], number['lost'])} "
            f"{swing(number['joined'], number['left'])}"
        )
    met, whole = sums["gained"] - sums["lost"], sums["joined"] - sums["left"]
    yield f"Together {signed(met)} {signed(whole)}"
    more = f"{abs(met)} {'more' if met > 0 else 'fewer'} programme" + ("s meet" if abs(met) > 1 else " meets")
    yield f"{more} the mandate than in release {before}"
    was, now = bundle.earlier(before, "nation")[""], bundle.coverage("nation")[""]
    assert (met, whole) == (
        int(now["met"]) - int(was["met"]),
        counted(now) - counted(was),
    )  # and so they add up


def plan(bundle: Bundle) -> Iterator[str]:
    nation = bundle.coverage("nation")[""]
    phases = [row for row in bundle.tables["targets"] if row["requirement"] == bundle.requirement]
    due_next = min((row["due_on"] for row in phases if row["due_on"] >= bundle.as_at.isoformat()), default="")
    following = True
    for phase in sorted(phases, key=lambda row: row["due_on"]):
        due, goal = date.fromisoformat(phase["due_on"]), Fraction(phase["share"])
        short = max(-(-goal.numerator * counted(nation) // goal.denominator) - int(nation["met"]), 0)
        source = f" · {phase['source']}" if phase["source"] else ""
        verdict = "can't be told" if short else "reached"
        first = next(
            (at for number, at in bundle.releases().items()
             if (share(bundle.earlier(number, "nation")[""]) or 0) >= goal), None,
        )  # fmt: skip
        shown = f" first shown in {first:%B %Y}" if not short and first else ""
        yield (
            f"{phase['name_en']} {day(due)}{source} {percent(goal)}, now {percent(share(nation))} {short} "
            f"{verdict}{shown}"
        )
        if phase["due_on"] == due_next:
            yield f"Target: {phase['name_en']} ({day(due)})."
            yield from needed(bundle, phase["name_en"], goal)
        if following and short and due >= bundle.as_at:
            yield f"The next target, {percent(goal)} by {day(due)}, is {short} programme{'s' * (short != 1)} away"
            following = False
    yield "The present pace is that of the last 18 months; a span holds four times of five. About these data"


def needed(bundle: Bundle, name: str, goal: Fraction) -> Iterator[str]:
    """Where most are needed, if each university came to the target by itself."""
    names, lacking = bundle.named("institutions"), {}
    for key, row in bundle.coverage("institution").items():
        lacking[key] = max(-(-goal.numerator * counted(row) // goal.denominator) - int(row["met"]), 0)
    most = sorted((key for key in lacking if lacking[key]), key=lambda key: (-lacking[key], key))[:3]
    listed = ", ".join(f"{names[key]} {lacking[key]}" for key in most)
    yield f"For {name} most are needed at: {listed}. The programmes that are nearest"

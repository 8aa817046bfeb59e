"""The drawings: what is in them, in which class, in which letters, and that nothing can be smuggled in."""

import re
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts import (
    Area,
    Bar,
    Goal,
    Line,
    Mark,
    Pair,
    Point,
    ShareClass,
    bars_by_key,
    exposure_against_coverage,
    institution_distribution,
    map_legend,
    region_map,
    share_over_time,
    shares_over_time,
    standalone,
)
from reports.charts.drawing import advances, width_of, wrap
from reports.charts.geography import outlines
from reports.charts.map import class_of

CLASSES = [
    ShareClass(below, label)
    for below, label in (
        (0.4, "40 %-дан төмен"),
        (0.6, "40–60 %"),
        (0.8, "60–80 %"),
        (0.95, "80–95 %"),
        (9, "95 %"),
    )
]
FRAME: Any = {"name": "c", "title": "Қамту өсті", "description": "Сипаттама"}
SVG = "{http://www.w3.org/2000/svg}"


def draw_map(areas: list[Area], *, narrow: bool = False) -> str:
    return region_map(areas, classes=CLASSES, no_data="дерек жоқ", narrow=narrow, **FRAME)


def draw_series(points: list[Point], *, goals: tuple[Goal, ...] = (), narrow: bool = False) -> str:
    return share_over_time(
        points,
        goals=goals,
        date_label=lambda day: f"{day:%m.%Y}",
        share_label=lambda share: f"{share} %",
        narrow=narrow,
        **FRAME,
    )


def draw_pairs(pairs: list[Pair], *, chosen: str = "", narrow: bool = False) -> str:
    return exposure_against_coverage(
        pairs, exposure_label="E", share_label="S", highlight_key=chosen, narrow=narrow, **FRAME
    )


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314


def test_every_region_is_on_the_map_once_and_named() -> None:
    codes = list(outlines()[0])
    svg = draw_map([Area(code, f"Өңір {code}", 0.5, "1 / 2") for code in codes])
    assert len(codes) == 20
    assert all(svg.count(f"Өңір {code}: 1 / 2") == 1 for code in codes)


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, 0), (0.39999, 0), (0.4, 1), (0.6, 2), (0.8, 3), (0.95, 4), (1, 4), (None, None)],
)
def test_a_share_falls_into_the_class_that_begins_at_it(share: float | None, expected: int | None) -> None:
    assert class_of(share, CLASSES) == expected


def test_a_region_without_a_denominator_is_hatched_and_carries_no_figure() -> None:
    svg = draw_map([Area("KZ-10", "Абай", None, "—", mark="0")])
    shape = re.search(r'<path [^>]*class="c-none"[^>]*fill="([^"]+)"', svg)
    assert shape
    assert shape[1] == "url(#c-hatch)"
    assert 'id="c-hatch"' in svg
    assert "0" not in texts(svg)


def test_a_city_is_a_circle_with_its_name_not_a_speck() -> None:
    svg = draw_map([Area("KZ-71", "Астана", 0.9, "9 / 10", mark="90", city=True)])
    assert "<circle" in svg
    assert "Астана 90" in texts(svg)


def test_more_classes_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 5"):
        region_map([], classes=[*CLASSES, ShareClass(99, "x")], no_data="", **FRAME)


@given(
    st.text(
        alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=40
    )
)
def test_any_text_is_escaped_and_comes_back_as_it_went_in(text: str) -> None:
    for svg in (
        draw_map([Area("KZ-71", text, 0.5, text, city=True, href="/x?a=1&b=2")]),
        bars_by_key([Bar("06", "ok", 0.5, text)], **FRAME),
        draw_series([Point(date(2025, 1, 1), 0.5, text)]),
    ):
        assert text in texts(svg)


def test_nothing_that_the_content_policy_refuses_is_drawn() -> None:
    hostile = '"><script>alert(1)</script>'
    drawings = [
        draw_map([Area("KZ-10", hostile, 0.5, hostile, mark=hostile, href=hostile)]),
        bars_by_key([Bar(hostile, hostile, 0.5, hostile, hostile)], **FRAME),
        draw_series([Point(date(2025, 1, 1), 0.5, hostile, hostile)]),
        institution_distribution([0.5], share_label=lambda _share: hostile, **FRAME),
        draw_pairs([Pair("06", hostile, 0.5, hostile, 0.5, hostile, hostile)]),
    ]
    for svg in drawings:
        root = ElementTree.fromstring(svg)  # noqa: S314
        assert "script" not in {element.tag.removeprefix(SVG) for element in root.iter()}
        assert not [
            key for element in root.iter() for key in element.attrib if key.startswith("on") or key == "style"
        ]


def test_a_drawing_names_itself_for_those_who_cannot_see_it() -> None:
    root = ElementTree.fromstring(bars_by_key([Bar("06", "АКТ", 0.5, "1 / 2")], **FRAME))  # noqa: S314
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert named[root.get("aria-labelledby")] == "Қамту өсті"
    assert named[root.get("aria-describedby")] == "Сипаттама"


def test_a_drawing_with_links_is_a_group_whose_links_are_named() -> None:
    svg = bars_by_key([Bar("06", "АКТ", 0.5, "1 / 2", "/kk/fields/06/")], **FRAME)
    assert 'role="group"' in svg
    assert '<a href="/kk/fields/06/"><title>АКТ: 1 / 2</title>' in svg


def test_a_bar_without_a_denominator_is_an_empty_outline_not_a_bar_of_nothing() -> None:
    svg = bars_by_key([Bar("08", "Ветеринария", None, "—")], **FRAME)
    assert "c-empty" in svg
    assert "c-bar" not in svg


def test_a_bar_is_as_long_as_its_share_of_the_track() -> None:
    svg = bars_by_key([Bar("06", "АКТ", 0.25, "1 / 4")], **FRAME)
    track, bar = (
        float(re.search(rf'class="{name}"[^>]* width="([\d.]+)"', svg)[1])  # type: ignore[index]
        for name in ("c-track", "c-bar")
    )
    assert bar == pytest.approx(track / 4, abs=0.1)


def test_narrow_labels_stand_above_the_bars_and_are_never_cut() -> None:
    label = "Әлеуметтік ғылымдар, журналистика және ақпарат"
    svg = bars_by_key([Bar("03", label, 0.5, "2 016 ішінен 1 594")], narrow=True, **FRAME)
    assert " ".join(texts(svg)[:-1]) == label
    assert 'viewBox="0 0 328' in svg


def test_the_line_breaks_where_a_share_is_missing() -> None:
    points = [Point(date(2025, month, 1), None if month == 3 else 0.5, "50 %") for month in range(1, 7)]
    assert draw_series(points).count('class="c-line"') == 2


def test_no_line_leads_to_what_is_counted_by_other_rules() -> None:
    points = [Point(date(2025, month, 1), 0.5, "50 %", anew=month == 3) for month in range(1, 7)]
    together = shares_over_time([Line("a", points)], date_label=str, share_label=str, **FRAME)
    for svg in (draw_series(points), together):
        drawn = re.findall(r'<path class="c-(?:line|series-\w+)" d="(M[^"]*L[^"]*)"', svg)
        assert [path.count("L") + 1 for path in drawn] == [2, 4]


def test_a_single_release_is_one_point_and_no_line() -> None:
    svg = draw_series([Point(date(2025, 1, 1), 0.31, "31 %")])
    assert "c-line" not in svg
    assert "31 %" in texts(svg)


def test_a_target_is_drawn_and_named() -> None:
    goal = Goal(date(2027, 9, 1), 1, "мақсат: барлығы")
    svg = draw_series([Point(date(2025, 1, 1), 0.31, "31 %")], goals=(goal,))
    assert "c-goal-mark" in svg
    assert "мақсат: барлығы" in texts(svg)


@given(st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_the_words_of_a_target_never_stand_in_those_of_the_last_point(
    share: float, target: float, narrow: bool
) -> None:
    points = [Point(date(2026, 1, 1), 0.1, "10 %"), Point(date(2026, 6, 1), share, "LAST")]
    svg = draw_series(points, goals=(Goal(date(2026, 7, 1), target, "GOAL"),), narrow=narrow)
    levels = {
        "".join(element.itertext()): float(element.get("y", ""))
        for element in ElementTree.fromstring(svg).iter(f"{SVG}text")  # noqa: S314
    }
    assert abs(levels["GOAL"] - levels["LAST"]) >= 17
    assert levels["GOAL"] >= 14, "and never leave the drawing"


def test_no_release_yet_is_an_empty_chart_not_an_error() -> None:
    assert draw_series([]).startswith("<svg")
    assert institution_distribution([], share_label=str, **FRAME).startswith("<svg")
    assert bars_by_key([], **FRAME).startswith("<svg")


@given(st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=300))
def test_every_institution_is_one_dot_inside_the_drawing(shares: list[float]) -> None:
    svg = institution_distribution(
        shares, share_label=lambda share: f"{share} %", median=Mark(0.5, "медиана"), **FRAME
    )
    root = ElementTree.fromstring(svg)  # noqa: S314
    (stacks,) = (path.get("d", "") for path in root.iter(f"{SVG}path") if path.get("class") == "c-dots")
    assert stacks.count("h0") == len(shares)
    tops = []
    for stack in stacks.split("M")[1:]:
        foot = float(stack.split("h")[0].split()[1])
        tops.append(foot + sum(map(float, re.findall(r"m0(-[\d.]+)", stack))))
    assert all(0 <= y <= float(root.get("height", "")) for y in tops)


def test_a_bare_map_leaves_its_legend_to_the_page_with_the_same_swatches() -> None:
    areas = [Area("KZ-10", "Абай", 0.5, "1 / 2"), Area("KZ-11", "Ақмола", None, "—")]
    bare = region_map(areas, classes=CLASSES, no_data="дерек жоқ", bare=True, **FRAME)
    whole = draw_map(areas)
    assert "дерек жоқ" not in texts(bare)
    legend = map_legend(CLASSES, "дерек жоқ", FRAME["name"])
    assert [label for _swatch, label in legend] == texts(whole)[-6:]
    for swatch, _label in legend:
        fill = re.search(r'fill="([^"]+)"', swatch)
        assert fill
        assert fill[0] in whole
        assert fill[1].startswith("#") or f'id="{fill[1][5:-1]}"' in bare, "a hatching that is on the page"


@pytest.mark.parametrize("narrow", [False, True])
def test_exposure_and_coverage_are_drawn_each_on_its_own_scale(narrow: bool) -> None:
    pairs = [Pair("06", "АКТ", 0.5, "0,50", 0.25, "25 %"), Pair("09", "Ветеринария", 0.25, "0,25", None, "—")]
    root = ElementTree.fromstring(draw_pairs(pairs, narrow=narrow))  # noqa: S314
    rest, lines = (
        [
            float(line.get("x2", "")) - float(line.get("x1", ""))
            for line in root.iter(f"{SVG}line")
            if line.get("class") == kind
        ]
        for kind in ("c-grid", "c-rule")
    )
    assert lines == pytest.approx([rest[0], rest[0] / 2], abs=0.2), "from 0 to 1"
    track, bar = (float(shape.get("width", "")) for shape in root.iter(f"{SVG}rect"))
    assert bar == pytest.approx(track / 4, abs=0.1)
    assert {"0,50", "25 %", "0,25", "—"} <= set(texts(draw_pairs(pairs, narrow=narrow)))


def test_the_field_of_the_heading_stands_out_and_no_other() -> None:
    pairs = [
        Pair("06", "АКТ", 0.5, "0,50", 0.25, "25 %"),
        Pair("09", "Ветеринария", 0.25, "0,25", 0.5, "50 %"),
    ]
    assert draw_pairs(pairs, chosen="09").count("c-chosen") == 2
    assert "c-chosen" not in draw_pairs(pairs)
    assert draw_pairs([]).startswith("<svg")


def test_the_typeface_has_every_kazakh_letter_so_that_labels_can_be_measured() -> None:
    assert not set("ӘәҒғҚқҢңӨөҰұҮүҺһІі") - set(advances()["regular"])
    assert width_of("Қ", 1000) == 628


def test_a_label_breaks_between_words_and_loses_none() -> None:
    lines = wrap("Ақпараттық-коммуникациялық технологиялар және басқалар", 120)
    assert len(lines) > 1
    assert " ".join(lines) == "Ақпараттық-коммуникациялық технологиялар және басқалар"


def test_a_figure_is_never_parted_from_its_per_cent_sign() -> None:
    assert wrap("ең жоғары үлес – АКТ (82\N{NO-BREAK SPACE}%)", 10)[-1] == "(82\N{NO-BREAK SPACE}%)"


def test_the_file_to_keep_carries_its_typeface() -> None:
    svg = standalone(draw_map([Area("KZ-10", "Абай", 0.5, "1 / 2")]))
    assert "@font-face" in svg
    ElementTree.fromstring(svg)  # noqa: S314

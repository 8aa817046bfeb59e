"""Charts as PNG: in our own typeface, the same bytes everywhere, whatever a name holds."""

import struct
import subprocess
import sys
from hashlib import sha256

import pytest

from reports import charts
from reports.charts.drawing import FAMILY, tag, words

KAZAKH = "әғқңөұүһіӘҒҚҢӨҰҮҺІ"


def drawing(text: str, family: str = FAMILY) -> str:
    return tag(
        "svg",
        words(text, 4, 24),
        xmlns="http://www.w3.org/2000/svg",
        width=120,
        height=40,
        font_family=family,
    )


def bars(label: str) -> str:
    bar = charts.Bar("06", label, 0.5, "1 of 2")
    return charts.bars_by_key([bar], name="field", title=label, description=label)


@pytest.mark.parametrize("zoom", [1, 2])
def test_a_picture_has_as_many_dots_as_were_asked_for(zoom: int) -> None:
    picture = charts.png(drawing("78%"), zoom=zoom)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (120 * zoom, 40 * zoom)


@pytest.mark.parametrize("letter", KAZAKH)
def test_each_kazakh_letter_is_drawn(letter: str) -> None:
    nothing = charts.png(drawing(""))
    assert charts.png(drawing(letter)) != nothing
    assert charts.png(drawing("漢")) == nothing  # our typeface lacks it


def test_the_fonts_of_the_machine_are_never_used() -> None:
    own, nothing = charts.png(drawing("Қамту")), charts.png(drawing(""))
    for family in ("Arial, sans-serif", "DejaVu Sans", "Noto Sans", "serif", "monospace"):
        assert charts.png(drawing("Қамту", family)) in (own, nothing)


def test_another_process_draws_the_same_bytes() -> None:
    program = "import sys; from reports import charts; sys.stdout.buffer.write(charts.png(sys.stdin.read()))"
    again = subprocess.run(
        [sys.executable, "-c", program], input=bars("Білім").encode(), capture_output=True, check=True
    )
    assert sha256(again.stdout).digest() == sha256(charts.png(bars("Білім"))).digest()


@pytest.mark.parametrize("name", ["\x0bA\x1b", "<script>&\"'", "￾￿", "]]>", "‮abc"])
def test_a_name_cannot_keep_a_chart_from_being_drawn(name: str) -> None:
    assert charts.png(bars(name)).startswith(b"\x89PNG")


def test_what_is_no_drawing_is_refused() -> None:
    with pytest.raises(ValueError, match=r".+"):
        charts.png("no drawing")

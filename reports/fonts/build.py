# mypy: ignore-errors
"""Make the subset typeface again: python reports/fonts/build.py FOLDER, where the npm package source-sans lies.

Not part of the program: run by hand when the typeface or the alphabet changes. Needs `pip install fonttools
brotli`, which nothing else needs. Writes the variable woff2 of the pages, the two TTF files that charts standing alone
carry along, and the advance widths with which `reports.charts` measures its labels.
"""

import json
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ALPHABET = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "".join(map(chr, range(0xA0, 0x100)))
    + "".join(map(chr, range(0x410, 0x450)))
    + "ЁёӘәҒғҚқҢңӨөҰұҮүҺһІіЇїЄєҐґЎў"
    + "–—‘’“”„…•‹›‑\u2007\u2009\u202f‰′″−×≥≤≠≈→←↑↓№₸€✓ŒœŠšŽžıŞşĞğ"
)
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "tnum", "lnum", "case"]


def cut(source: Path, target: Path, flavor: str | None = None) -> None:
    options = subset.Options(layout_features=FEATURES, hinting=False, flavor=flavor)
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text=ALPHABET)
    cutter.subset(font)
    subset.save_font(font, str(target), options)


def advances(path: Path) -> dict[str, int]:
    font = TTFont(path)
    widths, units = font["hmtx"], font["head"].unitsPerEm
    return {
        chr(code): round(widths[name][0] * 1000 / units) for code, name in sorted(font.getBestCmap().items())
    }


def main(package: Path) -> None:
    here, root = Path(__file__).parent, Path(__file__).parents[2]
    variable = here / "variable.ttf"
    instancer.instantiateVariableFont(
        TTFont(package / "VF/SourceSans3VF-Upright.ttf"), {"wght": (400, 700)}
    ).save(variable)
    cut(variable, root / "static/fonts/source-sans-3.woff2", "woff2")
    variable.unlink()
    table = {}
    for weight in ("Regular", "Bold"):
        target = here / f"SourceSans3-{weight}.ttf"
        cut(package / f"TTF/SourceSans3-{weight}.ttf", target)
        table[weight.lower()] = advances(target)
    (here / "advances.json").write_text(json.dumps(table, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

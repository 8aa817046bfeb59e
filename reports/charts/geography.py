"""The outlines of the regions, projected once: equal areas, so that no region looks larger than it is."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

OUTLINES = Path(__file__).parents[1] / "reference" / "regions.geojson"
SCALE = 1000  # width of the projected map, in whole units: small numbers, small files

Position = tuple[float, float]


@dataclass(frozen=True)
class Outline:
    """One region: its border as path data and the place for its mark, in a drawing that is SCALE wide."""

    code: str
    path: str
    mark: Position


@lru_cache(maxsize=4)
def outlines(source: Path = OUTLINES) -> tuple[dict[str, Outline], int]:
    """Outlines by region code, and the height of the map. The file gives each region the place of its
    mark.
    """
    features = json.loads(source.read_text(encoding="utf-8"))["features"]
    rings = {f["properties"]["code"]: _rings(f["geometry"]) for f in features}
    project = _albers([position for shape in rings.values() for ring in shape for position in ring])
    flat = {code: [[project(p) for p in ring] for ring in shape] for code, shape in rings.items()}
    everywhere = [p for shape in flat.values() for ring in shape for p in ring]
    west, east = min(x for x, _ in everywhere), max(x for x, _ in everywhere)
    north, south = min(y for _, y in everywhere), max(y for _, y in everywhere)
    factor = SCALE / (east - west)

    def place(position: Position) -> Position:
        return (position[0] - west) * factor, (position[1] - north) * factor

    found = {
        feature["properties"]["code"]: Outline(
            code=feature["properties"]["code"],
            path="".join(_path([place(p) for p in ring]) for ring in flat[feature["properties"]["code"]]),
            mark=place(project(tuple(feature["properties"]["mark"]))),
        )
        for feature in features
    }
    return found, round((south - north) * factor)


def _rings(geometry: dict[str, Any]) -> list[list[Position]]:
    shapes = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [ring for shape in shapes for ring in shape]


def _albers(positions: list[Position]) -> Callable[[Position], Position]:
    """Albers' conic projection, its parallels a sixth in from the south and north of what is shown."""
    longitudes, latitudes = [p[0] for p in positions], [p[1] for p in positions]
    low, high = min(latitudes), max(latitudes)
    middle = radians((min(longitudes) + max(longitudes)) / 2)
    first, second = radians(low + (high - low) / 6), radians(high - (high - low) / 6)
    n = (sin(first) + sin(second)) / 2
    c = cos(first) ** 2 + 2 * n * sin(first)

    def project(position: Position) -> Position:
        rho = sqrt(c - 2 * n * sin(radians(position[1]))) / n
        theta = n * (radians(position[0]) - middle)
        return rho * sin(theta), rho * cos(theta)

    return project


def _path(ring: list[Position]) -> str:
    """Relative whole steps: a third of the length of absolute decimals."""
    points = [(round(x), round(y)) for x, y in ring]
    steps = [
        f"{x - before_x} {y - before_y}".replace(" -", "-")
        for (before_x, before_y), (x, y) in pairwise(points[:-1])
        if (x, y) != (before_x, before_y)
    ]
    return f"M{points[0][0]} {points[0][1]}l" + " ".join(steps).replace(" -", "-") + "z"

"""The map of a plan as SVG: outline, roads, demand, and the posts of each model with a sign of its own."""

import json
from collections.abc import Callable, Iterable
from html import escape
from typing import Final

import numpy as np

from tapestry.app.posts import PostAnswer, PostQuestion
from tapestry.refdata import RefFile, path_of

WIDTH_PX: Final = 1_000
MARGIN_SHARE: Final = 0.08
LEGEND_PX: Final = 112
SIGNS: Final = {
    "mclp": ("#b45309", '<rect x="-9" y="-9" width="18" height="18"/>'),
    "mexclp": ("#1d4ed8", '<circle r="9"/>'),
    "p-median": ("#15803d", '<path d="M0 -11 L10 8 L-10 8 Z"/>'),
}
"""Colour and shape: neither alone tells a model."""


def draw_map(answer: PostAnswer, question: PostQuestion) -> str:
    """Return the map as SVG text."""
    places = [(it.lat_deg, it.lon_deg) for it in answer.demand]
    places += [(post.lat_deg, post.lon_deg) for it in answer.proposals for post in it.posts]
    lat, lon = np.array(places).T
    span_lat, span_lon = max(np.ptp(lat), 0.05), max(np.ptp(lon), 0.05)
    top, bottom = lat.max() + MARGIN_SHARE * span_lat, lat.min() - MARGIN_SHARE * span_lat
    left, right = lon.min() - MARGIN_SHARE * span_lon, lon.max() + MARGIN_SHARE * span_lon
    scale = WIDTH_PX / (right - left)
    stretch = 1.0 / np.cos(np.radians((top + bottom) / 2))
    height = round((top - bottom) * scale * stretch)

    def at(lat_deg: float, lon_deg: float) -> tuple[float, float]:
        return (lon_deg - left) * scale, (top - lat_deg) * scale * stretch

    def line(file: RefFile) -> str:
        parts = []
        for points in _lines(json.loads(path_of(file).read_text(encoding="utf-8"))):
            drawn = [at(lat_deg, lon_deg) for lon_deg, lat_deg in points]
            if any(-200 <= x <= WIDTH_PX + 200 and -200 <= y <= height + 200 for x, y in drawn):
                parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in drawn))
        return "".join(parts)

    most = max(it.weight for it in answer.demand)
    dots = []
    for it in answer.demand:
        x, y = at(it.lat_deg, it.lon_deg)
        dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{1.5 + 10 * (it.weight / most) ** 0.5:.1f}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {height + LEGEND_PX}" '
        f'font-family="sans-serif" font-size="16">'
        f"<title>{question.teams} teams within {question.within_min:g} min</title>"
        f'<defs><clipPath id="map"><rect width="{WIDTH_PX}" height="{height}"/></clipPath></defs>'
        f'<rect width="{WIDTH_PX}" height="{height + LEGEND_PX}" fill="#fff"/>'
        f'<g clip-path="url(#map)"><rect width="{WIDTH_PX}" height="{height}" fill="#f8fafc"/>'
        f'<path d="{line(RefFile.OUTLINE)}" fill="none" stroke="#334155" stroke-width="3"/>'
        f'<path d="{line(RefFile.HIGHWAYS)}" fill="none" stroke="#94a3b8" stroke-width="2"/>'
        f'<g fill="#dc2626" fill-opacity="0.35">{"".join(dots)}</g>{"".join(_posts(answer, at))}</g>'
        f"{''.join(_legend(answer, question, height))}</svg>\n"
    )


def _posts(answer: PostAnswer, at: Callable[[float, float], tuple[float, float]]) -> Iterable[str]:
    for place, it in enumerate(answer.proposals):
        colour, shape = SIGNS[it.model.value]
        for post in sorted(set(it.posts), key=lambda post: (post.lat_deg, post.lon_deg)):
            x, y = at(post.lat_deg, post.lon_deg)
            teams = it.posts.count(post)
            words = f'<text x="12" y="-8" stroke="none">{teams}×</text>' if teams > 1 else ""
            yield (
                f'<g transform="translate({x + 5 * (place - 1):.1f} {y:.1f})" fill="{colour}" fill-opacity="0.85" '
                f'stroke="#fff" stroke-width="2">{shape}{words}</g>'
            )


def _legend(answer: PostAnswer, question: PostQuestion, height: int) -> Iterable[str]:
    for row, it in enumerate(answer.proposals):
        colour, shape = SIGNS[it.model.value]
        words = escape(
            f"{it.model.value}: {it.expected:.1%} expected within {question.within_min:g} min; "
            f"{it.within_reach:.1%} in reach with all teams free"
        )
        yield (
            f'<g transform="translate(24 {height + 24 + 26 * row})"><g fill="{colour}">{shape}</g>'
            f'<text x="20" y="6">{words}</text></g>'
        )
    note = "red: demand; grey: shipped highways (OpenStreetMap contributors, ODbL); outline: Natural Earth"
    yield f'<text x="12" y="{height + 104}" font-size="13" fill="#475569">{note}</text>'


def _lines(collection: object) -> Iterable[list[list[float]]]:
    """Give every line of points, [lon, lat], of a GeoJSON FeatureCollection."""
    assert isinstance(collection, dict)
    for feature in collection["features"]:
        parts = [feature["geometry"]["coordinates"]]
        while parts:
            part = parts.pop()
            if isinstance(part[0][0], (int, float)):
                yield part
            else:
                parts += part

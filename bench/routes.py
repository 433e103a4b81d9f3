"""Roads: how fast ways are found on the shipped net, how well tracks are matched and arrivals told."""

import time
from datetime import UTC, datetime

import numpy as np

from bench import arrivals, road_matchers, road_tracks
from bench.figures import Figure, Grid, Part
from bench.scale import Scale
from tapestry.adapters._valhalla_tiles import find_valhalla, why_not
from tapestry.app.desk import shipped_net
from tapestry.model import Waypoint
from tapestry.refdata import PlaceKind, load_places
from tapestry.route import NamedPlace, NoWay, Surroundings, alternatives

SEED = 3
PAIRS = 500
DEPART_AT = datetime(2026, 1, 5, 5, 0, tzinfo=UTC)


def plan_ms(pairs: int = PAIRS) -> list[float]:
    """Return the milliseconds of each plan: three alternatives between two towns drawn by chance."""
    net, known = shipped_net(), load_places()
    named = tuple(
        NamedPlace(name=it.name, lat_deg=it.lat_deg, lon_deg=it.lon_deg, kind=it.kind.value) for it in known
    )
    towns = [it for it in known if it.kind is PlaceKind.TOWN]
    draw = np.random.default_rng(SEED)
    took: list[float] = []
    while len(took) < pairs + 1:
        start, end = (
            Waypoint(lat_deg=towns[i].lat_deg, lon_deg=towns[i].lon_deg)
            for i in draw.choice(len(towns), 2, replace=False)
        )
        begun_s = time.perf_counter()
        try:
            alternatives(net, start, (), end, depart_at=DEPART_AT, around=Surroundings(places=named))
        except NoWay:
            continue
        took.append((time.perf_counter() - begun_s) * 1000.0)
    return took[1:]  # the first loads the kernels


def measure(scale: Scale) -> Part:
    """Measure planning, and what real tracks allow where they are beside the checkout."""
    took = plan_ms(PAIRS if scale.name == "full" else 50)
    figures = [
        Figure(
            name="plan of three ways p95", value=float(np.quantile(took, 0.95)), unit="ms", target=100.0,
            lower_is_better=True,
        ),
        Figure(
            name="plan of three ways p50", value=float(np.median(took)), unit="ms", lower_is_better=True
        ),
    ]  # fmt: skip
    grids: tuple[Grid, ...] = ()
    remarks: tuple[str, ...] = ()
    if road_tracks.TRACKS.is_dir():
        figures += _matching()
        grids = (_matchers(),)
        if find_valhalla() is None:
            remarks = (f"Valhalla was left out of the comparison: it is not installed here ({why_not()}).",)
    if arrivals.GPS.is_dir():
        figures += _arriving()
    return Part(
        load=f"{len(took)} pairs of towns drawn by chance on the shipped net of 4,971 nodes; 12 tracks with a "
        "hand-checked route, whole and thinned; arrivals told at half way of bus and shuttle trips.",
        figures=tuple(figures),
        grids=grids,
        remarks=remarks,
    )


def _matching() -> list[Figure]:
    shares = road_tracks.match_all()
    figures = []
    for every_s, target in road_tracks.TARGETS.items():
        words = f"every {every_s} s" if every_s else "whole"
        rows = [it for it in shares if it.every_s == every_s]
        right, wrong = (
            100.0 * float(np.mean([getattr(it, name) for it in rows])) for name in ("right", "wrong")
        )
        figures += [
            Figure(name=f"tracks {words}: route length right", value=right, unit="%", target=100.0 * target),
            Figure(name=f"tracks {words}: length wrong", value=wrong, unit="%", lower_is_better=True),
        ]
    return figures


def _matchers() -> Grid:
    judged = road_matchers.judge_all()
    rows = []
    for every_s in road_tracks.THINNED_S:
        for name in ("plain", "valhalla"):
            mine = [it for it in judged if (it.matcher, it.every_s) == (name, every_s)]
            fixes = sum(it.fixes for it in mine)
            if mine:
                rows.append(
                    (
                        f"every {every_s} s" if every_s else "whole",
                        name,
                        f"{fixes:,}",
                        f"{np.average([it.fixes_right for it in mine], weights=[it.fixes for it in mine]):.1%}",
                        f"{np.mean([it.fixes_right for it in mine]):.1%}",
                        f"{np.mean([it.right for it in mine]):.1%}",
                        f"{np.mean([it.wrong for it in mine]):.1%}",
                        f"{1e6 * sum(it.took_s for it in mine) / fixes:.0f}",
                        f"{1e3 * np.mean([it.took_s for it in mine]):.0f}",
                    )
                )
    columns = (
        "track", "matcher", "fixes", "fixes on the right road", "the same, mean over tracks", "route length right",
        "told too much", "ms per 1,000 fixes", "ms per track",
    )  # fmt: skip
    return Grid(title="Matchers of tracks beside one another", columns=columns, rows=tuple(rows))


def _arriving() -> list[Figure]:
    figures = []
    for name in arrivals.FLEETS:
        found = arrivals.judge(name)
        words = f"{found.fleet.replace('_', ' ')} ({found.trips} trips)"
        figures += [
            Figure(name=f"{words}: median error", value=found.median_s, unit="s", lower_is_better=True),
            Figure(name=f"{words}: baseline's", value=found.baseline_s, unit="s", lower_is_better=True),
            Figure(name=f"{words}: better by", value=100.0 * found.better, unit="%", target=15.0),
            Figure(name=f"{words}: range of 80 % holds", value=100.0 * found.held, unit="%"),
        ]
    return figures

"""A way told as a route: line, distance, times, checkpoints, what it crosses, what happened there."""

from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from tapestry.geo import build_corridors, locate
from tapestry.model import Waypoint
from tapestry.route._along import SHARED_M, SHORT_SHARE, sampled, shared
from tapestry.route._clock import by_hour_s, elapsed_s
from tapestry.route._cross import parts_inside
from tapestry.route._net import RoadNet
from tapestry.route._option import (
    EVEN,
    Crossed,
    NamedPlace,
    ProposedCheckpoint,
    RouteOption,
    RouteSettings,
    Surroundings,
)
from tapestry.route._past import leg_rates
from tapestry.route._way import Way, line_of

Column = npt.NDArray[np.float64]


def describe(
    net: RoadNet,
    way: list[Way],
    *,
    speeds: Column,
    depart_at: datetime,
    around: Surroundings,
    settings: RouteSettings,
    shared_share: float,
) -> RouteOption:
    """Return everything that is told of a way before it is driven."""
    line = _whole_line(net, way)
    off_m = [way[0].start.away_m, way[-1].end.away_m]
    lengths = np.concatenate([net.edge_length_m[part.edges] * part.used for part in way])
    length_m = np.concatenate([off_m[:1], lengths, off_m[1:]])
    pace = np.concatenate([part.edges for part in way])
    assumed = [settings.assumed_speed_mps]
    speed_mps = np.concatenate([assumed, speeds[pace], assumed])
    after_s = elapsed_s(length_m, speed_mps, settings, depart_at)
    timed = (np.concatenate([[0.0], np.cumsum(length_m)]), np.concatenate([[0.0], after_s]))
    crossings = _crossings(line, around)
    checkpoints = _checkpoints(line, timed, depart_at, around.places, settings)
    return RouteOption(
        route=line,
        distance_m=float(length_m.sum()),
        duration_s=float(after_s[-1]),
        arrive_at=depart_at + timedelta(seconds=round(float(after_s[-1]))),
        duration_by_hour_s=by_hour_s(length_m, speed_mps, settings),
        shared_share=shared_share,
        off_road_m=sum(off_m) + 2.0 * sum(part.end.away_m for part in way[:-1]),
        checkpoints=checkpoints,
        crossings=crossings,
        fence_ids=_ids(crossings, "fence"),
        status_ids=_ids(crossings, "status"),
        legs=leg_rates(line, checkpoints, around.past, settings),
        basis=_basis(net, pace, around, settings),
    )


def _whole_line(net: RoadNet, way: list[Way]) -> tuple[Waypoint, ...]:
    """Return the line from the place asked for to the place asked for."""
    points = [Waypoint(lat_deg=way[0].start.lat_deg, lon_deg=way[0].start.lon_deg)]
    for part in way:
        points += line_of(net, part)
    points.append(Waypoint(lat_deg=way[-1].end.lat_deg, lon_deg=way[-1].end.lon_deg))
    kept = [point for index, point in enumerate(points) if index == 0 or point != points[index - 1]]
    return tuple(kept) if len(kept) > 1 else tuple(points[:2])


def _checkpoints(
    line: tuple[Waypoint, ...],
    timed: tuple[Column, Column],
    depart_at: datetime,
    places: tuple[NamedPlace, ...],
    settings: RouteSettings,
) -> tuple[ProposedCheckpoint, ...]:
    """Return places abreast of which to report: border crossings first, then by weight, spread out."""
    lat, lon, at_m = sampled(line, step_m=1_000_000.0)
    if not places:
        return ()
    place_lat = np.array([place.lat_deg for place in places])
    place_lon = np.array([place.lon_deg for place in places])
    margin = settings.place_near_m / 80_000.0  # degrees, ample in longitude up to 44 degrees north
    boxed = (place_lat > lat.min() - margin) & (place_lat < lat.max() + margin)
    boxed &= (place_lon > lon.min() - margin) & (place_lon < lon.max() + margin)
    near = np.flatnonzero(boxed)
    if not len(near) or at_m[-1] <= 0.0:
        return ()
    progress_m, offset_m = locate(
        build_corridors([line]), route=0, lat_deg=place_lat[near], lon_deg=place_lon[near]
    )
    order = np.argsort([places[index].kind != "crossing" for index in near], kind="stable")
    chosen: list[tuple[float, NamedPlace]] = []
    for row in order:
        at = float(progress_m[row])
        ends = [0.0, float(at_m[-1]), *(it for it, _ in chosen)]
        needed = settings.checkpoint_apart_m if len(chosen) < 2 else settings.checkpoint_every_m / 2.0
        if offset_m[row] > settings.place_near_m or min(abs(at - it) for it in ends) < needed:
            continue
        chosen.append((at, places[near[row]]))
        if len(chosen) == settings.max_checkpoints:
            break
    scale = timed[0][-1] / at_m[-1]  # edges are as long as the road, the line is straight between nodes
    return tuple(
        ProposedCheckpoint(
            name=place.name,
            kind=place.kind,
            lat_deg=float(np.interp(at, at_m, lat)),
            lon_deg=float(np.interp(at, at_m, lon)),
            at_m=at,
            planned_at=depart_at + timedelta(seconds=round(float(np.interp(at * scale, *timed)))),
        )
        for at, place in sorted(chosen, key=lambda it: it[0])
    )


def _crossings(line: tuple[Waypoint, ...], around: Surroundings) -> tuple[Crossed, ...]:
    lat = np.array([point.lat_deg for point in line])
    lon = np.array([point.lon_deg for point in line])
    found = [
        Crossed(
            kind="fence", subject_id=area.area_id, name=area.name, from_m=start, to_m=end,
            avoidable=not area.avoid,
        )
        for area in around.areas
        for start, end in parts_inside(lat, lon, area)
    ]  # fmt: skip
    for status in around.statuses:
        for start, end in _parts_along(line, status.line):
            found.append(
                Crossed(
                    kind="status", subject_id=status.status_id, name=status.name, from_m=start, to_m=end,
                    avoidable=not around.avoid_statuses, control=status.control.value,
                    threat=status.threat.value,
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda it: it.from_m))


def _ids(crossings: tuple[Crossed, ...], kind: str) -> tuple[int, ...]:
    return tuple(sorted({it.subject_id for it in crossings if it.kind == kind}))


def _parts_along(line: tuple[Waypoint, ...], stretch: tuple[Waypoint, ...]) -> list[tuple[float, float]]:
    """Return where a route runs along a stretch, metres from the route's start."""
    lat, lon, at_m = sampled(stretch)
    needed_m = min(SHARED_M, SHORT_SHARE * at_m[-1])
    parts = [part for part in shared(line, lat, lon, at_m) if part[1] - part[0] >= needed_m]
    corridors = build_corridors([line])
    found = []
    for start, end in parts:
        ends = np.searchsorted(at_m, [start, end])
        progress_m, _ = locate(corridors, route=0, lat_deg=lat[ends], lon_deg=lon[ends])
        found.append((float(progress_m.min()), float(progress_m.max())))
    return found


def _basis(
    net: RoadNet, edges: npt.NDArray[np.int64], around: Surroundings, settings: RouteSettings
) -> dict[str, str]:
    known = np.isfinite(net.edge_speed_mps[edges])
    speed = "speed-tagged" if known.all() else "speed-assumed-partly" if known.any() else "speed-assumed"
    hours = "hours-even" if settings.hour_share == EVEN else "hours-configured"
    return {
        "route": "net-shipped" if net.source == "shipped" else "net-openstreetmap",
        "distance_m": "edge-lengths",
        "duration_s": speed,
        "duration_by_hour_s": hours,
        "checkpoints": "gazetteer-near-route" if around.places else "gazetteer-absent",
        "crossings": "fences-and-statuses-now",
        "legs": "incidents-per-convoy-km" if around.past is not None else "past-not-given",
    }

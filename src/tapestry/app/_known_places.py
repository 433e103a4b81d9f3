"""The places that people of a convoy may name: its checkpoints in their order, its ends, and towns along its way."""

from collections.abc import Iterator
from typing import Final

from tapestry.app._access import DeskPorts
from tapestry.model import Checkpoint, MovementId, Place, Waypoint
from tapestry.posrep import KnownPlace
from tapestry.refdata import PlaceKind, load_places

CHECKPOINT_ACCURACY_M: Final = 300.0  # who is at a checkpoint is somewhere in its queue
END_ACCURACY_M: Final = 1_000.0
SITE_ACCURACY_M: Final = 2_000.0
TOWN_ACCURACY_M: Final = 3_000.0  # a town's middle stands for all of it
ALONG_DEG: Final = 0.7  # towns this near to a vertex of the way, some 70 km, are along it
ENDS: Final = ("origin", "destination")


async def known_places(ports: DeskPorts, movement_id: MovementId | None) -> list[KnownPlace]:
    """Return the places of a movement; none without one.

    Raises:
        OutsideFault: The database cannot be reached.
    """
    if movement_id is None:
        return []
    sheet = await ports.store.sheet(movement_id)
    plan = await ports.store.movement(movement_id)
    checkpoints: tuple[Checkpoint, ...] = ()
    ends: list[Place] = []
    route: tuple[Waypoint, ...] = () if plan is None else plan.route
    if sheet is not None:
        checkpoints, route = sheet.request.checkpoints, route or sheet.request.route
        ends += [it for it in (sheet.request.origin, sheet.request.destination) if it is not None]
        ends += [end for leg in sheet.request.legs for end in (leg.start, leg.end)]
    if plan is not None and not checkpoints:
        checkpoints = plan.checkpoints
    found = [
        KnownPlace(
            names=(it.name,),
            lat_deg=it.lat_deg,
            lon_deg=it.lon_deg,
            accuracy_m=CHECKPOINT_ACCURACY_M,
            number=number,
        )
        for number, it in enumerate(checkpoints, start=1)
    ]
    found += [
        KnownPlace(names=(it.name,), lat_deg=it.lat_deg, lon_deg=it.lon_deg, accuracy_m=END_ACCURACY_M)
        for it in ends
    ]
    vertices = [(it.lat_deg, it.lon_deg) for it in route] + [(it.lat_deg, it.lon_deg) for it in found]
    return found + list(_towns(vertices))


def _towns(vertices: list[tuple[float, float]]) -> Iterator[KnownPlace]:
    for place in load_places():
        near = (
            abs(place.lat_deg - lat) < ALONG_DEG and abs(place.lon_deg - lon) < ALONG_DEG
            for lat, lon in vertices
        )
        if any(near):
            names = (place.name, place.name_ar, place.name_ckb, *place.other_names)
            yield KnownPlace(
                names=tuple(filter(None, names)),
                lat_deg=place.lat_deg,
                lon_deg=place.lon_deg,
                accuracy_m=TOWN_ACCURACY_M if place.kind is PlaceKind.TOWN else SITE_ACCURACY_M,
            )

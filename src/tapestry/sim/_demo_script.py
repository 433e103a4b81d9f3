"""What happens in the demonstration, and to whom."""

from typing import Final

import numpy as np

from tapestry.model import DistressKind, MovementPlan, VehicleId
from tapestry.sim._scene import Episode, EpisodeKind

DISTRESS_AFTER_S: Final = 60.0
RANDOM_SHARE: Final = 0.2
"""Share of the convoys beyond the scripted ones to which something happens."""
RANDOM_UNTIL_S: Final = 3_600.0


def episodes_for(
    number: int, convoys: int, plan: MovementPlan, rng: np.random.Generator
) -> tuple[Episode, ...]:
    """Return what happens to one convoy of the scene.

    Args:
        number: Of the convoy, from 0. Each scripted event belongs to one of the first five, wrapped round
            when there are fewer; the others draw at most one by chance.
        convoys: How many there are.
        plan: Of the convoy; six vehicles or more.
    """
    if number >= len(_SCRIPTED):
        return _by_chance(plan, rng)
    return tuple(
        _for(plan, event)
        for place, event in enumerate(_SCRIPTED)
        if place % min(convoys, len(_SCRIPTED)) == number
    )


_SCRIPTED: Final = (
    (2, Episode(kind=EpisodeKind.DISTRESS, starts_s=DISTRESS_AFTER_S, distress=DistressKind.SOS)),
    (-2, Episode(kind=EpisodeKind.STRAGGLE, starts_s=20, lasts_s=900, speed_factor=0.35)),
    (None, Episode(kind=EpisodeKind.HALT, starts_s=45, lasts_s=900)),
    (3, Episode(kind=EpisodeKind.SPOOF, starts_s=90, lasts_s=240, shift_north_m=210e3, shift_east_m=180e3)),
    (4, Episode(kind=EpisodeKind.COVERAGE_GAP, starts_s=30, lasts_s=180)),
)
"""Place in the order of march (negative: from the tail; None: the whole convoy), and what happens."""


def _for(plan: MovementPlan, event: tuple[int | None, Episode]) -> Episode:
    place, episode = event
    if place is None:
        return episode
    vehicle = plan.vehicles[place - 1 if place > 0 else place]
    return _at(episode, vehicle.vehicle_id, episode.starts_s)


def _by_chance(plan: MovementPlan, rng: np.random.Generator) -> tuple[Episode, ...]:
    happens, which, who = rng.random(), rng.integers(len(_SCRIPTED)), rng.integers(len(plan.vehicles))
    starts_s = float(rng.uniform(DISTRESS_AFTER_S, RANDOM_UNTIL_S))
    if happens >= RANDOM_SHARE:
        return ()
    place, episode = _SCRIPTED[int(which)]
    vehicle_id = None if place is None else plan.vehicles[int(who)].vehicle_id
    return (_at(episode, vehicle_id, starts_s),)


def _at(episode: Episode, vehicle_id: VehicleId | None, starts_s: float) -> Episode:
    return Episode(
        kind=episode.kind,
        starts_s=starts_s,
        lasts_s=episode.lasts_s,
        vehicle_id=vehicle_id,
        shift_north_m=episode.shift_north_m,
        shift_east_m=episode.shift_east_m,
        speed_factor=episode.speed_factor,
        distress=episode.distress,
    )

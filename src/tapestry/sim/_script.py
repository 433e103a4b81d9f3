"""The script of a simulation, looked up by moment and by vehicle."""

from collections.abc import Sequence

import numpy as np

from tapestry.model import Refused
from tapestry.sim._scene import ConvoySpec, Episode, EpisodeKind

Cast = tuple[Episode, list[int]]
"""An episode and the rows of the vehicles it befalls."""


class Script:
    """Every episode of every convoy.

    Raises:
        Refused: An episode names a vehicle that its convoy does not have.
    """

    def __init__(self, convoys: Sequence[ConvoySpec]) -> None:
        self._casts: list[Cast] = []
        self._convoy_of: list[int] = []
        first = 0
        for number, convoy in enumerate(convoys):
            row_of = {v.vehicle_id: first + place for place, v in enumerate(convoy.plan.vehicles)}
            for episode in convoy.episodes:
                if episode.vehicle_id is not None and episode.vehicle_id not in row_of:
                    raise Refused(
                        f"episode {episode.kind} names vehicle {episode.vehicle_id}, which convoy "
                        f"{convoy.plan.callsign} does not have; it has {sorted(row_of)}"
                    )
                rows = list(row_of.values()) if episode.vehicle_id is None else [row_of[episode.vehicle_id]]
                self._casts.append((episode, rows))
                self._convoy_of.append(number)
            first += len(row_of)

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """Every episode, convoy by convoy."""
        return tuple(episode for episode, _ in self._casts)

    def active(self, kind: EpisodeKind, *, at_s: float) -> list[Cast]:
        """Return the episodes of one kind that go on at a moment; the end does not belong to it."""
        return [
            (episode, rows)
            for episode, rows in self._casts
            if episode.kind is kind and episode.starts_s <= at_s < episode.starts_s + episode.lasts_s
        ]

    def rows(self, kind: EpisodeKind, *, at_s: float) -> set[int]:
        """Return the rows befallen by any active episode of one kind."""
        return {row for _, rows in self.active(kind, at_s=at_s) for row in rows}

    def starting(self, kind: EpisodeKind, *, after_s: float, until_s: float) -> list[Cast]:
        """Return the episodes that start in `after_s` < start <= `until_s`."""
        return [
            (episode, rows)
            for episode, rows in self._casts
            if episode.kind is kind and after_s < episode.starts_s <= until_s
        ]

    def halts(self, *, at_s: float) -> tuple[set[int], set[int]]:
        """Return the convoys whose head stands off plan, and the rows of single vehicles that do."""
        convoys: set[int] = set()
        rows: set[int] = set()
        for (episode, cast), convoy in zip(self._casts, self._convoy_of, strict=True):
            on = episode.starts_s <= at_s < episode.starts_s + episode.lasts_s
            if episode.kind is EpisodeKind.HALT and on:
                if episode.vehicle_id is None:
                    convoys.add(convoy)
                else:
                    rows.update(cast)
        return convoys, rows


def excursion_m(episode: Episode, *, at_s: float) -> float:
    """Return how far to the right of the route an excursion is at a moment: half a sine, out and back."""
    phase = (at_s - episode.starts_s) / episode.lasts_s
    return episode.offset_m * float(np.sin(np.pi * phase))

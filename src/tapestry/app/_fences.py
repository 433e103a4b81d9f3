"""Fences at the desk: named areas that rules watch."""

import itertools
import math
from typing import Final

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._refusals import Invalid, Missing
from tapestry.app._roster import checked_name
from tapestry.app.ports import Fence

MAX_FENCES: Final = 10_000  # what the rules are measured with
MAX_RING_VERTICES: Final = 5_000
MAX_RINGS: Final = 50

Ring = tuple[tuple[float, float], ...]


class FenceDesk:
    """What people do with fences."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    async def fences(self, who: Principal) -> list[Fence]:
        """Return all fences."""
        require(self._ports, who, Action.VIEW_FENCE)
        fences = await self._ports.store.fences()
        await self._ports.entries.note(who.user_name, "view-fences", "fences", {"count": len(fences)})
        return fences

    async def add(self, who: Principal, name: str, kind: str, rings: tuple[Ring, ...]) -> Fence:
        """Add a fence; rules watch it from the next position on.

        Args:
            who: Who adds it.
            name: As people call it.
            kind: Free word: "depot", "avoid", "border".
            rings: Closed rings of (lat_deg, lon_deg); the first is the outside, the others are holes.
        """
        require(self._ports, who, Action.CHANGE_FENCE)
        for number, ring in enumerate(rings, start=1):
            _check_ring(number, ring)
        if not 1 <= len(rings) <= MAX_RINGS:
            raise Invalid(
                "bad-polygon",
                f"The polygon has {len(rings)} rings; expected 1 to {MAX_RINGS}.",
                "Draw one outside ring, and one for each hole.",
            )
        if len(await self._ports.store.fences()) >= MAX_FENCES:
            raise Invalid(
                "too-many-fences", f"There are {MAX_FENCES} fences, which is the most.", "Remove some first."
            )
        fence = await self._ports.store.add_fence(
            Fence(
                fence_id=0,
                name=checked_name(name, "fence-name"),
                kind=checked_name(kind, "fence-kind"),
                rings=rings,
            )
        )
        await self._changed(who, "add-fence", fence.fence_id, {"name": fence.name, "kind": fence.kind})
        return fence

    async def remove(self, who: Principal, fence_id: int) -> None:
        """Remove a fence."""
        require(self._ports, who, Action.CHANGE_FENCE)
        found = [fence for fence in await self._ports.store.fences() if fence.fence_id == fence_id]
        if not found:
            raise Missing
        self._ports.links.refuse_foreign(fence_id)
        await self._ports.store.remove_fence(fence_id)
        await self._changed(who, "remove-fence", fence_id, {"name": found[0].name})

    async def _changed(self, who: Principal, action: str, fence_id: int, details: dict[str, object]) -> None:
        await self._ports.entries.note(who.user_name, action, f"fence/{fence_id}", details)
        await self._ports.announcer.fences_changed()


def _check_ring(number: int, ring: Ring) -> None:
    if not 4 <= len(ring) <= MAX_RING_VERTICES or ring[0] != ring[-1]:
        raise Invalid(
            "bad-polygon",
            f"Ring {number} has {len(ring)} vertices; expected 4 to {MAX_RING_VERTICES}, closed.",
            "Close the ring.",
        )
    if not all(-90 <= lat <= 90 and -180 <= lon <= 180 for lat, lon in ring):
        raise Invalid(
            "bad-polygon",
            f"Ring {number} has a vertex outside -90..90 degrees of latitude or -180..180 of longitude.",
            "Write longitude first, as GeoJSON does.",
        )
    doubled_area = math.fsum(a[1] * b[0] - b[1] * a[0] for a, b in itertools.pairwise(ring))
    if abs(doubled_area) < 1e-12:  # about a square of 8 cm
        raise Invalid("bad-polygon", f"Ring {number} has no area.", "Draw it around something.")

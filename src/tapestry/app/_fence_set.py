"""One version of the fences as a worker uses it: the index, the names, and what is wrong with it."""

from typing import Self

import msgspec
import structlog

from tapestry.app._directory import decode_fences
from tapestry.app._partition import Partition
from tapestry.geo import PolygonGrid, build_polygon_grid
from tapestry.model import Refused

log = structlog.get_logger()


class FenceSet(msgspec.Struct, frozen=True, kw_only=True):
    """All fences at one version."""

    version: int
    grid: PolygonGrid | None = None  # None: no fences, or none that can be used
    names: dict[int, str] = {}  # by fence_id
    fault: str | None = None  # why the fences of this version cannot be used

    @classmethod
    def make(cls, version: int, body: bytes | None) -> Self:
        """Return the fences as they lie on the bus; a set that cannot be used says why, it does not raise."""
        if body is None:
            log.error("fences.missing", version=version)
            return cls(
                version=version,
                fault="the set is not on the bus, expected it there; change a fence to write it",
            )
        fences = decode_fences(body)
        try:
            grid = build_polygon_grid(fences)
        except Refused as refused:
            log.error("fences.refused", version=version, error=str(refused))
            return cls(version=version, fault=str(refused))
        return cls(version=version, grid=grid, names={fence.fence_id: fence.name for fence in fences})

    def hand_to(self, partition: Partition) -> None:
        """Let a partition judge by these fences from here on."""
        partition.use_fences(self.grid, self.version, self.names)

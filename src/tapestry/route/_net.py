"""A road net as columns: the one form in which roads are searched, whatever they were read from."""

import msgspec
import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]


class RoadNet(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Nodes and directed edges; edges are straight between their nodes and ordered by where they start."""

    lat_deg: Column  # by node
    lon_deg: Column  # by node
    first_edge: npt.NDArray[
        np.int64
    ]  # by node, and one more: its edges are first_edge[n] … first_edge[n + 1]
    edge_from: Numbers  # by edge
    edge_to: Numbers  # by edge
    edge_length_m: Column  # by edge
    edge_speed_mps: Column  # by edge; NaN where nothing is known
    edge_name: Numbers  # by edge, index into `names`; -1: none
    in_main: npt.NDArray[np.bool_]  # by edge: both ends can be reached from, and reach, the main part
    names: tuple[str, ...] = ()
    source: str = "shipped"  # or the name of the file it was read from

    @property
    def has_speeds(self) -> bool:
        """Whether any road says how fast it is."""
        return bool(np.isfinite(self.edge_speed_mps).any())

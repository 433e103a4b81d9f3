"""A call for help that came with a position."""

from tapestry.model import DistressKind, Flag
from tapestry.wire._events import DistressCall, Fix


def call_at(kind: DistressKind, fix: Fix | None, *, received_at_us: int) -> DistressCall:
    """Return a call with the time and the place of its position.

    Without a position it is raised at the hub's time; a place that its device does not believe in is left out.
    """
    if fix is None:
        return DistressCall(kind, received_at_us)
    if fix.flags & Flag.NO_FIX:
        return DistressCall(kind, fix.fixed_at_us, identity=fix.identity)
    return DistressCall(kind, fix.fixed_at_us, fix.lat_deg, fix.lon_deg, identity=fix.identity)

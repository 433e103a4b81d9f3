"""Devices on real sockets: each speaks its protocol, waits for answers and comes back after a break.

In: reports, and where the hub listens. Out: bytes on sockets, and a tally of what became of them.
Never: a report that is silently lost: what is not sent, answered or refused is counted as dropped.
"""

from tapestry.sim.fleet._answer import spoken
from tapestry.sim.fleet._fleet import Door, Fleet, identity_of
from tapestry.sim.fleet._link import Tally
from tapestry.sim.fleet._pace import Pacer, Progress
from tapestry.sim.fleet._play import play

__all__ = [
    "Door",
    "Fleet",
    "Pacer",
    "Progress",
    "Tally",
    "identity_of",
    "play",
    "spoken",
]

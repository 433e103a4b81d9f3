"""Convoys that are not there, and recordings of some that were: the simulator and the replay.

In: plans, a seed, recorded files. Out: reports, and bytes of real device protocols on real sockets.
Never: a way into the hub other than the sockets that every device uses.
"""

from tapestry.sim._fleet import Door, Fleet, identity_of
from tapestry.sim._link import Tally
from tapestry.sim._play import Progress, play
from tapestry.sim._roadnet import route_between
from tapestry.sim._scene import ConvoySpec, Device, Episode, EpisodeKind, RadioModel, Report
from tapestry.sim._world import Truth, World

__all__ = [
    "ConvoySpec",
    "Device",
    "Door",
    "Episode",
    "EpisodeKind",
    "Fleet",
    "Progress",
    "RadioModel",
    "Report",
    "Tally",
    "Truth",
    "World",
    "identity_of",
    "play",
    "route_between",
]

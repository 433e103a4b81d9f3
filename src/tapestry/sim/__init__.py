"""Convoys that are not there: they drive Iraq's highways and report as real ones would.

In: plans, a seed, a script of what happens. Out: reports; `fleet` carries them to the hub, `recorded` does so
for tracks that were real. Never: a way into the hub other than the sockets that every device uses.
"""

from tapestry.sim._demo import DemoScene, demo_plans
from tapestry.sim._demo_sheets import DemoSheet, demo_sheets, with_ids
from tapestry.sim._roadnet import route_between
from tapestry.sim._scene import ConvoySpec, Device, Episode, EpisodeKind, RadioModel, Report
from tapestry.sim._world import Truth, World

__all__ = [
    "ConvoySpec",
    "DemoScene",
    "DemoSheet",
    "Device",
    "Episode",
    "EpisodeKind",
    "RadioModel",
    "Report",
    "Truth",
    "World",
    "demo_plans",
    "demo_sheets",
    "route_between",
    "with_ids",
]

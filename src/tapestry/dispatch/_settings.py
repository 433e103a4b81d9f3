"""Timings and speeds of dispatch: configuration with defaults, each with where it comes from."""

from typing import Annotated

import msgspec
from msgspec import Meta

from tapestry.model import Precedence

Minutes = Annotated[float, Meta(gt=0, le=10_080)]
Speed = Annotated[float, Meta(gt=0, le=120)]
Ratio = Annotated[float, Meta(ge=1, le=5)]


class MedevacTarget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By when, from the notification."""

    at_patient_min: Minutes | None = None  # None: no target
    handed_over_min: Minutes | None = None


def _targets() -> dict[Precedence, MedevacTarget]:
    """Return the targets that ship: see docs/dispatch.md for where each comes from."""
    return {
        Precedence.URGENT: MedevacTarget(at_patient_min=90.0, handed_over_min=150.0),
        Precedence.URGENT_SURGICAL: MedevacTarget(at_patient_min=90.0, handed_over_min=150.0),
        Precedence.PRIORITY: MedevacTarget(at_patient_min=240.0, handed_over_min=300.0),
        Precedence.ROUTINE: MedevacTarget(at_patient_min=1_440.0, handed_over_min=1_500.0),
        Precedence.CONVENIENCE: MedevacTarget(),
    }


class DispatchSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an administrator may set."""

    unanswered_min: Minutes = 5.0  # a team that has not answered by then: the officer is told
    stale_min: Minutes = 15.0  # an older position of a team speaks against it
    road_speed_mps: Speed = 40.0 / 3.6  # where a road says nothing
    straight_speed_mps: Speed = 40.0 / 3.6  # where the road net gives no way
    detour_ratio: Ratio = 1.4  # of the way to the straight line, there
    air_speed_mps: Speed = 60.0  # of a team that flies
    medevac: dict[Precedence, MedevacTarget] = msgspec.field(default_factory=_targets)

    def target(self, precedence: Precedence) -> MedevacTarget:
        """Return the target of a precedence; none was set: no target."""
        return self.medevac.get(precedence, MedevacTarget())

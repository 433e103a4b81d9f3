"""The limits that rules judge by beside those of a plan, each with its unit and its reason."""

from typing import Final

from tapestry.model import Flag

LATE: Final = int(Flag.LATE)
NO_EVIDENCE: Final = int(
    Flag.NO_FIX | Flag.CONTACT_ONLY | Flag.DUPLICATE | Flag.BAD_TIME | Flag.IMPOSSIBLE | Flag.DISPUTED
)
"""A fix with one of these says nothing of where the vehicle is: it starts and ends nothing that has a place."""
NO_JUDGEMENT: Final = int(Flag.NO_FIX | Flag.CONTACT_ONLY | Flag.BAD_TIME)
"""A fix with one of these was not held against the track: it says nothing about a dispute."""

# --- corridor
OFF_CORRIDOR_FIXES: Final = 2
"""So many fixes in a row beyond the half width start it: one alone is noise under trees and between walls."""
FAR_OFF_SHARE: Final = 1.2
"""Beyond this share of the half width one fix is enough: 100 m at the usual 500 m, far more than noise."""
BACK_IN_SHARE: Final = 0.8
"""It ends below this share: a vehicle that drives along the limit raises one alert, not fifty."""

# --- standing
CHECKPOINT_RADIUS_M: Final = 500.0
"""Standing this near to a planned halt is on plan: a convoy of ten with its queue is that long."""

# --- speed
OVERSPEED_SHARE: Final = 1.05
"""A speed by Doppler is good to 0.1 m/s; 5 % is what a speedometer shows too little."""
OVERSPEED_FIXES: Final = 2
OVERSPEED_US: Final = 10 * 1_000_000
"""At least two fixes in a row and 10 s: passing another vehicle is not an episode, nor is one wrong value."""

# --- spacing
STRETCHED_END_SHARE: Final = 0.9
"""A stretched gap and a straggler's end below this share of their limit …"""
CLOSED_UP_END_SHARE: Final = 1.2
"""… and closed up ends above this share of its limit: gaps along the route are good to about 10 m."""

"""Positions as columns: the one row layout that every stage of the flow shares."""

from enum import IntEnum, IntFlag
from typing import Final

import numpy as np

ABSENT_ID: Final = -1
"""An id column holds this where there is none: a column cannot hold None. Outside columns, absent is None."""


class Protocol(IntEnum):
    """Which door a position came through. Stored; numbers never change meaning."""

    JSONLINES = 1
    OSMAND = 2
    GT06 = 3
    TELTONIKA = 4
    NMEA = 5
    AUTO = 6  # the door that recognises
    GPS103 = 7
    TK103 = 8
    H02 = 9
    QUECLINK = 10
    MEITRACK = 11
    RUPTELA = 12
    WIALON = 13
    CALAMP = 14
    XEXUN = 15
    JT808 = 16
    IRIDIUM = 17
    ROCKBLOCK = 18
    INREACH = 19
    GLOBALSTAR = 20
    SPOT = 21
    THURAYA = 22
    OWNTRACKS = 23
    MESHTASTIC = 24
    FLESPI = 25
    COT = 26
    TEXT = 27  # a position in a text message
    VOICE = 28  # a position that was heard and typed


class Flag(IntFlag):
    """What is known of one position beside its numbers. Stored; bits never change meaning."""

    # --- said by the device, set by a decoder
    NO_FIX = 1 << 0  # the device itself says that the fix is not valid (GPS void)
    BUFFERED = 1 << 1  # the device says it was stored and sent later
    # --- found by the hub, set by intake
    CONTACT_ONLY = (
        1 << 8
    )  # outside an approved movement: coordinates are NaN, only the time of contact is kept
    UNAUTHENTICATED = 1 << 9  # the identity is only claimed (an IMEI, an address), nothing proves it
    BY_TEXT = 1 << 10  # somebody wrote it in a text message
    BY_VOICE = 1 << 11  # somebody said it, and a named person of the watch typed it
    # --- judged by track
    DUPLICATE = 1 << 16  # same vehicle, same fixed_at and place as an earlier one
    LATE = 1 << 17  # older than the newest fix accepted of this vehicle
    IMPOSSIBLE = 1 << 18  # cannot be reached from the neighbouring fix at MAX_PLAUSIBLE_SPEED_MPS
    BAD_TIME = 1 << 19  # fixed_at lies too far from received_at to be believed
    DISPUTED = 1 << 20  # the vehicle's position was disputed when this one was judged


POSITION: Final = np.dtype(
    [
        ("fixed_at_us", "<i8"),  # device's clock, microseconds since 1970-01-01 UTC
        ("received_at_us", "<i8"),  # hub's clock, microseconds since 1970-01-01 UTC
        ("lat_deg", "<f8"),  # WGS84, -90..90; NaN when CONTACT_ONLY
        ("lon_deg", "<f8"),  # WGS84, -180..180; NaN when CONTACT_ONLY
        ("speed_mps", "<f4"),  # over ground; NaN when not given
        ("heading_deg", "<f4"),  # course over ground, 0 <= x < 360, true north; NaN when not given
        ("alt_m", "<f4"),  # above mean sea level as the device gives it; NaN when not given
        ("accuracy_m", "<f4"),  # radius the device claims (68 %); NaN when not given
        ("vehicle_id", "<i4"),  # VehicleId
        ("movement_id", "<i4"),  # MovementId the fix belongs to, ABSENT_ID outside a movement
        ("tracker_id", "<i4"),  # TrackerId that sent it: two trackers may sit in one vehicle
        ("flags", "<u4"),  # Flag bits
    ]
)
"""One position, 64 bytes, little-endian; travels the bus and fills the store in this layout."""

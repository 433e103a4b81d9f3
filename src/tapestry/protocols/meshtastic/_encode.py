"""What a gateway of a mesh publishes."""

import zlib

from tapestry.model import Refused
from tapestry.protocols.meshtastic._packet import POSITION, TYPES
from tapestry.wire import DistressCall, Fix


def encode_login(identity: str) -> bytes:
    """Return nothing: every message names its sender."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return an envelope with one position: whole seconds, m and m/s, 0.01 degree of course, 1e-7 degree."""
    position = TYPES["Position"](
        latitude_i=round(fix.lat_deg * 1e7),
        longitude_i=round(fix.lon_deg * 1e7),
        time=fix.fixed_at_us // 1_000_000,
    )
    if fix.alt_m is not None:
        position.altitude = round(fix.alt_m)
    if fix.speed_mps is not None:
        position.ground_speed = round(fix.speed_mps)
    if fix.heading_deg is not None:
        position.ground_track = round(fix.heading_deg * 100) % 36_000
    number = zlib.crc32(identity.encode()) if "!" not in identity else int(identity.rpartition("!")[2], 16)
    envelope = TYPES["ServiceEnvelope"](channel_id="LongFast", gateway_id="!00000001")
    envelope.packet.sender = number
    envelope.packet.decoded.portnum = POSITION
    envelope.packet.decoded.payload = position.SerializeToString()
    data: bytes = envelope.SerializeToString()
    return data


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Refuse: a mesh has no call for help.

    Raises:
        Refused: Always.
    """
    del identity
    raise Refused(f"Meshtastic cannot say distress {call.kind!s}; it has none")

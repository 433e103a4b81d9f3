"""From messages of Iridium's gateway to events.

    01 length(2)  elements: id(1) length(2) content

    head 01      reference(4) IMEI(15 digits) status(1) MOMSN(2) MTMSN(2) seconds since 1970(4)
    place 03     flags(1) latitude degrees(1) thousandths of minutes(2) longitude the same radius in km(4)
    payload 02   up to 1,960 bytes of the device

The place is the network's own estimate, good to kilometres; a position inside the payload goes before it.

Source: Iridium, "Short Burst Data Service Developers Guide" 3.0, tables 5 to 11 (DirectIP, mobile originated).
"""

import struct
from typing import Final

from tapestry.model import DeviceFault
from tapestry.wire import (
    Event,
    Fix,
    Heartbeat,
    PacketDecoder,
    Readings,
    Reply,
    Transport,
    place_in,
    position_flags,
    verify_position,
)

REVISION: Final = 1
MAX_SIZE_BYTES: Final = 4096
_HEAD, _PAYLOAD, _PLACE, _CONFIRMATION = 0x01, 0x02, 0x03, 0x05
_HEAD_FORM: Final = struct.Struct(">I15sBHHI")
_PLACE_FORM: Final = struct.Struct(">BBHBHI")
_WEST: Final = 0x01  # bits of the place's flags
_SOUTH: Final = 0x02
CONFIRMED: Final = bytes([REVISION, 0, 4, _CONFIRMATION, 0, 1, 1])
REFUSED: Final = bytes([REVISION, 0, 4, _CONFIRMATION, 0, 1, 0])


class IridiumDecoder(PacketDecoder):
    """One connection of Iridium's gateway. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        del transport  # DirectIP runs over TCP only
        super().__init__(head_size_bytes=3)

    def _size_bytes(self, head: bytes) -> int:
        length = int.from_bytes(head[1:], "big")
        if head[0] != REVISION or length > MAX_SIZE_BYTES:
            raise DeviceFault(
                f"revision {head[0]}, length {length}; expected revision {REVISION} and at most {MAX_SIZE_BYTES} bytes"
            )
        return length + 3

    def _read(self, packet: bytes, events: list[Event], received_at_us: int) -> None:
        del received_at_us  # every message has its session's time
        elements = _elements(packet[3:])
        head = elements.get(_HEAD, b"")
        if len(head) != _HEAD_FORM.size:
            raise DeviceFault(f"head of {len(head)} bytes, expected {_HEAD_FORM.size}")
        _, imei, status, momsn, _, seconds = _HEAD_FORM.unpack(head)
        if not imei.isdigit():
            raise DeviceFault(f"IMEI {imei!r}, expected 15 digits")
        events.append(_event(elements, f"imei:{imei.decode()}", status, momsn, seconds * 1_000_000))
        events.append(Reply(CONFIRMED, refused=REFUSED))


def _elements(content: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at < len(content):
        size_bytes = int.from_bytes(content[at + 1 : at + 3], "big")
        if at + 3 + size_bytes > len(content):
            raise DeviceFault(f"message of {len(content)} bytes ends inside element 0x{content[at]:02x}")
        found[content[at]] = content[at + 3 : at + 3 + size_bytes]
        at += 3 + size_bytes
    return found


def _event(elements: dict[int, bytes], identity: str, status: int, momsn: int, session_us: int) -> Event:
    payload, place = elements.get(_PAYLOAD, b""), elements.get(_PLACE)
    codes: dict[str, bool | int | float | str] = {"momsn": momsn, "session": status}
    if payload:
        codes["data"] = payload.hex()
    said = place_in(payload)
    accuracy_m = None
    if said is not None:
        lat_deg, lon_deg, at_us = said
    elif place is None:
        return Heartbeat(identity, Readings(codes=codes))
    elif len(place) != _PLACE_FORM.size:
        raise DeviceFault(f"place of {len(place)} bytes, expected {_PLACE_FORM.size}")
    else:
        flags, lat, lat_min, lon, lon_min, radius_km = _PLACE_FORM.unpack(place)
        lat_deg = (lat + lat_min / 60_000) * (-1 if flags & _SOUTH else 1)
        lon_deg = (lon + lon_min / 60_000) * (-1 if flags & _WEST else 1)
        accuracy_m, at_us = radius_km * 1000.0, None
        codes["estimated"] = "by the satellite network"
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    return Fix(
        session_us if at_us is None else at_us,
        lat_deg,
        lon_deg,
        accuracy_m=accuracy_m,
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=True),
        identity=identity,
        readings=Readings(codes=codes),
    )

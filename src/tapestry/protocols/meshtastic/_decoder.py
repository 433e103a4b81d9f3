"""From messages of a mesh to events."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final

from google.protobuf.message import DecodeError

from tapestry.model import DeviceFault
from tapestry.protocols.meshtastic._packet import DEFAULT_KEY, POSITION, TEXT, TYPES, opened
from tapestry.wire import (
    Event,
    Fix,
    Heartbeat,
    Readings,
    Transport,
    WholeDecoder,
    heading_deg,
    json_instant_us,
    json_number,
    json_objects,
    json_text,
    position_flags,
    verify_position,
)

SCHEME: Final = "meshtastic"  # of identities
MOST_PORT: Final = 511  # port numbers above it are noise, opened with the wrong key
MAX_TEXT_LENGTH: Final = 400


class MeshtasticDecoder(WholeDecoder):
    """One message of a gateway. See wire.Decoder.

    Args:
        transport: UDP.
        keys: Of channels, 16 or 32 bytes each, tried in turn beside the default one.
    """

    def __init__(self, transport: Transport = Transport.UDP, keys: Sequence[bytes] = ()) -> None:
        del transport  # one message at a time
        super().__init__()
        self._keys = keys

    def _read(self, data: bytes, events: list[Event], received_at_us: int) -> None:
        events.append(read_message(data, self._keys, received_at_us))


def channel_keys(seals: Mapping[str, str]) -> list[bytes]:
    """Return the keys of channels among what sealed messages are opened with: base64 of 16 or 32 bytes each."""
    return [base64.b64decode(key) for name, key in seals.items() if name.startswith(f"{SCHEME}:")]


def read_message(data: bytes, keys: Sequence[bytes], received_at_us: int) -> Event:
    """Return what one message of a gateway says.

    Args:
        data: A ServiceEnvelope, or JSON.
        keys: Of channels, tried in turn before the default one.
        received_at_us: Hub's clock.

    Raises:
        DeviceFault: It is neither, or says what cannot be.
    """
    if data.lstrip()[:1] == b"{":
        return _json_event(data, received_at_us)
    try:
        packet = TYPES["ServiceEnvelope"].FromString(data).packet
    except DecodeError as err:
        raise DeviceFault(f"{len(data)} bytes that are no ServiceEnvelope") from err
    if not packet.sender:
        raise DeviceFault("packet without a sender, expected the number of a node")
    identity = f"{SCHEME}:!{packet.sender:08x}"
    inner = packet.decoded if packet.HasField("decoded") else _unsealed(packet, (*keys, DEFAULT_KEY))
    if inner is None:
        return Heartbeat(identity, Readings(codes={"sealed": True}))
    if inner.portnum == TEXT:
        text = inner.payload.decode("utf-8", "replace")[:MAX_TEXT_LENGTH]
        return Heartbeat(identity, Readings(codes={"text": text}))
    if inner.portnum != POSITION:
        return Heartbeat(identity, Readings(codes={"port": inner.portnum}))
    try:
        position = TYPES["Position"].FromString(inner.payload)
    except DecodeError as err:
        raise DeviceFault(f"position of {len(inner.payload)} bytes that cannot be read") from err
    return _fix(position, identity, packet.rx_time * 1_000_000 or received_at_us)


def _unsealed(packet: Any, keys: Sequence[bytes]) -> Any:
    """Return what a key opens; None when none does: noise is hardly ever a message of a known port."""
    for key in keys if packet.encrypted else ():
        try:
            inner = TYPES["Data"].FromString(opened(packet, key))
        except DecodeError:
            continue
        if 0 < inner.portnum <= MOST_PORT and inner.payload:
            return inner
    return None


def _fix(position: Any, identity: str, heard_us: int) -> Event:
    if not position.HasField("latitude_i") or not position.HasField("longitude_i"):
        return Heartbeat(identity)
    lat_deg, lon_deg = position.latitude_i / 1e7, position.longitude_i / 1e7
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    seconds = position.timestamp or position.time
    has_track, has_speed = position.HasField("ground_track"), position.HasField("ground_speed")
    return Fix(
        seconds * 1_000_000 or heard_us,
        lat_deg,
        lon_deg,
        speed_mps=float(position.ground_speed) if has_speed else None,
        heading_deg=heading_deg(position.ground_track / 100) if has_track else None,
        alt_m=float(position.altitude) if position.HasField("altitude") else None,
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=True),
        identity=identity,
        readings=Readings(satellites=position.sats_in_view or None),
    )


def _json_event(data: bytes, received_at_us: int) -> Event:
    message = json_objects(data, most=1)[0]
    sender = json_number(message, "from")
    if sender is None or not 0 < sender < 1 << 32 or sender != int(sender):
        raise DeviceFault(f"from {str(message.get('from'))[:24]!r}, expected the number of a node")
    identity = f"{SCHEME}:!{int(sender):08x}"
    payload = message.get("payload")
    lat = json_number(payload, "latitude_i") if isinstance(payload, dict) else None
    lon = json_number(payload, "longitude_i") if isinstance(payload, dict) else None
    if message.get("type") != "position" or not isinstance(payload, dict) or lat is None or lon is None:
        return Heartbeat(identity, Readings(codes={"type": json_text(message, "type") or ""}))
    lat_deg, lon_deg = lat / 1e7, lon / 1e7
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    seconds = json_number(payload, "time")
    if seconds is None:
        seconds = json_number(message, "timestamp")
    at_us = json_instant_us(seconds, "time")
    course, satellites = json_number(payload, "ground_track"), json_number(payload, "sats_in_view")
    speed_mps = json_number(payload, "ground_speed")
    return Fix(
        received_at_us if at_us is None else at_us,
        lat_deg,
        lon_deg,
        speed_mps=speed_mps if speed_mps is not None and speed_mps >= 0 else None,
        heading_deg=None if course is None else heading_deg(course / 100),
        alt_m=json_number(payload, "altitude"),
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=True),
        identity=identity,
        readings=Readings(satellites=None if satellites is None else int(satellites)),
    )

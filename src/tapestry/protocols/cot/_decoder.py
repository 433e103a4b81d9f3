"""From events of Cursor on Target to events of the wire."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from tapestry.model import DeviceFault, DistressKind, Flag
from tapestry.protocols.cot._detail import CotDetail, detail_of
from tapestry.protocols.cot._event import CotEvent
from tapestry.protocols.cot._make import (
    EMERGENCY_CANCEL,
    IN_CONTACT,
    MEDEVAC,
    PING,
    pong,
    requested_version,
    version_response,
)
from tapestry.protocols.cot._protobuf import protobuf_of, stream_frame
from tapestry.protocols.cot._reader import CotFault, CotReader
from tapestry.wire import (
    Close,
    DistressCall,
    Event,
    Fix,
    Heartbeat,
    Readings,
    Rejections,
    Reply,
    Transport,
    position_flags,
    verify_fixed_at_us,
)

EMERGENCIES: Final = "b-a-o"  # types that begin so call for help …
FENCE_ALARM: Final = "b-a-g"  # … and this one says that a line was crossed
_EMERGENCY_UID: Final = "-9-1-1"
_VISIBLE: Final = "".join(map(chr, range(0x21, 0x7F))).replace("%", "")
MAX_UID_LENGTH: Final = 128
NO_SOURCE: Final = "???"  # of a point whose source is not known


class CotDecoder:
    """One connection or datagram of TAK. See wire.Decoder.

    Args:
        transport: TCP or UDP.
        on_event: Called with every event as it was read, before what it becomes is returned.
    """

    def __init__(
        self, transport: Transport = Transport.TCP, on_event: Callable[[CotEvent], None] | None = None
    ) -> None:
        self._reader = CotReader(transport)
        self._rejections = Rejections()
        self._on_event = on_event
        self._datagram = transport is Transport.UDP

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return what the events that `data` completes say."""
        return self._take(self._reader.feed(data), received_at_us)

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return what the end of the input completes."""
        return self._take(self._reader.end(), received_at_us)

    def _take(self, found: list[CotEvent | CotFault], received_at_us: int) -> list[Event]:
        events: list[Event] = []
        for one in found:
            if self._rejections.closed:
                break
            if isinstance(one, CotFault):
                self._rejections.reject(events, one.raw, one.reason)
                if one.fatal and not self._rejections.closed:
                    self._rejections.closed = True
                    events.append(Close(one.reason))
                continue
            if self._on_event is not None:
                self._on_event(one)
            answer = self._answer(one, received_at_us)
            if answer is not None:
                events += [Heartbeat(), answer]
                continue
            try:
                events += wire_events(one, received_at_us)
            except DeviceFault as fault:
                self._rejections.reject(events, one.raw, str(fault))
        return events

    def _answer(self, event: CotEvent, now_us: int) -> Reply | None:
        if self._datagram:
            return None
        version = requested_version(event)
        if version is not None:
            return Reply(version_response(accepted=version == 1, time_us=now_us).raw, durable=False)
        if event.type == PING:
            answer = pong(time_us=now_us)
            data = stream_frame(protobuf_of(answer)) if self._reader.speaks_protobuf else answer.raw
            return Reply(data, durable=False)
        return None


def wire_events(event: CotEvent, received_at_us: int) -> list[Event]:
    """Return what an event says to the hub: where its sender or a thing is, a call for help, or nothing but a sign.

    Raises:
        DeviceFault: Its detail is not well-formed, its uid cannot be an identity, or its time cannot be that of a fix.
    """
    kind = event.type
    if kind.startswith(("t-", "b-t-f")):
        return [Heartbeat(readings=Readings(codes={"type": kind}))]
    detail = detail_of(event.detail)
    if kind.startswith(EMERGENCIES) and (kind == EMERGENCY_CANCEL or detail.emergency_cancel):
        # A person closes a call for help; that its caller thinks it over is told and no more.
        return [
            Heartbeat(identity_of(event, detail), Readings(codes={"type": kind, "emergency": "cancelled"}))
        ]
    is_call = kind.startswith(EMERGENCIES) or kind == MEDEVAC
    call = DistressKind.CONTACT if kind == IN_CONTACT else DistressKind.SOS
    try:
        verify_fixed_at_us(event.time_us)
    except DeviceFault:
        if not is_call:
            raise
        return [DistressCall(call, received_at_us, identity=_caller(event, detail))]
    fix = _fix(event, detail)
    if not is_call:
        return [fix]
    lat_deg, lon_deg = (None, None) if fix.flags & Flag.NO_FIX else (fix.lat_deg, fix.lon_deg)
    return [fix, DistressCall(call, fix.fixed_at_us, lat_deg, lon_deg, identity=_caller(event, detail))]


def _caller(event: CotEvent, detail: CotDetail) -> str:
    """Return who calls: a request for a MEDEVAC is a marker of its own, of the device that it links to."""
    if event.type == MEDEVAC and detail.link_uid is not None:
        return identity_of_uid(detail.link_uid)
    return identity_of(event, detail)


def identity_of(event: CotEvent, detail: CotDetail) -> str:
    """Return who an event is of: its uid, or for an alert the uid of who raised it.

    Raises:
        DeviceFault: The uid cannot be an identity.
    """
    uid = event.uid
    if event.type.startswith("b-a-"):
        uid = detail.link_uid or uid.removesuffix(_EMERGENCY_UID)
    return identity_of_uid(uid)


def identity_of_uid(uid: str) -> str:
    """Return the identity of a uid; blanks and letters beyond ASCII stand in it as in an address, "%20".

    Raises:
        DeviceFault: It is empty, has signs that cannot be seen, or becomes longer than 128 signs.
    """
    name = quote(uid, safe=_VISIBLE) if uid.isprintable() and uid.strip() else ""
    if not 0 < len(name) <= MAX_UID_LENGTH:
        raise DeviceFault(f"uid {uid[:32]!r}, expected 1 to {MAX_UID_LENGTH} printable signs")
    return f"tak:{name}"


def _fix(event: CotEvent, detail: CotDetail) -> Fix:
    codes: dict[str, bool | int | float | str] = {"type": event.type, "how": event.how}
    if detail.callsign is not None:
        codes["callsign"] = detail.callsign[:64]
    alarms: tuple[str, ...] = ()
    if event.type.startswith(EMERGENCIES) or event.type == MEDEVAC:
        alarms = () if event.type == IN_CONTACT else ("sos",)
    elif event.type.startswith(FENCE_ALARM):
        alarms = ("fence",)
    valid = not (event.how.startswith("m-") and detail.geopointsrc == NO_SOURCE)
    return Fix(
        event.time_us,
        event.lat_deg,
        event.lon_deg,
        speed_mps=detail.speed_mps,
        heading_deg=detail.course_deg,
        alt_m=event.hae_m,
        accuracy_m=None if event.ce_m is None or event.ce_m < 0 else event.ce_m,
        flags=position_flags(lat_deg=event.lat_deg, lon_deg=event.lon_deg, valid=valid),
        identity=identity_of(event, detail),
        readings=Readings(battery_ratio=detail.battery_ratio, alarms=alarms, codes=codes),
    )

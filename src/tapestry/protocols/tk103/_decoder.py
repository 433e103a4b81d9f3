"""From packets of TK103 to events."""

import re
from typing import Final

from tapestry.model import DeviceFault
from tapestry.protocols.tk103._alarm import alarms_of, digit_of, kind_of
from tapestry.protocols.tk103._packet import Packet, battery_readings, fix_of, packet_of
from tapestry.wire import (
    DistressCall,
    Event,
    Heartbeat,
    LineDecoder,
    Login,
    Readings,
    Reply,
    Transport,
    call_at,
)

MAX_LINE_SIZE_BYTES: Final = 2048  # a position has 100 bytes; cell towers and engine readings have more
_END: Final = b")"
_SAME_END: Final = bytes.maketrans(b"\r\n", b"))")
_BODY_ID = re.compile(r"[0-9]{15}")
_HANDSHAKES: Final = frozenset({"BP00", "BP05"})


class Tk103Decoder(LineDecoder):
    """One TK103 connection or datagram. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        super().__init__(transport, ends=_END, most_size_bytes=MAX_LINE_SIZE_BYTES)
        self._identity: str | None = None  # who spoke last
        self._is_body = False  # that is known from the body of a handshake; what stands before it only counts

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the packets that `data` ends, with a bracket or a line end."""
        return super().feed(data.translate(_SAME_END), received_at_us=received_at_us)

    def _read(self, line: bytes, events: list[Event], received_at_us: int) -> None:
        at = line.rfind(b"(")
        if at > 0:  # what stands before the last bracket was cut short, or is no packet
            if line[:at].strip(b" \t\0"):
                self._rejections.reject(events, line[:at], "a new packet began before this one ended with )")
            line = line[at:]
        if self._rejections.closed or not line.strip(b"\0"):
            return
        try:
            self._packet(packet_of(line), events, received_at_us)
        except DeviceFault as fault:
            self._rejections.reject(events, line, str(fault))

    def _packet(self, packet: Packet, events: list[Event], received_at_us: int) -> None:
        self._name(packet, events)
        alarms = alarms_of(packet)
        kind = kind_of(alarms)
        try:
            fix = fix_of(packet, alarms)
        except DeviceFault as fault:
            if kind is None:
                raise
            events += [DistressCall(kind, received_at_us), *_answer(packet, durable=True)]
            raise DeviceFault(f"{fault}; the distress call in it was taken") from fault
        if fix is None:
            readings = battery_readings(packet) if packet.command == "ZC20" else Readings(alarms=alarms)
            events.append(Heartbeat(readings=readings))
        else:
            events.append(fix)
        if kind is not None:
            events.append(call_at(kind, fix, received_at_us=received_at_us))
        events += _answer(packet, durable=fix is not None or kind is not None)

    def _name(self, packet: Packet, events: list[Event]) -> None:
        """Append a Login when another device speaks.

        The first documents put a count before the command and the device's id into the body of a handshake. All later
        ones put the last eleven digits of that id before every command.
        """
        body = _BODY_ID.match(packet.body) if packet.command in _HANDSHAKES and not packet.commas else None
        if body is not None:
            self._is_body = body[0][-11:].lstrip("0") != packet.number[-11:].lstrip("0")
        elif self._is_body:
            return
        number = body[0] if body is not None and self._is_body else packet.number
        is_imei = len(number) == 15 and number[0] != "0"
        identity = f"imei:{number}" if is_imei else f"tk103:{number}"
        if identity != self._identity:
            self._identity = identity
            events.append(Login(identity))


def _answer(packet: Packet, *, durable: bool) -> list[Event]:
    """Return what the device waits for."""
    match packet.command:
        case "BP00":
            said, durable = "AP01HSO", False
        case "BP05":
            said = "AP05"
        case "BO01":
            said = f"AS01{digit_of(packet)}"
        case _:
            return []
    return [Reply(f"({packet.number}{said})".encode(), durable=durable)]

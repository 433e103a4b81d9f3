"""From Teltonika packets to events.

    TCP   once: length(2) IMEI digits            answered 01
          then: 00 00 00 00 length(4) data crc(4)   answered by the number of records(4)
          FF between packets is a sign of life
    UDP   length(2) packet id(2) 01 avl id(1) length(2) IMEI digits data
                                                 answered 00 05 packet id(2) 01 avl id(1) number(1)

A device keeps records until the answer counts them. A packet that cannot be read is answered by 0, so
it comes again; a single record that cannot be true is counted, or it would come again for ever. The
stream has no start mark: when a packet does not begin as it must, the connection is closed, and the
device starts anew from its memory.

Source: Teltonika wiki, "Teltonika Data Sending Protocols".
"""

from typing import Final

from tapestry.model import DeviceFault
from tapestry.protocols.teltonika._record import COMMANDS, distress_kind, fix, records
from tapestry.wire import (
    MAX_BUFFER_SIZE_BYTES,
    Decoder,
    DistressCall,
    Event,
    Heartbeat,
    Login,
    Rejections,
    Reply,
    Transport,
    crc16_arc,
)

IMEI_LENGTH: Final = 15
PING: Final = 0xFF
# Devices send up to 1,280 bytes a packet (some models 4 KiB); the rest is what a buffer may hold.
MAX_DATA_SIZE_BYTES: Final = MAX_BUFFER_SIZE_BYTES - 12
_TCP_HEAD_SIZE_BYTES: Final = 8
_UDP_HEAD_SIZE_BYTES: Final = 8


def make_decoder(transport: Transport) -> Decoder:
    """Return a new decoder for one connection or one datagram."""
    return TeltonikaUdpDecoder() if transport is Transport.UDP else TeltonikaTcpDecoder()


class TeltonikaTcpDecoder:
    """One TCP connection. See wire.Decoder."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._rejections = Rejections()
        self._logged_in = False

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the packets that `data` completes."""
        events: list[Event] = []
        if self._rejections.closed:
            return events
        self._buffer += data
        while not self._rejections.closed and self._step(events, received_at_us):
            pass
        if self._rejections.closed:
            self._buffer.clear()
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return a Rejected for a packet cut short."""
        events: list[Event] = []
        if self._buffer:
            left, self._buffer = bytes(self._buffer), bytearray()
            reason = f"the connection ended inside a packet, after {len(left)} bytes of it"
            self._rejections.reject(events, left, reason)
        return events

    def _step(self, events: list[Event], received_at_us: int) -> bool:
        """Read one login, ping or packet off the buffer; False when more bytes are needed."""
        if not self._logged_in:
            return self._login(events)
        buffer = self._buffer
        if buffer[:1] == bytes([PING]):
            del buffer[:1]
            events.append(Heartbeat())
            return True
        if any(buffer[:4]):
            shown = next(at for at, byte in enumerate(buffer) if byte) + 1
            return self._give_up(events, shown, "no four zero bytes where a packet should begin")
        if len(buffer) < _TCP_HEAD_SIZE_BYTES:
            return False
        size_bytes = int.from_bytes(buffer[4:8], "big")
        if not 3 <= size_bytes <= MAX_DATA_SIZE_BYTES:
            reason = f"data length {size_bytes}, expected 3 to {MAX_DATA_SIZE_BYTES}"
            return self._give_up(events, _TCP_HEAD_SIZE_BYTES, reason)
        total_size_bytes = _TCP_HEAD_SIZE_BYTES + size_bytes + 4
        if len(buffer) < total_size_bytes:
            return False
        packet = bytes(buffer[:total_size_bytes])
        del buffer[:total_size_bytes]
        self._packet(packet, events, received_at_us)
        return True

    def _login(self, events: list[Event]) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        length = buffer[0] << 8 | buffer[1]
        if length == 0:  # a packet, and the device did not say who it is: it is read all the same
            self._logged_in = True
            return True
        if length != IMEI_LENGTH:
            return self._give_up(
                events, 2, f"login of length {length}, expected an IMEI of {IMEI_LENGTH} digits"
            )
        if len(buffer) < 2 + length:
            return False
        digits = bytes(buffer[2 : 2 + length])
        if not digits.isdigit():
            reason = f"login with IMEI {digits!r}, expected {IMEI_LENGTH} digits"
            return self._give_up(events, 2 + length, reason)
        del buffer[: 2 + length]
        self._logged_in = True
        events += [Login(f"imei:{digits.decode()}"), Reply(b"\x01", durable=False)]
        return True

    def _give_up(self, events: list[Event], shown_size_bytes: int, reason: str) -> bool:
        # Only the bytes that show the fault are kept: how many follow depends on how they were cut.
        self._rejections.reject(events, bytes(self._buffer[:shown_size_bytes]), reason)
        if self._rejections.closed:
            return False
        if not self._logged_in:
            events.append(Reply(b"\x00", durable=False))
        self._rejections.close(events, f"{reason}; the device may connect again")
        return False

    def _packet(self, packet: bytes, events: list[Event], received_at_us: int) -> None:
        data = packet[_TCP_HEAD_SIZE_BYTES:-4]
        crc = int.from_bytes(packet[-4:], "big")
        expected = crc16_arc(data)
        try:
            if crc != expected:
                raise DeviceFault(f"CRC 0x{crc:04x}, expected 0x{expected:04x} over {len(data)} bytes")
            count = _read(data, self._rejections, events, received_at_us)
        except DeviceFault as fault:
            self._rejections.reject(events, packet, str(fault))
            count = 0
        _before_close(self._rejections, events, Reply(count.to_bytes(4, "big"), refused=bytes(4)))


class TeltonikaUdpDecoder:
    """One datagram of the UDP channel. See wire.Decoder."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._rejections = Rejections()

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the channel packets that `data` completes."""
        events: list[Event] = []
        if self._rejections.closed:
            return events
        self._buffer += data
        while not self._rejections.closed and len(self._buffer) >= 2:
            size_bytes = 2 + int.from_bytes(self._buffer[:2], "big")
            if size_bytes > MAX_BUFFER_SIZE_BYTES:
                reason = f"channel packet of {size_bytes} bytes, expected at most {MAX_BUFFER_SIZE_BYTES}"
                self._rejections.reject(events, bytes(self._buffer[:2]), reason)
                self._rejections.close(events, reason)
                self._buffer.clear()
                break
            if len(self._buffer) < size_bytes:
                break
            packet = bytes(self._buffer[:size_bytes])
            del self._buffer[:size_bytes]
            self._packet(packet, events, received_at_us)
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return a Rejected for a packet cut short."""
        events: list[Event] = []
        if self._buffer:
            left, self._buffer = bytes(self._buffer), bytearray()
            self._rejections.reject(events, left, f"datagram ended after {len(left)} bytes of a packet")
        return events

    def _packet(self, packet: bytes, events: list[Event], received_at_us: int) -> None:
        length = int.from_bytes(packet[6:8], "big")
        digits = packet[_UDP_HEAD_SIZE_BYTES : _UDP_HEAD_SIZE_BYTES + length]
        if length != IMEI_LENGTH or len(digits) != length or not digits.isdigit():
            reason = f"channel packet with IMEI {digits[:32]!r}, expected {IMEI_LENGTH} digits"
            self._rejections.reject(events, packet, reason)
            return
        events.append(Login(f"imei:{digits.decode()}"))
        head = b"\x00\x05" + packet[2:6]  # packet id, the unusable byte and the AVL packet id come back
        try:
            data = packet[_UDP_HEAD_SIZE_BYTES + length :]
            count = _read(data, self._rejections, events, received_at_us)
        except DeviceFault as fault:
            self._rejections.reject(events, packet, str(fault))
            count = 0
        answer = Reply(head + bytes([count]), refused=head + b"\x00")
        _before_close(self._rejections, events, answer)


def _read(data: bytes, rejections: Rejections, events: list[Event], received_at_us: int) -> int:
    """Append the events of AVL data; return its number of records.

    Raises:
        DeviceFault: The data as a whole cannot be read.
    """
    if data[:1] and data[0] in COMMANDS:
        events.append(Heartbeat())
        return data[1] if len(data) > 1 else 0
    found = records(data)
    faults = []
    for number, record in enumerate(found, start=1):
        kind = distress_kind(record)
        try:
            position = fix(record)
        except DeviceFault as fault:
            faults.append(f"record {number} of {len(found)}: {fault}")
            if kind is not None:  # a call for help is not lost to a fault beside it
                events.append(DistressCall(kind, received_at_us))
            continue
        events.append(position)
        if kind is not None:
            lat_deg, lon_deg = (position.lat_deg, position.lon_deg) if position.flags == 0 else (None, None)
            events.append(DistressCall(kind, position.fixed_at_us, lat_deg, lon_deg))
    for reason in faults:  # last, for one of them may close the connection
        rejections.reject(events, data, reason)
    return len(found)


def _before_close(rejections: Rejections, events: list[Event], reply: Reply) -> None:
    """Append a reply; before the Close, if there is one, for nothing is sent after it."""
    events.insert(len(events) - 1 if rejections.closed else len(events), reply)

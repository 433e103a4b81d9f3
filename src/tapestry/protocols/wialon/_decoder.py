"""From lines of Wialon IPS to events."""

import re
from typing import Final

from tapestry.model import DeviceFault
from tapestry.protocols.wialon._packet import (
    CRC,
    MAX_LINE_SIZE_BYTES,
    SHORT_FIELDS,
    Record,
    identity_of,
    record_of,
    verify_crc16,
    without_password,
)
from tapestry.wire import Event, Heartbeat, LineDecoder, Login, Reply, Transport

_LINE: Final = re.compile(r"([^#]*)#([A-Z]{1,3})#(.*)", re.DOTALL)


class WialonDecoder(LineDecoder):
    """One connection or datagram of Wialon IPS. See wire.Decoder.

    A login that names version 2 means checksums in every packet after it; without one a checksum is known by its
    place, one field more than the packet has.
    """

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        super().__init__(transport, ends=b"\n", most_size_bytes=MAX_LINE_SIZE_BYTES, conceal=without_password)
        self._checked = False  # version 2: packets carry a checksum

    def _read(self, line: bytes, events: list[Event], received_at_us: int) -> None:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            text = line.decode("latin-1")  # texts to drivers come in any alphabet; numbers are ASCII
        found = _LINE.fullmatch(text)
        if found is None:
            raise DeviceFault(f"line {text[:24]!r}, expected #TYPE# and its fields")
        sender, kind, body = found.groups()
        if sender:  # a datagram names its sender: "2.0;<id>" or "<id>"
            version, _, name = sender.rpartition(";")
            self._checked = version.startswith("2")
            events.append(Login(identity_of(name)))
        if kind == "L":
            self._login(body, events)
        elif kind in ("D", "SD"):
            self._position(kind, body, events, received_at_us)
        elif kind == "B":
            self._box(body, events, received_at_us)
        else:
            events.append(Heartbeat())
            answer = {"P": b"#AP#\r\n", "M": b"#AM#1\r\n", "I": b"#AI#NA;0\r\n"}.get(kind)
            if answer is not None:
                events.append(Reply(answer, durable=False))

    def _login(self, body: str, events: list[Event]) -> None:
        fields = body.split(";")
        self._checked = len(fields) >= 3 and fields[0].startswith("2")
        if self._checked and len(fields) >= 4:
            verify_crc16(body[: body.rindex(";") + 1], fields[-1])
        events.append(Login(identity_of(fields[1] if self._checked else fields[0])))
        events.append(Reply(b"#AL#1\r\n", durable=False))

    def _position(self, kind: str, body: str, events: list[Event], received_at_us: int) -> None:
        fields = body.split(";")
        plain = SHORT_FIELDS if kind == "SD" else 16
        if self._checked or (len(fields) > plain and CRC.fullmatch(fields[-1])):
            verify_crc16(body[: body.rfind(";") + 1], fields.pop())
        self._append(record_of(fields, received_at_us=received_at_us, in_box=False), events)
        events.append(Reply(b"#A%s#1\r\n" % kind.encode(), refused=b"#A%s#-1\r\n" % kind.encode()))

    def _box(self, body: str, events: list[Event], received_at_us: int) -> None:
        pieces = body.split("|")
        if self._checked:
            verify_crc16(body[: body.rfind("|") + 1], pieces.pop())
        taken = 0
        faults = []
        for piece in filter(None, pieces):
            try:
                record = record_of(piece.split(";"), received_at_us=received_at_us, in_box=True)
            except DeviceFault as fault:
                faults.append(str(fault))
                continue
            self._append(record, events)
            taken += 1
        if faults:
            # All were read: an answer that counts fewer would bring the good ones again, for ever.
            self._rejections.reject(
                events, f"#B#{body}".encode(), f"{len(faults)} records left out: {faults[0]}"
            )
        if not self._rejections.closed:
            events.append(Reply(b"#AB#%d\r\n" % (taken + len(faults)), refused=b"#AB#0\r\n"))

    @staticmethod
    def _append(record: Record, events: list[Event]) -> None:
        events.append(record.said)
        if record.call is not None:
            events.append(record.call)

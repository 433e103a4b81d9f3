"""From packets of Ruptela to events.

    length(2)  IMEI(8)  command(1)  content  crc(2)      length counts IMEI to content

Records are answered once they are stored; until then the device keeps them. Source: see _record.
"""

from typing import Final

from tapestry.model import DeviceFault
from tapestry.protocols.ruptela._encode import encode_answer
from tapestry.protocols.ruptela._record import fixes_of
from tapestry.wire import Event, Heartbeat, Login, PacketDecoder, Reply, Transport, crc16_kermit

RECORDS: Final = 1
TROUBLE_CODES: Final = 2
IDENTIFICATION: Final = 15
HEARTBEAT: Final = 16
DYNAMIC_IDENTIFICATION: Final = 18
EXTENDED_RECORDS: Final = 68
_KNOWN: Final = frozenset(
    {RECORDS, TROUBLE_CODES, IDENTIFICATION, HEARTBEAT, DYNAMIC_IDENTIFICATION, EXTENDED_RECORDS}
)
MAX_LENGTH_BYTES: Final = 4096  # devices send up to 1 KiB; a damaged length must not swallow minutes
_LEAST_LENGTH_BYTES: Final = 9  # IMEI and command
_MOST_IMEI: Final = 10**15


def begins_packet(first: bytes) -> bool:
    """Return whether first bytes are a packet's head: a length, a number of 14 or 15 digits, a known command."""
    if len(first) < 11:
        return False
    return (
        _LEAST_LENGTH_BYTES <= int.from_bytes(first[:2], "big") <= MAX_LENGTH_BYTES
        and _MOST_IMEI // 100 <= int.from_bytes(first[2:10], "big") < _MOST_IMEI
        and first[10] in _KNOWN
    )


class RuptelaDecoder(PacketDecoder):
    """One connection or datagram of Ruptela. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        del transport  # packets are the same in both
        super().__init__(head_size_bytes=2)
        self._imei = -1

    def _size_bytes(self, head: bytes) -> int:
        length = int.from_bytes(head, "big")
        if not _LEAST_LENGTH_BYTES <= length <= MAX_LENGTH_BYTES:
            raise DeviceFault(f"packet length {length}, expected {_LEAST_LENGTH_BYTES} to {MAX_LENGTH_BYTES}")
        return length + 4

    def _read(self, packet: bytes, events: list[Event], received_at_us: int) -> None:
        crc, expected = int.from_bytes(packet[-2:], "big"), crc16_kermit(packet[2:-2])
        if crc != expected:
            raise DeviceFault(f"CRC 0x{crc:04x}, expected 0x{expected:04x} over {len(packet) - 4} bytes")
        imei, command, content = int.from_bytes(packet[2:10], "big"), packet[10], packet[11:-2]
        if imei != self._imei:
            if imei >= _MOST_IMEI:
                raise DeviceFault(f"IMEI {imei}, expected at most 15 digits")
            self._imei = imei
            events.append(Login(f"imei:{imei:015d}"))
        if command in (RECORDS, EXTENDED_RECORDS):
            fixes, faults = fixes_of(content, extended=command == EXTENDED_RECORDS)
            events += fixes
            # Also of records that cannot be true: they would come again, for ever.
            events.append(Reply(encode_answer(RECORDS, 1), refused=encode_answer(RECORDS, 0)))
            if faults:
                raise DeviceFault(f"{len(faults)} records left out: {faults[0]}")
        else:
            events.append(Heartbeat())
            if command in (TROUBLE_CODES, IDENTIFICATION, DYNAMIC_IDENTIFICATION):
                events.append(Reply(encode_answer(command, 1), durable=False))
            elif command == HEARTBEAT:
                events.append(Reply(encode_answer(command, None), durable=False))

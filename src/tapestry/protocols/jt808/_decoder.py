"""From messages of JT/T 808 to events."""

from datetime import UTC, datetime
from typing import Final

from tapestry.model import DeviceFault
from tapestry.protocols.jt808._encode import encode_message
from tapestry.protocols.jt808._location import calls_of, fix_of
from tapestry.protocols.jt808._message import (
    MARK,
    MAX_MESSAGE_SIZE_BYTES,
    OTHER_MARK,
    Message,
    identity_of,
    message_of,
)
from tapestry.wire import DistressCall, Event, Heartbeat, LineDecoder, Login, Reply, Transport

REGISTER: Final = 0x0100
LOCATION: Final = 0x0200
LOCATION_ANSWER: Final = 0x0201  # a location after the serial number of what asked for it
BATCH: Final = 0x0704
TIME_REQUEST: Final = 0x0109
GENERAL_ANSWER: Final = 0x0001  # of the terminal; it is not answered
MAX_PARTS_SIZE_BYTES: Final = 32_768  # of one message in parts
FAILED: Final = 1  # result of a general answer: send it again


class Jt808Decoder(LineDecoder):
    """One connection or datagram of JT/T 808. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        super().__init__(transport, ends=MARK, most_size_bytes=MAX_MESSAGE_SIZE_BYTES, is_text=False)
        self._begun = False
        self._terminal = b""
        self._parts = b""  # of a message in parts, those before the next one
        self._next_part = (0, 0)  # message id and number of the part that is due

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the messages that `data` ends."""
        if not self._begun and data:
            self._begun = True
            if data[0] == OTHER_MARK:
                self._ends = bytes([OTHER_MARK])
        return super().feed(data, received_at_us=received_at_us)

    def _read(self, line: bytes, events: list[Event], received_at_us: int) -> None:
        message = message_of(line, other_mark=self._ends != MARK)
        if message.terminal != self._terminal:
            self._terminal = message.terminal
            events.append(Login(identity_of(message.terminal)))
        body = self._whole(message)
        if body is None:
            events.append(_answer(message, durable=False))
        elif message.number == LOCATION:
            self._location(message, body, events, received_at_us)
        elif message.number == LOCATION_ANSWER:
            self._location(message, body[2:], events, received_at_us)
        elif message.number == BATCH:
            self._batch(message, body, events, received_at_us)
        else:
            self._other(message, events, received_at_us)

    def _whole(self, message: Message) -> bytes | None:
        """Return the body of a message, its parts joined; None until the last one came."""
        if message.parts <= 1:
            return message.body
        if message.part == 1:
            self._parts, self._next_part = b"", (message.number, 1)
        if self._next_part != (message.number, message.part):
            due = self._next_part[1]
            raise DeviceFault(
                f"part {message.part} of message 0x{message.number:04x}, expected part {due or 1}"
            )
        self._parts += message.body
        if len(self._parts) > MAX_PARTS_SIZE_BYTES:
            self._parts, self._next_part = b"", (0, 0)
            raise DeviceFault(f"message in parts of more than {MAX_PARTS_SIZE_BYTES} bytes")
        if message.part < message.parts:
            self._next_part = (message.number, message.part + 1)
            return None
        body, self._parts, self._next_part = self._parts, b"", (0, 0)
        return body

    def _location(self, message: Message, body: bytes, events: list[Event], received_at_us: int) -> None:
        try:
            fix, calls = fix_of(body, stored=False)
        except DeviceFault as fault:
            kinds = calls_of(body)
            events += [DistressCall(kind, received_at_us) for kind in kinds]
            events.append(_answer(message))
            if kinds:
                raise DeviceFault(f"{fault}; the distress call in it was taken") from fault
            raise
        events.append(fix)
        events += calls
        events.append(_answer(message))

    def _batch(self, message: Message, body: bytes, events: list[Event], received_at_us: int) -> None:
        if len(body) < 3:
            raise DeviceFault(f"batch of {len(body)} bytes, expected 3 or more")
        stored = body[2] == 1
        at = 3
        faults: list[str] = []
        while at + 2 <= len(body):
            size_bytes = int.from_bytes(body[at : at + 2], "big")
            one = body[at + 2 : at + 2 + size_bytes]
            at += 2 + size_bytes
            try:
                fix, calls = fix_of(one, stored=stored)
            except DeviceFault as fault:
                events += [DistressCall(kind, received_at_us) for kind in calls_of(one)]
                faults.append(str(fault))
                continue
            events.append(fix)
            events += calls
        events.append(_answer(message))  # also of bad ones: they would come again, for ever
        if faults:
            raise DeviceFault(f"{len(faults)} locations of a batch left out: {faults[0]}")

    def _other(self, message: Message, events: list[Event], received_at_us: int) -> None:
        events.append(Heartbeat())
        if message.number == REGISTER:
            # the code that the terminal has to show proves nothing, so it is its own number
            code = message.terminal.hex().lstrip("0").encode()
            body = message.serial.to_bytes(2, "big") + b"\x00" + code
            events.append(Reply(encode_message(0x8100, body, message), durable=False))
        elif message.number == TIME_REQUEST:
            events.append(Reply(encode_message(0x8109, _clock(received_at_us), message), durable=False))
        elif message.number != GENERAL_ANSWER:
            events.append(_answer(message, durable=False))


def _answer(message: Message, *, durable: bool = True) -> Reply:
    """Return the general answer 0x8001."""
    head = message.serial.to_bytes(2, "big") + message.number.to_bytes(2, "big")
    refused = encode_message(0x8001, head + bytes([FAILED]), message) if durable else b""
    return Reply(encode_message(0x8001, head + b"\x00", message), durable=durable, refused=refused)


def _clock(now_us: int) -> bytes:
    """Return an instant in UTC as the answer to a time request has it: year (2), month, day, hour, minute, second."""
    now = datetime.fromtimestamp(now_us // 1_000_000, UTC)
    return now.year.to_bytes(2, "big") + bytes([now.month, now.day, now.hour, now.minute, now.second])

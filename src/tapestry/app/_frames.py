"""Frames read by a protocol's decoder, told line by line: for people who set trackers up, and for tests of others."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from tapestry.model import Flag, Refused
from tapestry.protocols import DECODERS
from tapestry.wire import (
    Close,
    Decoder,
    DecoderSpec,
    DistressCall,
    Event,
    Fix,
    Heartbeat,
    Login,
    Readings,
    Rejected,
    Reply,
    Transport,
)


class HttpLine(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request."""

    method: str = "GET"
    url: str = "/"
    headers: dict[str, str] = {}
    body: str | None = None
    body_hex: str | None = None


class InputLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the input: a frame in one of three forms, or the beginning of a new connection."""

    hex: str | None = None
    text: str | None = None
    http: HttpLine | None = None
    new_session: bool = False


class OutputLine(msgspec.Struct, frozen=True, kw_only=True):
    """One event, as it is printed; what it does not say is null."""

    line: int  # of the input, from 1
    kind: str  # fix | distress | status | login | reply | rejected
    tracker: str | None = None
    fixed_at: str | None = None  # RFC 3339, UTC
    lat_deg: float | None = None
    lon_deg: float | None = None
    alt_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    valid: bool | None = None
    stored: bool | None = None
    alarms: tuple[str, ...] = ()
    attributes: dict[str, Any] = {}
    reason: str | None = None
    hex: str | None = None  # of a reply, or of what was rejected


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


NAMES: Final = {
    _plain(name): spec for spec in DECODERS.values() for name in (spec.name, *spec.aliases)
}  # as people may write them: "JT/T 808" is jtt808


def spec_of(name: str) -> DecoderSpec:
    """Return the protocol of a name.

    Raises:
        Refused: There is none.
    """
    found = NAMES.get(_plain(name))
    if found is None:
        raise Refused(
            f"protocol {name!r}, expected one of {', '.join(sorted(DECODERS))}; choose one of these"
        )
    return found


class Frames:
    """Feeds whole frames to one decoder, in order, and tells what came out."""

    def __init__(self, spec: DecoderSpec, *, received_at_us: int) -> None:
        self._spec = spec
        self._received_at_us = received_at_us
        self._decoder: Decoder | None = None
        self._tracker: str | None = None
        self._line = 0

    def lines(self, pieces: Iterator[str]) -> Iterator[OutputLine]:
        """Return what lines of JSON say; a line that is none is a rejection of its own."""
        for number, piece in enumerate(pieces, 1):
            if not piece.strip():
                continue
            try:
                given = msgspec.json.decode(piece, type=InputLine)
                if given.new_session:
                    yield from self.end()
                self._line = number
                data = self._bytes_of(given)
            except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as err:
                self._line = number
                yield OutputLine(line=number, kind="rejected", reason=f"not a line of input: {err}")
                continue
            if data is not None:
                yield from self.feed(data, number)
        yield from self.end()

    def feed(self, data: bytes, line: int) -> Iterator[OutputLine]:
        """Return what one whole frame says. A frame that is not whole is rejected, and the connection goes on."""
        self._line = line
        spec = self._spec
        datagram = Transport.TCP not in spec.transports or (
            spec.is_datagram is not None and spec.is_datagram(data)
        )
        if datagram:
            decoder = spec.make(Transport.UDP)
            events = decoder.feed(data, received_at_us=self._received_at_us)
            events += decoder.end(received_at_us=self._received_at_us)
            yield from self._told(events)
            return
        if self._decoder is None:
            self._decoder = spec.make(Transport.TCP)
        before = copy.deepcopy(self._decoder)
        ends = spec.terminator
        whole = data if not ends or data.endswith(ends) else data + ends
        events = self._decoder.feed(whole, received_at_us=self._received_at_us)
        left = copy.deepcopy(self._decoder).end(received_at_us=self._received_at_us)
        cut = [event for event in left if isinstance(event, Rejected)]
        if cut:  # what this frame lacks must not swallow the next one
            self._decoder = before
            events += cut
        if any(isinstance(event, Close) for event in events):
            self._decoder = None
        yield from self._told(events)

    def raw(
        self, data: bytes, line: int, *, transport: Transport, received_at_us: int
    ) -> Iterator[OutputLine]:
        """Return what bytes say that came as they are: of a connection, cut anywhere, or a whole datagram."""
        self._line, self._received_at_us = line, received_at_us
        if transport is Transport.UDP:
            decoder = self._spec.make(Transport.UDP)
            events = decoder.feed(data, received_at_us=received_at_us)
            yield from self._told(events + decoder.end(received_at_us=received_at_us))
            return
        if self._decoder is None:
            self._decoder = self._spec.make(Transport.TCP)
        yield from self._told(self._decoder.feed(data, received_at_us=received_at_us))

    def end(self) -> Iterator[OutputLine]:
        """Return what the end of a connection completes; the next frame begins a new one."""
        decoder, self._decoder = self._decoder, None
        if decoder is not None:
            yield from self._told(decoder.end(received_at_us=self._received_at_us))
        self._tracker = None

    def _bytes_of(self, given: InputLine) -> bytes | None:
        if given.http is not None:
            return _request(given.http)
        if given.hex is not None:
            data = bytes.fromhex(given.hex)
        elif given.text is not None:
            data = given.text.encode("latin-1") if given.text.isascii() else given.text.encode()
        else:
            return None
        if self._spec.http and not data.split(b" ", 1)[0].isalpha():
            return _request(HttpLine(method="POST", body_hex=data.hex()))
        return data

    def _told(self, events: list[Event]) -> Iterator[OutputLine]:
        calls = [event for event in events if isinstance(event, DistressCall)]
        for event in events:
            if isinstance(event, Login):
                self._tracker = event.identity
            yield from self._of(event, calls)

    def _of(self, event: Event, calls: list[DistressCall]) -> Iterator[OutputLine]:
        tracker = getattr(event, "identity", None) or self._tracker
        match event:
            case Fix():
                alarms = event.readings.alarms if event.readings is not None else ()
                of_calls = [call.kind.value for call in calls if call.raised_at_us == event.fixed_at_us]
                yield OutputLine(
                    line=self._line,
                    kind="fix",
                    tracker=tracker,
                    fixed_at=_moment(event.fixed_at_us),
                    lat_deg=event.lat_deg,
                    lon_deg=event.lon_deg,
                    alt_m=event.alt_m,
                    speed_mps=event.speed_mps,
                    heading_deg=event.heading_deg,
                    valid=not event.flags & Flag.NO_FIX,
                    stored=bool(event.flags & Flag.BUFFERED),
                    alarms=tuple(dict.fromkeys([*of_calls, *alarms])),
                    attributes=_attributes(event.readings)
                    | ({} if event.accuracy_m is None else {"accuracy_m": event.accuracy_m}),
                )
            case DistressCall():
                yield OutputLine(
                    line=self._line, kind="distress", tracker=tracker, fixed_at=_moment(event.raised_at_us),
                    lat_deg=event.lat_deg, lon_deg=event.lon_deg, alarms=(event.kind.value,),
                    attributes={"silent": True} if event.silent else {},
                )  # fmt: skip
            case Heartbeat():
                alarms = event.readings.alarms if event.readings is not None else ()
                yield OutputLine(
                    line=self._line, kind="status", tracker=tracker, alarms=alarms,
                    attributes=_attributes(event.readings),
                )  # fmt: skip
            case Login():
                yield OutputLine(line=self._line, kind="login", tracker=tracker)
            case Reply():
                yield OutputLine(line=self._line, kind="reply", tracker=tracker, hex=event.data.hex())
            case Rejected():
                yield OutputLine(
                    line=self._line,
                    kind="rejected",
                    tracker=tracker,
                    reason=event.reason,
                    hex=event.raw.hex(),
                )
            case Close() if not event.reason.startswith("HTTP 200"):  # a client may end after its answer
                yield OutputLine(line=self._line, kind="rejected", tracker=tracker, reason=event.reason)


def _attributes(readings: Readings | None) -> dict[str, Any]:
    """Return what was read beside the place, by name; numbered codes stand beside the named ones."""
    if readings is None:
        return {}
    named = msgspec.structs.asdict(readings)
    codes = named.pop("codes") or {}
    del named["alarms"]
    return {name: value for name, value in named.items() if value is not None} | codes


def _request(line: HttpLine) -> bytes:
    body = bytes.fromhex(line.body_hex) if line.body_hex is not None else (line.body or "").encode()
    target = line.url
    if "://" in target:  # the path and all after it
        target = "/" + target.partition("://")[2].partition("/")[2]
    given = {name.lower(): value for name, value in line.headers.items()}
    given.pop("transfer-encoding", None)
    headers = {"host": "localhost"} | given | {"content-length": str(len(body))}
    head = [
        f"{line.method.upper()} {target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1", "replace") + body


def _moment(at_us: int) -> str:
    """Return an instant as RFC 3339 in UTC, with a fraction of a second only where it has one."""
    try:
        moment = datetime.fromtimestamp(at_us // 1_000_000, UTC).replace(microsecond=at_us % 1_000_000)
    except (OverflowError, ValueError, OSError):
        return f"{at_us} µs since 1970"
    return moment.isoformat().replace("+00:00", "Z")


def input_lines(frames: list[str]) -> Iterator[str]:
    """Return frames that were given as words of a command as lines of input: hexadecimal where they are, else text."""
    for frame in frames:
        plain = (
            frame.replace(" ", "").replace(":", "") if not frame.startswith(("$", "*", "#", "(")) else frame
        )
        is_hex = (
            len(plain) % 2 == 0
            and len(plain) >= 8
            and all(sign in "0123456789abcdefABCDEF" for sign in plain)
        )
        yield json.dumps(
            {"hex": plain} if is_hex else {"text": frame.replace("\\r", "\r").replace("\\n", "\n")}
        )

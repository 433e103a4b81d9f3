"""What a hub answers, read back: which of the frames sent are safe. Sans-I/O, one reader per protocol."""

from collections.abc import Callable
from enum import Enum
from typing import Final
from typing import Protocol as TypingProtocol

import httptools
import msgspec

from tapestry.model import Refused
from tapestry.protocols import DECODERS
from tapestry.wire import Transport


class Answer(Enum):
    """What became of the oldest frame that waits for an answer."""

    STORED = "stored"  # the hub has it for good
    REJECTED = "rejected"  # the hub will never take it: do not send it again
    RETRY = "retry"  # the hub could not store it now: everything unanswered goes again


class AnswerReader(TypingProtocol):
    """Bytes from the hub in, answers out, in the order of the frames they belong to."""

    def feed(self, data: bytes) -> list[Answer]:
        """Return the answers that `data` completes."""
        ...


class JsonLinesAnswers:
    """{"ack": n} counts accepted lines since the connection began; {"error": …} speaks of one line."""

    def __init__(self) -> None:
        self._rest = b""
        self._acked_count = 0

    def feed(self, data: bytes) -> list[Answer]:
        """Return the answers that `data` completes."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        answers: list[Answer] = []
        for line in lines:
            told = msgspec.json.decode(line, type=dict[str, int | str])
            acked_count = told.get("ack")
            if isinstance(acked_count, int):
                answers += [Answer.STORED] * (acked_count - self._acked_count)
                self._acked_count = acked_count
            else:
                answers.append(Answer.RETRY if "refused" in told else Answer.REJECTED)
        return answers


class Gt06Answers:
    """Short frames 78 78 … 0D 0A; each answers one login, alarm or heartbeat."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Answer]:
        """Return the answers that `data` completes."""
        self._rest += data
        answers: list[Answer] = []
        while len(self._rest) >= 3 and len(self._rest) >= (size_bytes := self._rest[2] + 5):
            self._rest = self._rest[size_bytes:]
            answers.append(Answer.STORED)
        return answers


class TeltonikaAnswers:
    """One byte for the login, 1 or 0; then four bytes a packet, the number of records stored."""

    def __init__(self) -> None:
        self._rest = b""
        self._logged_in = False

    def feed(self, data: bytes) -> list[Answer]:
        """Return the answers that `data` completes."""
        self._rest += data
        answers: list[Answer] = []
        if not self._logged_in and self._rest:
            answers.append(Answer.STORED if self._rest[0] == 1 else Answer.REJECTED)
            self._logged_in, self._rest = True, self._rest[1:]
        while len(self._rest) >= 4:
            answers.append(Answer.STORED if any(self._rest[:4]) else Answer.RETRY)
            self._rest = self._rest[4:]
        return answers


class HttpAnswers:
    """One HTTP response a request: 2xx is stored, 5xx and 429 mean later, anything else never."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answers: list[Answer] = []

    def feed(self, data: bytes) -> list[Answer]:
        """Return the answers that `data` completes."""
        self._parser.feed_data(data)
        answers, self._answers = self._answers, []
        return answers

    def on_message_complete(self) -> None:
        """Note one answer; called by the parser."""
        status = self._parser.get_status_code()
        if status == 100:
            return
        if 200 <= status < 300:
            self._answers.append(Answer.STORED)
        else:
            self._answers.append(Answer.RETRY if status >= 500 or status == 429 else Answer.REJECTED)


class NoAnswers:
    """For protocols that never answer."""

    def feed(self, data: bytes) -> list[Answer]:
        """Return nothing, whatever comes."""
        del data
        return []


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """How a device of one protocol waits for its hub."""

    reader: Callable[[], AnswerReader]
    window: int  # frames that may wait for an answer at once; devices in the field mostly send one by one
    login_answered: bool
    fix_answered: bool
    distress_answered: bool


DIALECTS: Final = {
    "jsonlines": Dialect(
        reader=JsonLinesAnswers, window=1000, login_answered=True, fix_answered=True, distress_answered=True
    ),
    "osmand": Dialect(
        reader=HttpAnswers, window=1, login_answered=False, fix_answered=True, distress_answered=True
    ),
    "gt06": Dialect(
        reader=Gt06Answers, window=1000, login_answered=True, fix_answered=False, distress_answered=True
    ),
    "teltonika": Dialect(
        reader=TeltonikaAnswers, window=1, login_answered=True, fix_answered=True, distress_answered=True
    ),
    "nmea": Dialect(
        reader=NoAnswers, window=1000, login_answered=False, fix_answered=False, distress_answered=False
    ),
}
"""By protocol name, as in the tables of `protocols`; those whose answers are read."""


_SENDS_ON: Final = Dialect(
    reader=NoAnswers, window=1000, login_answered=False, fix_answered=False, distress_answered=False
)
_ASKS: Final = DIALECTS["osmand"]  # HTTP: one request at a time, each answered


def dialect_of(protocol: str) -> Dialect:
    """Return how devices of a protocol talk: those whose answers are not read here send on and on.

    Raises:
        Refused: The simulator does not speak it: nobody does, or over datagrams alone.
    """
    found = DIALECTS.get(protocol)
    if found is not None:
        return found
    spec = DECODERS.get(protocol)
    if spec is None or Transport.TCP not in spec.transports:
        raise Refused(f"the simulator does not speak {protocol!r}; it speaks {', '.join(sorted(spoken()))}")
    return _ASKS if spec.http else _SENDS_ON


def spoken() -> list[str]:
    """Return the protocols that the simulator speaks."""
    return [name for name, spec in DECODERS.items() if Transport.TCP in spec.transports]

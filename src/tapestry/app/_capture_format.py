"""The form of a capture: lines of JSON, each with the SHA-256 of the line before it and of itself.

    {"chain":"<SHA-256 of the chain before, then of this record as it stands here>","record":{…}}

A line that is changed, left out or put in breaks the chain from there on. The first record of each file repeats the
chain that the file before ended with. Who keeps the last chain elsewhere (`tapestry capture list` shows it) can prove
the whole.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from tapestry.model import CustodyFault

FIRST_CHAIN: Final = hashlib.sha256(b"tapestry capture 1").hexdigest()
"""What stands before the first record of a capture."""


class CaptureKind(StrEnum):
    """What a record says."""

    BEGIN = "begin"  # a file begins
    OPENED = "opened"  # a connection or datagram is followed from here on
    RECEIVED = "received"  # bytes of the device
    SENT = "sent"  # bytes to the device
    CLOSED = "closed"  # a connection ended
    END = "end"  # the capture ended, and why


class CaptureLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One record."""

    kind: CaptureKind
    at: datetime  # hub's clock (UTC); of bytes that waited to be whole: when the last of them came
    capture: str = ""  # of a begin: the capture's name …
    file: int = 0  # … the number of the file, from 1 …
    by: str = ""  # … who started it
    previous: str = ""  # … the chain that the file before ended with
    connection: str = ""  # its name in this capture
    protocol: str = ""  # of an opened: the port's …
    transport: str = ""  # … tcp or udp …
    remote: str = ""  # … address and port of the sender …
    from_start: bool = True  # … False: it was open before the capture began
    hex: str = ""
    concealed: bool = False  # keys were struck out of these bytes
    why: str = ""  # of an end


class _Chained(msgspec.Struct):
    chain: str
    record: msgspec.Raw


_chained_of = msgspec.json.Decoder(_Chained).decode
_record_of = msgspec.json.Decoder(CaptureLine).decode


def chained(before: str, line: CaptureLine) -> tuple[str, bytes]:
    """Return the chain with this record, and its line as it is written.

    Args:
        before: The chain so far, FIRST_CHAIN at the beginning.
    """
    record = msgspec.json.encode(line)
    chain = hashlib.sha256(before.encode() + record).hexdigest()
    return chain, b'{"chain":"%s","record":%s}\n' % (chain.encode(), record)


def line_of(raw: bytes) -> tuple[str, CaptureLine]:
    """Return the chain that a line names and its record, without checking one against the other.

    Raises:
        CustodyFault: It is no line of a capture.
    """
    try:
        found = _chained_of(raw)
        return found.chain, _record_of(found.record)
    except (msgspec.DecodeError, ValueError) as err:
        raise CustodyFault(f"no line of a capture: {str(err)[:120]}") from err


def verify_lines(
    lines: Iterable[bytes], *, before: str = FIRST_CHAIN, what: str = "capture"
) -> Iterator[CaptureLine]:
    """Yield the records of lines whose chain holds.

    Args:
        before: The chain that the first line follows.
        what: Where the lines are from, for the fault.

    Raises:
        CustodyFault: A line is none, or its chain is not the one that it should be; names the line.
    """
    for number, raw in enumerate(lines, 1):
        try:
            said = _chained_of(raw)
            record = _record_of(said.record)
        except (msgspec.DecodeError, ValueError) as err:
            raise CustodyFault(f"{what}, line {number}: no line of a capture: {str(err)[:120]}") from err
        expected = hashlib.sha256(before.encode() + bytes(said.record)).hexdigest()
        if said.chain != expected:
            raise CustodyFault(
                f"{what}, line {number}: chain {said.chain[:16]}…, expected {expected[:16]}…; "
                "it or a line before it was changed, left out or put in"
            )
        before = expected
        yield record

"""Every device's line to the hub, behind one door for reports."""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np

from tapestry.model import DistressKind, Refused
from tapestry.protocols import ENCODERS
from tapestry.sim.fleet._answer import dialect_of
from tapestry.sim.fleet._datagram import DatagramLink
from tapestry.sim.fleet._link import Link, Tally
from tapestry.wire import DistressCall, EncoderSpec, Fix, Transport

SHARED_LINES: Final = ("jsonlines",)
"""Protocols whose every line names its sender: many devices may share one connection."""
DATAGRAMS: Final = ("jsonlines", "nmea")
"""Protocols that the simulator can send as datagrams: login and position in one, as they are on TCP."""
IMEI_LENGTH: Final = 15
MAX_SERIALS: Final = 10**13
"""An IMEI is two digits of who issued it, twelve of model and serial, one check digit."""


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Where the hub listens for one protocol."""

    host: str
    port: int
    transport: Transport = Transport.TCP


def identity_of(protocol: str, name: str) -> str:
    """Return the identity by which a device of that name reports.

    Args:
        name: Any name of a recording or a vehicle. Where the protocol wants an IMEI, fifteen digits are
            taken as they are; from any other name digits are derived that are the same every time.

    Raises:
        Refused: Nobody speaks that protocol.
    """
    scheme = encoder_of(protocol).scheme
    if scheme != "imei" or (len(name) == IMEI_LENGTH and name.isdigit()):
        return f"{scheme}:{'_'.join(name.split()) or 'unnamed'}"
    serial = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % (MAX_SERIALS // 10)
    digits = f"99{serial:012d}"  # 99 is not handed out to any maker
    return f"imei:{digits}{_luhn_digit(digits)}"


def _luhn_digit(digits: str) -> int:
    """Return the check digit. Source: ISO/IEC 7812-1 annex B."""
    doubled = [int(x) * (2 if place % 2 else 1) for place, x in enumerate(digits)]
    return -sum(x - 9 if x > 9 else x for x in doubled) % 10


def encoder_of(protocol: str) -> EncoderSpec:
    """Return how a protocol says things.

    Raises:
        Refused: Nobody speaks that protocol.
    """
    if protocol not in ENCODERS:
        raise Refused(f"no protocol {protocol!r}; there are {', '.join(sorted(ENCODERS))}")
    return ENCODERS[protocol]


class Fleet:
    """The devices of a simulation or a replay, each on a line of its own.

    Args:
        doors: Where the hub listens, by protocol name.
        rng: Chance for the back-off of broken lines.
        shared: Devices of protocols in SHARED_LINES use this many connections together; 0: one each.

    Raises:
        Refused: A protocol that nobody speaks, or one that cannot be sent as datagrams.
    """

    def __init__(self, doors: Mapping[str, Door], *, rng: np.random.Generator, shared: int = 0) -> None:
        for protocol, door in doors.items():
            encoder_of(protocol)
            dialect_of(protocol)
            if door.transport is Transport.UDP and protocol not in DATAGRAMS:
                raise Refused(
                    f"{protocol} over UDP cannot be simulated, only {', '.join(DATAGRAMS)} can; use TCP"
                )
        self._doors, self._rng, self._shared = dict(doors), rng, shared
        self._links: dict[str, Link | DatagramLink] = {}
        self._unsayable = 0

    @property
    def tally(self) -> Tally:
        """What all devices did so far."""
        total = Tally(unsayable=self._unsayable)
        for link in self._links.values():
            total.add(link.tally)
        return total

    @property
    def backlog(self) -> int:
        """How many frames are not safe yet."""
        return sum(link.backlog for link in self._links.values())

    def send(self, protocol: str, identity: str, content: Fix | DistressCall) -> None:
        """Give one report to its device. A distress call that the protocol has no word for goes as SOS.

        Raises:
            Refused: There is no door for that protocol.
        """
        encoder, dialect = encoder_of(protocol), dialect_of(protocol)
        if isinstance(content, Fix):
            data, answered = encoder.fix(content, identity), dialect.fix_answered
        else:
            call = content
            if call.kind not in encoder.distress_kinds:
                call = msgspec.structs.replace(call, kind=DistressKind.SOS)
            if call.kind not in encoder.distress_kinds:
                self._unsayable += 1
                return
            data, answered = encoder.distress(call, identity), dialect.distress_answered
        self._link(protocol, identity).send(data, answered=answered)

    async def room(self, max_backlog: int) -> None:
        """Return when at most `max_backlog` frames wait: as fast as the hub takes them."""
        while self.backlog > max_backlog:
            await max(self._links.values(), key=lambda link: link.backlog).idle()

    async def finish(self, *, timeout_s: float) -> Tally:
        """Wait until the hub has everything, at most `timeout_s`; then close every line.

        Returns:
            The tally; what was still waiting counts as dropped.
        """
        waits = [asyncio.ensure_future(link.idle()) for link in self._links.values() if link.backlog]
        if waits:
            _, late = await asyncio.wait(waits, timeout=timeout_s)
            for wait in late:
                wait.cancel()
        await asyncio.gather(*(link.close() for link in self._links.values()))
        return self.tally

    def _link(self, protocol: str, identity: str) -> Link | DatagramLink:
        shares = bool(self._shared) and protocol in SHARED_LINES
        key = f"{protocol} line {hash_of(identity) % self._shared}" if shares else f"{protocol} {identity}"
        if key not in self._links:
            self._links[key] = self._new_link(
                protocol, b"" if shares else encoder_of(protocol).login(identity)
            )
        return self._links[key]

    def _new_link(self, protocol: str, login: bytes) -> Link | DatagramLink:
        if protocol not in self._doors:
            raise Refused(f"no door for protocol {protocol}; give its host and port")
        door = self._doors[protocol]
        if door.transport is Transport.UDP:
            return DatagramLink(host=door.host, port=door.port, login=login)
        return Link(host=door.host, port=door.port, dialect=dialect_of(protocol), login=login, rng=self._rng)


def hash_of(identity: str) -> int:
    """Return a number for an identity that is the same in every process."""
    return int.from_bytes(hashlib.sha256(identity.encode()).digest()[:4], "big")

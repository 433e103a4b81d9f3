"""Which captures run: kept on the bus, where the gateway hears of each change at once; each change is in the Log."""

import ipaddress
import re
from datetime import datetime
from typing import Final

import msgspec

from tapestry.app.directory import REF_BUCKET
from tapestry.app.ports import Bus, Store
from tapestry.model import Refused
from tapestry.protocols import DOORS

CAPTURES_KEY: Final = "captures"
AT_START: Final = "serve"  # the capture that `tapestry serve --capture` runs
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
MAX_RUNNING: Final = 8  # each sees every read of every socket
MAX_LIMIT_SIZE_BYTES: Final = 64 * 1024**3


class CaptureOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One capture that runs."""

    name: str
    folder: str  # absolute path where its own folder is made
    by: str  # who started it
    since: datetime
    until: datetime | None = None
    protocols: tuple[str, ...] = ()  # names of ports; empty: all
    networks: tuple[str, ...] = ()  # addresses and networks of senders; empty: all
    most_size_bytes: int = 1024**3  # of all its files; it ends when they are full

    def takes(self, protocol: str, address: str) -> bool:
        """Return whether it keeps what this address sends to this protocol's port."""
        if self.protocols and protocol not in self.protocols:
            return False
        if not self.networks:
            return True
        try:
            sender = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(sender, ipaddress.IPv6Address) and sender.ipv4_mapped is not None:
            sender = sender.ipv4_mapped
        return any(sender in ipaddress.ip_network(network) for network in self.networks)


def verify_order(order: CaptureOrder) -> None:
    """Check what people typed.

    Raises:
        Refused: A name that cannot be a folder's, a protocol or an address that is none, a limit beyond bounds.
    """
    if NAME.fullmatch(order.name) is None:
        raise Refused(
            f"capture {order.name!r}, expected up to 64 letters, digits, points, hyphens; choose another name"
        )
    for protocol in order.protocols:
        if protocol not in DOORS:
            raise Refused(f"protocol {protocol!r}, expected one of {', '.join(DOORS)}; choose one of these")
    for network in order.networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as err:
            raise Refused(f"address {network!r}, expected one such as 10.0.0.5 or 10.0.0.0/8: {err}") from err
    if not 0 < order.most_size_bytes <= MAX_LIMIT_SIZE_BYTES:
        raise Refused(
            f"limit of {order.most_size_bytes} bytes, expected at most {MAX_LIMIT_SIZE_BYTES}; choose a smaller one"
        )


def orders_of(body: bytes | None) -> tuple[CaptureOrder, ...]:
    """Return the captures of the key's value; none when it was never written."""
    return () if body is None else msgspec.json.decode(body, type=tuple[CaptureOrder, ...])


async def running_captures(bus: Bus, *, now: datetime) -> tuple[CaptureOrder, ...]:
    """Return the captures that run, without those whose time is over."""
    found = orders_of(await bus.get(REF_BUCKET, CAPTURES_KEY))
    return tuple(one for one in found if one.until is None or one.until > now)


async def start_capture(store: Store, bus: Bus, order: CaptureOrder, *, actor: str, now: datetime) -> None:
    """Start a capture: first into the Log, then to the gateway.

    Raises:
        Refused: What was typed cannot be, one of this name runs, or too many run.
    """
    verify_order(order)
    running = await running_captures(bus, now=now)
    if order.name in {one.name for one in running}:
        raise Refused(f"capture {order.name!r} runs already; stop it, or choose another name")
    if len(running) >= MAX_RUNNING:
        raise Refused(f"{len(running)} captures run, expected fewer than {MAX_RUNNING}; stop one")
    details = {
        "by": order.by,
        "protocols": list(order.protocols),
        "networks": list(order.networks),
        "until": None if order.until is None else order.until.isoformat(),
        "most_size_bytes": order.most_size_bytes,
    }
    await store.append_log(
        at=now, actor=actor, action="start-capture", subject=f"capture/{order.name}", details=details
    )
    await bus.put(REF_BUCKET, CAPTURES_KEY, msgspec.json.encode((*running, order)))


async def stop_capture(
    store: Store, bus: Bus, name: str, *, by: str, actor: str, now: datetime
) -> CaptureOrder:
    """Stop a capture: first at the gateway, then into the Log.

    Raises:
        Refused: None of this name runs.
    """
    running = await running_captures(bus, now=now)
    stopped = next((one for one in running if one.name == name), None)
    if stopped is None:
        names = ", ".join(one.name for one in running) or "none"
        raise Refused(f"capture {name!r} does not run; running: {names}")
    left = tuple(one for one in running if one is not stopped)
    await bus.put(REF_BUCKET, CAPTURES_KEY, msgspec.json.encode(left))
    await store.append_log(
        at=now, actor=actor, action="stop-capture", subject=f"capture/{name}", details={"by": by}
    )
    return stopped

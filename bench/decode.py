"""Frames a second that each protocol decodes on one core: bytes to events, nothing else.

Run: python -m bench.decode [seconds per protocol]
"""

import sys
import time

from rich.console import Console
from rich.table import Table

from tapestry.protocols import DECODERS, ENCODERS
from tapestry.wire import Decoder, Fix, Transport

# What one read of a busy socket gives: enough frames to fill about 64 KiB.
CHUNK_SIZE_BYTES = 65_536
VEHICLES = 64  # different senders behind one connection, where a protocol allows it


def chunk_of(name: str) -> tuple[bytes, int]:
    """Return one socket read full of positions, and how many are in it."""
    encoder = ENCODERS[name]
    frames: list[bytes] = []
    size_bytes = 0
    while size_bytes < CHUNK_SIZE_BYTES:
        number = len(frames)
        fix = Fix(
            1_760_000_000_000_000 + number * 1_000_000,
            33.3152 + number * 1e-5,
            44.3661 + number * 1e-5,
            speed_mps=22.5,
            heading_deg=181.5,
            alt_m=34.0,
            accuracy_m=4.5,
        )
        frame = encoder.fix(fix, identity_of(name, number % VEHICLES))
        frames.append(frame)
        size_bytes += len(frame)
    return b"".join(frames), len(frames)


def identity_of(name: str, number: int) -> str:
    """Return the identity of one sender."""
    return f"{ENCODERS[name].scheme}:{356_307_042_440_000 + number}"


def opened(name: str) -> Decoder:
    """Return a decoder of a connection that has logged in."""
    decoder = DECODERS[name].make(Transport.TCP)
    if login := ENCODERS[name].login(identity_of(name, 0)):
        decoder.feed(login, received_at_us=1_760_000_000_000_000)
    return decoder


def _datagrams(name: str, seconds: float) -> float:
    """Return the same for a protocol of datagrams, one position each."""
    fix = Fix(1_760_000_000_000_000, 33.3152, 44.3661, speed_mps=22.5, heading_deg=181.5)
    frame = ENCODERS[name].fix(fix, identity_of(name, 0))
    make = DECODERS[name].make
    count = 0
    start = time.perf_counter()
    while (elapsed_s := time.perf_counter() - start) < seconds:
        decoder = make(Transport.UDP)
        events = decoder.feed(frame, received_at_us=1_760_000_000_000_000)
        events += decoder.end(received_at_us=1_760_000_000_000_000)
        assert any(type(one) is Fix for one in events), f"{name}: a datagram gave no position"
        count += 1
    return count / elapsed_s


def measure(seconds: float) -> dict[str, float]:
    """Return protocol -> decoded positions a second on one core.

    Args:
        seconds: How long each protocol is measured, after one round to warm it.

    Raises:
        AssertionError: A protocol did not give back every position: its figure would be worth nothing.
    """
    rates = {}
    for name, spec in DECODERS.items():
        chunk, count = chunk_of(name)
        if Transport.TCP not in spec.transports:
            rates[name] = _datagrams(name, seconds)
            continue
        decoder = opened(name)
        events = decoder.feed(chunk, received_at_us=1_760_000_000_000_000)
        assert sum(type(one) is Fix for one in events) == count, f"{name}: not every frame gave a position"
        rounds = 0
        start = time.perf_counter()
        while (elapsed_s := time.perf_counter() - start) < seconds:
            decoder.feed(chunk, received_at_us=1_760_000_000_000_000)
            rounds += 1
        rates[name] = rounds * count / elapsed_s
    return rates


def main() -> None:
    """Print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    table = Table(title="Positions decoded a second on one core")
    table.add_column("protocol")
    table.add_column("positions/s", justify="right")
    for name, rate in measure(seconds).items():
        table.add_row(DECODERS[name].title, f"{rate:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()

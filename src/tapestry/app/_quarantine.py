"""What intake could not place: identities that nobody bound, frames that broke their protocol.

Both are told to people, neither may become a flood: counts are summed here and written every few seconds,
and only so many rejected frames a second are kept whole (all are counted).
"""

import asyncio
from datetime import UTC, datetime

import msgspec
import structlog

from tapestry.app import telemetry
from tapestry.app.ports import Bus, Quarantined, RejectedFrame
from tapestry.model import OutsideFault
from tapestry.wire import Fix

FLUSH_EVERY_S = 2.0
MAX_WAITING_IDENTITIES = 5_000  # more unknown identities in two seconds is an attack, not a fleet
MAX_WAITING_REJECTED = 50  # frames kept whole per flush

log = structlog.get_logger()


class Quarantine:
    """Counts since the last flush."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._unknown: dict[str, Quarantined] = {}
        self._rejected: list[RejectedFrame] = []

    def count_fix(self, identity: str, protocol: str, remote: str, fix: Fix, received_at_us: int) -> None:
        """Note that an identity without a vehicle sent a fix."""
        at = datetime.fromtimestamp(received_at_us / 1_000_000, UTC)
        seen = self._unknown.get(identity)
        if seen is None:
            if len(self._unknown) >= MAX_WAITING_IDENTITIES:
                return
            self._unknown[identity] = Quarantined(
                identity=identity, protocol=protocol, remote=remote, first_at=at, last_at=at, count=1,
                lat_deg=fix.lat_deg, lon_deg=fix.lon_deg,
            )  # fmt: skip
        else:
            self._unknown[identity] = msgspec.structs.replace(
                seen,
                remote=remote,
                last_at=at,
                count=seen.count + 1,
                lat_deg=fix.lat_deg,
                lon_deg=fix.lon_deg,
            )

    def reject(
        self, protocol: str, remote: str, identity: str | None, raw: bytes, reason: str, received_at_us: int
    ) -> None:
        """Count a rejected frame, and keep it if there is room."""
        telemetry.REJECTED.labels(protocol).inc()
        if len(self._rejected) < MAX_WAITING_REJECTED:
            at = datetime.fromtimestamp(received_at_us / 1_000_000, UTC)
            self._rejected.append(
                RejectedFrame(
                    received_at=at,
                    protocol=protocol,
                    remote=remote,
                    identity=identity,
                    reason=reason,
                    raw_hex=raw.hex(),
                )
            )

    async def flush(self) -> None:
        """Write what was gathered; what the bus does not take now is dropped: it is news, not evidence."""
        unknown, self._unknown = self._unknown, {}
        rejected, self._rejected = self._rejected, []
        try:
            for entry in unknown.values():
                await self._bus.publish(f"quarantine.{entry.protocol}", msgspec.json.encode(entry))
            for frame in rejected:
                await self._bus.publish(f"rejected.{frame.protocol}", msgspec.json.encode(frame))
        except OutsideFault as fault:
            log.warning(
                "quarantine.not_written", error=str(fault), identities=len(unknown), frames=len(rejected)
            )

    async def run(self) -> None:
        """Flush every FLUSH_EVERY_S, for ever."""
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            await self.flush()

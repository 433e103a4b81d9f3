"""Data that is too old goes: once an hour, kind by kind, each deletion in the Log."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from tapestry.app._access import DeskPorts
from tapestry.app._settings_desk import SettingsDesk
from tapestry.app.ports import KeptKind
from tapestry.model import OutsideFault
from tapestry.movement import Retention

EVERY_S: Final = 3_600.0
FIRST_AFTER_S: Final = 60.0  # not while the hub starts
AT_ONCE: Final = 50_000  # positions in one transaction: others wait for it
SYSTEM: Final = "system"

log = structlog.get_logger()


class RetentionKeeper:
    """Forgets, for ever."""

    def __init__(self, ports: DeskPorts, settings: SettingsDesk) -> None:
        self._ports = ports
        self._settings = settings

    async def run(self) -> None:
        """Look every hour; what cannot be deleted now is deleted the next time."""
        await asyncio.sleep(FIRST_AFTER_S)
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Delete what is too old now."""
        try:
            days = days_of((await self._settings.current()).retention)
            for kind, kept_days in days.items():
                await self._delete(kind, kept_days)
        except OutsideFault as fault:
            log.warning("retention.waits", error=str(fault), retry_in_s=EVERY_S)

    async def _delete(self, kind: KeptKind, kept_days: int) -> None:
        before = self._ports.now() - timedelta(days=kept_days)
        count = 0
        while True:
            gone = await self._ports.store.delete_old(kind, before=before, most=AT_ONCE)
            count += gone
            if kind is not KeptKind.POSITIONS or gone < AT_ONCE:
                break
        if count:
            details = {"kind": kind.value, "before": before.isoformat(), "days": kept_days, "rows": count}
            await self._ports.entries.note(SYSTEM, "delete-old", kind.value, details)


def days_of(retention: Retention) -> dict[KeptKind, int]:
    """Return for how many days each kind is kept."""
    return {
        KeptKind.POSITIONS: retention.positions_days,
        KeptKind.REJECTED: retention.rejected_days,
        KeptKind.QUARANTINED: retention.quarantine_days,
        KeptKind.MESSAGES: retention.messages_days,
        KeptKind.SCANS: retention.scans_days,
    }

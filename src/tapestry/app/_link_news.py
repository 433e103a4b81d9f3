"""What this hub's own parts are told of a link: rows that another centre wrote, and a region's live picture."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np
import structlog

from tapestry.app._announce import publish_directory, publish_fences, publish_plan
from tapestry.app._case_message import CASE_SUBJECT, encode_case_changed
from tapestry.app._live_feed import ChangedSheet, DeskChanged
from tapestry.app.ports import Bus, Store
from tapestry.model import (
    TRACK,
    AlertId,
    CaseId,
    Centre,
    Change,
    MovementId,
    OperatorId,
    OutsideFault,
    centre_of,
)

ROSTER_TABLES: Final = frozenset({"operator", "vehicle", "tracker", "movement"})
LIVE_EVERY_S: Final = 1.0  # a vehicle's newest state goes over the link at most so often
SNAPSHOT_EVERY_S: Final = 30.0  # mends what a cut link swallowed
SNAPSHOT_WITHIN_S: Final = 5.0

log = structlog.get_logger()


class NewsTeller:
    """Tells the hub's other roles what changes of other centres mean for them."""

    def __init__(self, store: Store, bus: Bus, *, own: Centre, now: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._own = own
        self._now = now

    async def tell(self, changes: Sequence[Change]) -> None:
        """Tell of changes that were taken over."""
        tables = {change.table for change in changes}
        if tables & ROSTER_TABLES:
            await publish_directory(self._store, self._bus, now=self._now())
            await self._bus.send("desk.changed", b'{"kind":"roster"}')
        if "movement" in tables:
            await self._publish_own_plans(changes)
        if "fence" in tables:
            await publish_fences(self._store, self._bus)
            await self._bus.send("desk.changed", b'{"kind":"fences"}')
        sheets = tuple(_sheet_of(msgspec.json.decode(it.row)) for it in changes if it.table == "sheet_line")
        if sheets:
            await self._say(DeskChanged(kind="movement", sheets=sheets))
        for case_id in {
            msgspec.json.decode(it.row)["case_id"] for it in changes if it.table == "distress_case"
        }:
            await self._bus.send(CASE_SUBJECT, encode_case_changed(CaseId(case_id)))
        for alert_id in {msgspec.json.decode(it.row)["alert_id"] for it in changes if it.table == "alert"}:
            await self._say(DeskChanged(kind="alert", alert_id=AlertId(alert_id)))

    async def _publish_own_plans(self, changes: Sequence[Change]) -> None:
        """A movement of ours that another centre changed: our worker follows the new plan."""
        for change in changes:
            if change.table == "movement":
                movement_id = MovementId(msgspec.json.decode(change.row)["movement_id"])
                plan = await self._store.movement(movement_id)
                if plan is not None and centre_of(movement_id) == self._own.number:
                    await publish_plan(self._bus, plan)

    async def _say(self, said: DeskChanged) -> None:
        await self._bus.send("desk.changed", msgspec.json.encode(said))


class LiveSender:
    """Sends a region's live picture to the national centre, once a second, each vehicle's newest state."""

    def __init__(self, bus: Bus, *, own: Centre) -> None:
        self._bus = bus
        self._prefix = f"peer.c{own.number}.live"
        self._newest: dict[int, np.void] = {}  # TRACK rows by vehicle_id
        self._formations: dict[str, bytes] = {}  # FORMATION rows by partition

    async def run(self) -> None:
        """Send for ever."""
        await self._bus.listen("live.*", self._on_tracks)
        await self._bus.listen("live.formation.*", self._on_formation)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send_for_ever())
            group.create_task(self._snapshot_for_ever())

    async def _on_tracks(self, subject: str, payload: bytes) -> None:
        if subject.rpartition(".")[2].isdigit():
            self._take(payload)

    def _take(self, payload: bytes) -> None:
        for row in np.frombuffer(payload, TRACK):
            self._newest[int(row["vehicle_id"])] = row

    async def _on_formation(self, subject: str, payload: bytes) -> None:
        self._formations[subject.rpartition(".")[2]] = payload

    async def _send_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LIVE_EVERY_S)
            if self._newest:
                rows = np.array(list(self._newest.values()), TRACK)
                self._newest.clear()
                await self._bus.send(f"{self._prefix}.tracks", rows.tobytes())
            formations, self._formations = self._formations, {}
            for partition, payload in formations.items():
                await self._bus.send(f"{self._prefix}.formation.{partition}", payload)

    async def _snapshot_for_ever(self) -> None:
        while True:
            try:
                self._take(await self._bus.ask("live.snapshot", b"", timeout_s=SNAPSHOT_WITHIN_S))
            except OutsideFault as fault:
                log.warning("link.no_snapshot", error=str(fault))
            await asyncio.sleep(SNAPSHOT_EVERY_S)


def _sheet_of(row: dict[str, Any]) -> ChangedSheet:
    return ChangedSheet(
        movement_id=MovementId(row["movement_id"]),
        operator_id=OperatorId(row["operator_id"]),
        releasable_to=tuple(row.get("releasable_to") or ()),
    )

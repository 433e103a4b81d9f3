"""The overdue ladder: what is due and has not come is told as alerts, put on the sheet, and ends when it came.

Every step of the ladder is an alert of its own, named by movement, checkpoint and step, so that looking twice tells it
once. Nobody is said to have lost contact whose trackers or voice were heard: late and silent are two things.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import numpy as np

from tapestry.app._access import DeskPorts
from tapestry.app._directory import partition_of_movement
from tapestry.app._refusals import Invalid
from tapestry.app._settings_desk import SettingsDesk
from tapestry.app._sheet_lines import UNDER_WAY
from tapestry.app._sheet_passages import SheetPassages
from tapestry.app._sheet_writer import SheetWriter
from tapestry.app.ports import Notice, SheetLine
from tapestry.model import (
    Alert,
    AlertEvent,
    AlertId,
    Command,
    ContactMeans,
    LoseContact,
    MarkOverdue,
    MovementId,
    MovementSheet,
    MovementState,
    Passage,
    Phase,
    RegainContact,
    Rule,
    Severity,
)
from tapestry.movement import (
    MovementSettings,
    OverdueLevel,
    OverdueStep,
    allowed_commands,
    next_due,
    overdue,
)

HEARD_WITHIN: Final = timedelta(minutes=15)  # a convoy heard so lately is late, not lost
FASTEST_MPS: Final = 27.8  # of dead reckoning: no convoy goes faster than 100 km/h
SYSTEM: Final = "system"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class OverdueWatch:
    """Looks whether movements came where they were due."""

    def __init__(
        self, ports: DeskPorts, *, settings: SettingsDesk, writer: SheetWriter, passages: SheetPassages
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._writer = writer
        self._passages = passages
        self._told: set[AlertId] = set()

    async def look(self, line: SheetLine) -> None:
        """Look at one movement; only one that something is due of, or was, is read."""
        now = self._ports.now()
        waited_for = line.due_at is not None and line.due_at <= now
        if line.state not in UNDER_WAY or not (waited_for or line.state is MovementState.OVERDUE):
            return
        sheet = await self._ports.store.sheet(line.movement_id)
        if sheet is None or sheet.version != line.version:
            return  # somebody is at it: the next look sees what became of it
        settings = await self._settings.current()
        passages = await self._passages.of(line.movement_id)
        due = next_due(sheet, passages)
        due_at = None if due is None else due[2]
        if due_at != line.due_at:
            await self._ports.store.set_due(line.movement_id, version=line.version, due_at=due_at)
        step = overdue(sheet, passages, now=now, ladder=settings.overdue)
        if step is not None:
            await self._is_late(sheet, step, settings)
        elif due_at is None or due_at > now:  # else somebody answered, and the ladder rests
            await self._came(sheet)

    async def end_past(self) -> None:
        """End the alerts of what came, or is not waited for any more."""
        waiting = [
            alert
            for alert in self._ports.live.board.open_alerts()
            if alert.rule is Rule.OVERDUE and alert.ended_at is None and alert.movement_id is not None
        ]
        for alert in waiting:
            assert alert.movement_id is not None
            sheet = await self._ports.store.sheet(alert.movement_id)
            passages = await self._passages.of(alert.movement_id)
            if not _still_due(alert, sheet, passages):
                await self._publish(_event_of(alert, self._ports.now()))

    async def _is_late(self, sheet: MovementSheet, step: OverdueStep, settings: MovementSettings) -> None:
        event = self._event(sheet, step, settings)
        if event.alert_id not in self._told:
            await self._publish(event)
            self._told.add(event.alert_id)
        notice = Notice(
            notice_id=0,
            movement_id=sheet.movement_id,
            key=f"overdue/{step.checkpoint}/{step.level}",
            at=self._ports.now(),
            code="overdue",
            facts=event.facts,
        )
        if await self._ports.store.add_notices([notice]):
            await self._writer.tell_of([sheet])
        await self._write_down(sheet, step)

    async def _write_down(self, sheet: MovementSheet, step: OverdueStep) -> None:
        reason = f"{step.name or 'destination'}: {step.late_minutes:.0f} min late"
        commands: tuple[Command, ...] = (MarkOverdue(reason=reason),)
        if step.level is OverdueLevel.LOST and not self._heard(sheet):
            commands = (LoseContact(reason=reason),)
        for command in commands:
            tag = "overdue" if isinstance(command, MarkOverdue) else "lose-contact"
            if tag in allowed_commands(sheet):
                await self._give(sheet, command)

    async def _came(self, sheet: MovementSheet) -> None:
        """Let a sheet be overdue no more when positions show that what was waited for has come."""
        if sheet.state is MovementState.OVERDUE:
            note = "positions show the checkpoint as passed"
            await self._give(sheet, RegainContact(means=ContactMeans.TRACKER, note=note))

    async def _give(self, sheet: MovementSheet, command: Command) -> None:
        try:
            await self._writer.apply(sheet.movement_id, command, by=SYSTEM)
        except Invalid:
            return  # the sheet is in another state by now

    def _heard(self, sheet: MovementSheet) -> bool:
        """Return whether a tracker of the convoy, or a person in it, was heard lately."""
        since = self._ports.now() - HEARD_WITHIN
        if any(contact.answered and contact.at >= since for contact in sheet.contacts):
            return True
        contacts_us = self._tracks(sheet)["contact_at_us"]
        return bool((contacts_us >= (since - EPOCH) / timedelta(microseconds=1)).any())

    def _tracks(self, sheet: MovementSheet) -> np.ndarray:
        """Return the live TRACK rows of a convoy's vehicles."""
        rows = self._ports.live.picture.rows
        vehicles = [vehicle.vehicle_id for vehicle in sheet.request.vehicles]
        found: np.ndarray = rows[np.isin(rows["vehicle_id"], vehicles)]
        return found

    def _event(self, sheet: MovementSheet, step: OverdueStep, settings: MovementSettings) -> AlertEvent:
        minutes = getattr(settings.overdue, f"{step.level.value}_minutes")
        facts: dict[str, float | str] = {
            "step": step.level.value,
            "checkpoint": step.checkpoint,
            "name": step.name,
            "due_at": step.due_at.isoformat(),
            "late_minutes": step.late_minutes,
        }
        place = self._last_place(sheet)
        return AlertEvent(
            alert_id=AlertId(f"{Rule.OVERDUE}:{sheet.movement_id}:{step.checkpoint}:{step.level}"),
            rule=Rule.OVERDUE,
            phase=Phase.STARTED,
            severity=Severity.WARNING,
            occurred_at=step.due_at + timedelta(minutes=minutes),
            received_at=self._ports.now(),
            late=False,
            movement_id=sheet.movement_id,
            lat_deg=place.get("lat_deg"),
            lon_deg=place.get("lon_deg"),
            facts=facts | {name: value for name, value in place.items() if not name.endswith("_deg")},
        )

    def _last_place(self, sheet: MovementSheet) -> dict[str, float]:
        """Return where the convoy was last, and between which metres of its route it can be now."""
        tracks = self._tracks(sheet)
        fixed = tracks[(tracks["fixed_at_us"] > 0) & (tracks["movement_id"] == sheet.movement_id)]
        if not len(fixed):
            return {}
        last = fixed[np.argmax(fixed["fixed_at_us"])]
        age_s = (self._ports.now() - EPOCH).total_seconds() - int(last["fixed_at_us"]) / 1_000_000
        place = {
            "lat_deg": float(last["lat_deg"]),
            "lon_deg": float(last["lon_deg"]),
            "fix_age_s": round(age_s, 1),
        }
        if np.isfinite(last["progress_m"]):
            place["reckoned_least_m"] = round(float(last["progress_m"]))
            place["reckoned_most_m"] = round(float(last["progress_m"]) + max(age_s, 0.0) * FASTEST_MPS)
        return place

    async def _publish(self, event: AlertEvent) -> None:
        assert event.movement_id is not None
        subject = f"event.{partition_of_movement(event.movement_id)}"
        msg_id = f"{event.alert_id}/{event.phase}"
        await self._ports.bus.publish(subject, msgspec.json.encode(event), msg_id=msg_id)


def _still_due(alert: Alert, sheet: MovementSheet | None, passages: tuple[Passage, ...]) -> bool:
    """Return whether what an alert is about is still waited for."""
    if sheet is None or sheet.state not in UNDER_WAY:
        return False
    due = next_due(sheet, passages)
    return due is not None and due[0] == alert.facts.get("checkpoint")


def _event_of(alert: Alert, now: datetime) -> AlertEvent:
    """Return the end of an alert's cause."""
    return AlertEvent(
        alert_id=alert.alert_id,
        rule=alert.rule,
        phase=Phase.ENDED,
        severity=alert.severity,
        occurred_at=now,
        received_at=now,
        late=False,
        movement_id=MovementId(alert.movement_id or 0),
        facts=alert.facts,
    )

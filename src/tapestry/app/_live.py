"""The live view: what is now, fed by the bus alone, so that it goes on with the database down.

Theory of operation. One version number rises with every change to vehicles, alerts or movements. A client
holds a cursor, the version up to which it has everything, and is told what changed after it: at most five
times a second, alerts at most twenty times, a distress call at once. A client that is slow to read is told
less often and gets the newest state of what it missed; nothing queues up for it. Clients that see the same
share one encoding.
"""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
import numpy as np

from tapestry.access import HUB, Action, Monitor, Principal, Resource, decide
from tapestry.app._alert_board import AlertBoard, is_urgent
from tapestry.app._alerts import distress_alert_id
from tapestry.app._delayed import DelayedPicture
from tapestry.app._directory import Directory, DirectoryMovement
from tapestry.app._live_words import (
    MAX_ROWS_PER_MESSAGE,
    Alerts,
    Cases,
    Gone,
    LiveMessage,
    Movements,
    Vehicles,
    word_vehicles,
)
from tapestry.app._picture import VehiclePicture
from tapestry.app._scope import Resources, Scope, resource_of, resource_of_movement
from tapestry.model import Alert, AlertEvent, AlertId, Distress, MovementId

__all__ = ["LiveView", "distress_alert_id"]

MAX_MOVEMENT_CHANGES = 10_000  # a client further behind gets the whole picture
MAX_CASE_CHANGES = 2_000  # consoles also ask for the open cases every now and then


class LiveView:
    """The state of the live view and what each viewer may be told of it. Pure: the clock is an argument.

    Args:
        monitor: Who may see what.
        epoch: Unique per process start; a cursor of another epoch is worth nothing.
        now: The hub's clock, UTC.
    """

    def __init__(self, monitor: Monitor, *, epoch: str, now: Callable[[], datetime]) -> None:
        self.monitor = monitor
        self.epoch = epoch
        self.now = now
        self.version = 0
        self.directory = Directory()
        self.board = AlertBoard()
        self.resources = Resources()
        self.picture = VehiclePicture(self.resources)
        self.delayed = DelayedPicture(self.picture, self.resources)
        self._sources: dict[int, str] = {}  # by tracker_id
        self._movement_changes: deque[tuple[int, int, frozenset[int]]] = (
            deque()
        )  # version, id, resource numbers
        self._movements_known_after = 0
        self._case_changes: deque[tuple[int, int, frozenset[int]]] = deque(maxlen=MAX_CASE_CHANGES)
        self.watching: Callable[[], list[Principal]] = list  # who has the live view open: set by its clients
        self._formations: dict[int, tuple[datetime, np.ndarray]] = {}  # by partition
        self._on_change: list[Callable[[bool], None]] = []
        self._encoded: dict[tuple[object, ...], list[str]] = {}

    # --- what comes in

    def take_tracks(self, rows: np.ndarray) -> int:
        """Put TRACK rows in; return how many vehicles changed."""
        changed = self.picture.take(rows, version=self.version + 1, now_us=self._now_us())
        return self._risen(changed)

    def take_formation(self, partition: int, rows: np.ndarray) -> None:
        """Keep the FORMATION rows of one partition's convoys."""
        self._formations[partition] = (self.now(), rows)

    def take_event(self, event: AlertEvent) -> None:
        """Put a rule's finding in."""
        self._alert_risen(self.board.take_event(event, version=self.version + 1))

    def take_distress(self, distress: Distress) -> None:
        """Put a distress call in: whoever may see it is told at once."""
        self._alert_risen(self.board.take_distress(distress, version=self.version + 1))

    def take_stored_alert(self, alert: Alert) -> None:
        """Put an alert in as the store has it, people's decisions included."""
        self._alert_risen(self.board.take_stored(alert, version=self.version + 1))

    def use_directory(self, directory: Directory) -> None:
        """From here on name and own everything by this directory."""
        before, self.directory = self.directory, directory
        version = self.version + 1
        self._sources = {
            tracker.tracker_id: f"{identity.partition(':')[0]}/{tracker.tracker_id}"
            for identity, tracker in directory.trackers.items()
        }
        for movement_id in before.movements.keys() | directory.movements.keys():
            old, new = before.movements.get(movement_id), directory.movements.get(movement_id)
            if old != new:
                self._note_movement(version, movement_id, old, new)
        self.picture.use_directory(directory, version=version, now_us=self._now_us())
        self._risen(1)

    def note_sheet(self, movement_id: int, resource: Resource) -> None:
        """Note that a movement's sheet changed: whoever may see it is told to ask for it again."""
        numbers = frozenset({self.resources.number(resource)})
        self._note_change(self.version + 1, movement_id, numbers)
        self._risen(1)

    def note_case(self, case_id: int, resource: Resource) -> None:
        """Note that a distress case changed: whoever may see it is told at once to ask for it again."""
        numbers = frozenset({self.resources.number(resource)})
        self._case_changes.append((self.version + 1, case_id, numbers))
        self._risen(1)
        for tell in self._on_change:
            tell(True)

    def note_passages(self, movement_ids: Iterable[int]) -> None:
        """Note that checkpoints of movements were passed: whoever may see one is told to ask for it again."""
        known = [it for it in movement_ids if it in self.directory.movements]
        for movement_id in known:
            resource = resource_of_movement(self.directory.movements[MovementId(movement_id)])
            self._note_change(self.version + 1, movement_id, frozenset({self.resources.number(resource)}))
        self._risen(len(known))

    def sweep(self) -> None:
        """Let time pass: movements end, and the coarse picture moves on."""
        now_us = self._now_us()
        self._risen(self.picture.sweep(version=self.version + 1, now_us=now_us))
        self._risen(self.delayed.move_on(version=self.version + 1, now_us=now_us))

    def on_change(self, tell: Callable[[bool], None]) -> None:
        """Call `tell(urgent)` after each change of an alert."""
        self._on_change.append(tell)

    # --- what goes out

    def scope(self, principal: Principal) -> Scope:
        """Return what somebody may see, or an empty scope when it may not open the live view at all."""
        return Scope(self.monitor, principal, self.resources)

    def may_open(self, principal: Principal) -> bool:
        """Return whether somebody may open the live view."""
        return decide(self.monitor, principal, Action.OPEN_LIVE_VIEW, HUB).allowed

    def knows(self, cursor: int, scope: Scope) -> bool:
        """Return whether what changed after a cursor can still be told; else the whole picture is due."""
        if not 0 < cursor <= self.version:
            return False
        if cursor < max(self.picture.moves_known_after, self._movements_known_after):
            return False
        coarse = (scope.allowed(Action.VIEW_VEHICLE) & ~scope.allowed(Action.VIEW_EXACT_PLACE)).any()
        return not coarse or cursor >= self.delayed.before_version

    def since(self, cursor: int, scope: Scope) -> list[str]:
        """Return everything that changed after a cursor as messages, JSON text each.

        All but the last carry the old cursor: who loses the link between two of them asks for all again.
        """
        minute = 0 if cursor else int(self.now().timestamp()) // 60  # closed alerts leave the whole picture
        key = ("all", cursor, minute, self.version, scope.key)
        if key not in self._encoded:
            messages: list[LiveMessage] = self._alert_messages(cursor, cursor, scope)
            messages += self._case_messages(cursor, cursor, scope)
            messages += self._movement_messages(cursor, scope)
            messages += self._gone_messages(cursor, scope)
            messages += self._vehicle_messages(cursor, scope)
            messages = _last_carries(messages, self.version)
            self._remember(key, messages)
        return self._encoded[key]

    def alerts_since(self, cursor: int, alerts_cursor: int, scope: Scope) -> list[str]:
        """Return the alerts that changed after `alerts_cursor`; the client's cursor stays where it is."""
        key = ("alerts", cursor, alerts_cursor, self.version, scope.key)
        if key not in self._encoded:
            messages = self._alert_messages(alerts_cursor, cursor, scope)
            messages += self._case_messages(alerts_cursor, cursor, scope)
            self._remember(key, messages)
        return self._encoded[key]

    def formation(self, partition: int, vehicle_ids: frozenset[int]) -> tuple[datetime, np.ndarray] | None:
        """Return the newest FORMATION rows of these vehicles and when they came, None when none did."""
        known = self._formations.get(partition)
        if known is None:
            return None
        at, rows = known
        chosen = rows[np.isin(rows["vehicle_id"], list(vehicle_ids))]
        return (at, chosen) if len(chosen) else None

    def alert(self, alert_id: AlertId) -> Alert | None:
        """Return an alert as the live view has it."""
        return self.board.get(alert_id)

    # --- how

    def _now_us(self) -> int:
        return round(self.now().timestamp() * 1_000_000)

    def _risen(self, changed: int) -> int:
        if changed:
            self.version += 1
        return changed

    def _alert_risen(self, alert: Alert | None) -> None:
        if alert is None:
            return
        self.version += 1
        for tell in self._on_change:
            tell(is_urgent(alert))

    def _note_movement(
        self, version: int, movement_id: int, old: DirectoryMovement | None, new: DirectoryMovement | None
    ) -> None:
        numbers = [self.resources.number(resource_of_movement(it)) for it in (old, new) if it is not None]
        self._note_change(version, movement_id, frozenset(numbers))

    def _note_change(self, version: int, movement_id: int, numbers: frozenset[int]) -> None:
        self._movement_changes.append((version, movement_id, numbers))
        if len(self._movement_changes) > MAX_MOVEMENT_CHANGES:
            self._movements_known_after = self._movement_changes.popleft()[0]

    def _remember(self, key: tuple[object, ...], messages: list[LiveMessage]) -> None:
        if self._encoded and next(iter(self._encoded))[-2] != self.version:
            self._encoded.clear()
        self._encoded[key] = [msgspec.json.encode(message).decode() for message in messages]

    def _alert_messages(self, after: int, cursor: int, scope: Scope) -> list[LiveMessage]:
        alerts = self.board.changed(after=after, now=self.now())
        numbers = [self._resource_of_alert(alert) for alert in alerts]
        sees = scope.allowed(Action.VIEW_ALERT)
        rows = [alert for alert, number in zip(alerts, numbers, strict=True) if sees[number]]
        return [
            Alerts(version=cursor, rows=rows[start : start + MAX_ROWS_PER_MESSAGE])
            for start in range(0, len(rows), MAX_ROWS_PER_MESSAGE)
        ]

    def _case_messages(self, after: int, cursor: int, scope: Scope) -> list[LiveMessage]:
        sees = scope.allowed(Action.VIEW_CASE)
        changed = {
            case_id
            for version, case_id, numbers in self._case_changes
            if version > after and any(sees[number] for number in numbers)
        }
        return [Cases(version=cursor, changed=sorted(changed))] if changed and after else []

    def _resource_of_alert(self, alert: Alert) -> int:
        return self.resources.number(resource_of(self.directory, alert.vehicle_id, alert.movement_id))

    def _movement_messages(self, cursor: int, scope: Scope) -> list[LiveMessage]:
        sees = scope.allowed(Action.VIEW_MOVEMENT)
        changed = {
            MovementId(movement_id)
            for version, movement_id, numbers in self._movement_changes
            if version > cursor and any(sees[number] for number in numbers)
        }
        return [Movements(version=cursor, changed=sorted(changed))] if changed and cursor else []

    def _gone_messages(self, cursor: int, scope: Scope) -> list[LiveMessage]:
        if not cursor:
            return []
        gone = self.picture.gone(after=cursor, scope=scope)
        if cursor < self.delayed.version:
            gone += self.delayed.gone(scope)
        return [Gone(vehicle_ids=gone)] if gone else []

    def _vehicle_messages(self, cursor: int, scope: Scope) -> list[LiveMessage]:
        slots = self.picture.changed(after=cursor, scope=scope)
        rows, concealed = self.picture.rows[slots], self.picture.concealed[slots]
        if cursor < self.delayed.version:
            coarse, coarse_slots = self.delayed.shown_to(scope)
            rows, slots = np.concatenate([rows, coarse]), np.concatenate([slots, coarse_slots])
            concealed = np.concatenate([concealed, np.zeros(len(coarse), bool)])
        sources = [self._sources.get(tracker_id) for tracker_id in rows["tracker_id"].tolist()]
        words = word_vehicles(
            rows, callsigns=self.picture.callsigns(slots), sources=sources, concealed=concealed.tolist()
        )
        return [
            Vehicles(version=cursor, rows=words[start : start + MAX_ROWS_PER_MESSAGE])
            for start in range(0, len(words), MAX_ROWS_PER_MESSAGE)
        ]


def _last_carries(messages: list[LiveMessage], version: int) -> list[LiveMessage]:
    """Return the messages with the version in the last one, if there is one that can carry it."""
    for index in range(len(messages) - 1, -1, -1):
        message = messages[index]
        if not isinstance(message, Gone):
            carrying = msgspec.structs.replace(message, version=version)
            return [*messages[:index], *messages[index + 1 :], carrying]
    return messages

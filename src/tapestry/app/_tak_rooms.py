"""Which rooms there are, who is in which, and what the hub itself says in them.

A convoy is a room: its devices hear one another and see its vehicles, whatever these are tracked by. People with a
device hear every convoy and the watch's own room; nobody else hears the watch's room. A device that is in no convoy
now hears nothing and is heard by the watch alone.
"""

from typing import Final

import numpy as np

from tapestry.access import Principal, Role
from tapestry.app._directory import Directory
from tapestry.app._live import LiveView
from tapestry.app._tak_devices import TakDevice
from tapestry.app._tak_fanout import TakFanout, TakMember
from tapestry.model import ABSENT_ID, Alert, AlertId, DistressKind, Flag, Rule
from tapestry.protocols.cot import EMERGENCY_CANCEL, CotEvent, delete_event, emergency_event, position_event

OPEN: Final = -1  # connections without a certificate, where they may hear one another
WATCH: Final = -2
STALE_AFTER_US: Final = 120_000_000  # a vehicle without news for so long is shown as such
SAID_AGAIN_US: Final = 20_000_000  # an emergency, before it could go stale
EMERGENCY_STALE_US: Final = 60_000_000
OWN_NEWS_US: Final = 30_000_000  # a vehicle whose own device spoke within it is not told of by the hub too
_WHOSE: Final = frozenset({DistressKind.SOS, DistressKind.CONTACT, DistressKind.HELP})
_SEES_ALL: Final = Principal(user_name="tak", role=Role.WATCH_OFFICER)


class TakRooms:
    """What the hub knows, as rooms of TAK clients. Pure: the clock is an argument."""

    def __init__(self, fanout: TakFanout, live: LiveView) -> None:
        self._fanout = fanout
        self._live = live
        self._scope = live.scope(_SEES_ALL)
        self._told_version = 0
        self._shown: dict[AlertId, tuple[str, tuple[int, ...], int]] = {}  # uid, rooms, when it was said
        self._devices: dict[TakMember, TakDevice] = {}

    def admit(self, member: TakMember, device: TakDevice, *, now_us: int) -> None:
        """Let the client of a device in, into the rooms that are its."""
        self._devices[member] = device
        member.rooms, member.speaks = self._rooms_of(device, now_us)
        self._fanout.join(member)

    def dismiss(self, member: TakMember) -> None:
        """Let a client go."""
        self._devices.pop(member, None)
        self._fanout.leave(member)

    def _rooms_of(self, device: TakDevice, now_us: int) -> tuple[frozenset[int], frozenset[int]]:
        """Return what a device hears, and where its words go."""
        directory = self._live.directory
        if device.user_name is not None:
            convoys = {
                it.movement_id
                for it in directory.movements.values()
                if _is_on(it.movement_id, directory, now_us)
            }
            return frozenset(convoys | {WATCH}), frozenset({WATCH})
        vehicle = None if device.vehicle_id is None else directory.vehicles.get(device.vehicle_id)
        windows = () if vehicle is None else vehicle.windows
        convoy = {int(it.movement_id) for it in windows if it.from_us <= now_us < it.until_us}
        # The watch hears every convoy, so what is said there need not be said to it again.
        return frozenset(convoy), frozenset(convoy or {WATCH})

    def move_all(self, now_us: int) -> None:
        """Put every member where it belongs now: movements begin and end."""
        for member, device in self._devices.items():
            rooms, speaks = self._rooms_of(device, now_us)
            if (rooms, speaks) != (member.rooms, member.speaks):
                self._fanout.move(member, rooms=rooms, speaks=speaks)

    # --- vehicles

    def tell_vehicles(self, now_us: int) -> None:
        """Say where vehicles are that changed since this was called last."""
        live = self._live
        slots = live.picture.changed(after=self._told_version, scope=self._scope)
        self._told_version = live.version
        rows, concealed = live.picture.rows[slots], live.picture.concealed[slots]
        own = self._spoken_for(now_us)
        names = live.picture.callsigns(slots)
        for row, hidden, callsign in zip(rows, concealed.tolist(), names, strict=True):
            placed = (
                np.isfinite(row["lat_deg"]) and not row["flags"] & Flag.NO_FIX and row["fixed_at_us"] >= 0
            )
            if hidden or not placed or int(row["vehicle_id"]) in own:
                continue
            movement_id = int(row["movement_id"])
            room = movement_id if movement_id != ABSENT_ID else WATCH
            self._fanout.say(
                [room], _vehicle_event(row, callsign, disputed=bool(row["flags"] & Flag.DISPUTED))
            )

    def _spoken_for(self, now_us: int) -> frozenset[int]:
        """Return the vehicles whose own device has lately said where it is."""
        found = set()
        for member, device in self._devices.items():
            if device.vehicle_id is None or device.user_name is not None:
                continue
            for room in member.speaks:
                newest = self._fanout.newest(room, member.uid)
                if newest is not None and now_us - newest.time_us < OWN_NEWS_US:
                    found.add(device.vehicle_id)
        return frozenset(found)

    # --- emergencies

    def tell_emergencies(self, now_us: int) -> None:
        """Say every call for help that no person has closed, again and again; take back those that were closed."""
        still = {alert.alert_id: alert for alert in self._live.board.open_alerts() if _is_call(alert)}
        for alert_id, alert in still.items():
            shown = self._shown.get(alert_id)
            if shown is None or now_us - shown[2] >= SAID_AGAIN_US:
                self._say_emergency(alert, now_us)
        for alert_id in [it for it in self._shown if it not in still]:
            uid, rooms, _ = self._shown.pop(alert_id)
            cancel = emergency_event(
                uid=uid.removesuffix("-9-1-1"), callsign="", time_us=now_us, stale_us=now_us + EMERGENCY_STALE_US,
                lat_deg=0.0, lon_deg=0.0, type=EMERGENCY_CANCEL,
            )  # fmt: skip
            self._fanout.say(rooms, cancel, remembered=False)
            self._fanout.say(rooms, delete_event(uid=uid, time_us=now_us), remembered=False)
            self._fanout.forget(rooms, uid)

    def _say_emergency(self, alert: Alert, now_us: int) -> None:
        lat_deg, lon_deg = alert.lat_deg, alert.lon_deg
        if (lat_deg is None or lon_deg is None) and alert.vehicle_id is not None:
            place = self._live.picture.place_of(alert.vehicle_id)
            lat_deg, lon_deg = (None, None) if place is None else place[:2]
        silent = alert.facts.get("silent") == "yes"
        rooms = {WATCH}
        if alert.movement_id is not None:
            rooms = {alert.movement_id} if not silent else {WATCH}
        uid = self._uid_of(alert)
        event = emergency_event(
            uid=uid,
            callsign=self._callsign(alert),
            time_us=now_us,
            stale_us=now_us + EMERGENCY_STALE_US,
            lat_deg=lat_deg or 0.0,
            lon_deg=lon_deg or 0.0,
            words="In Contact" if alert.facts.get("kind") == DistressKind.CONTACT else "911 Alert",
        )
        self._shown[alert.alert_id] = (event.uid, tuple(rooms), now_us)
        self._fanout.say(rooms, event)

    def _uid_of(self, alert: Alert) -> str:
        """Return who calls: the device itself where it is here, so that its own marker and the hub's are one."""
        for member, device in self._devices.items():
            if member.uid and alert.vehicle_id is not None and device.vehicle_id == alert.vehicle_id:
                return member.uid
        if alert.vehicle_id is not None:
            return vehicle_uid(alert.vehicle_id)
        return f"tapestry-{alert.alert_id}"

    def _callsign(self, alert: Alert) -> str:
        directory = self._live.directory
        movement = None if alert.movement_id is None else directory.movements.get(alert.movement_id)
        if movement is not None and alert.vehicle_id in movement.callsigns:
            return movement.callsigns[alert.vehicle_id]
        vehicle = None if alert.vehicle_id is None else directory.vehicles.get(alert.vehicle_id)
        return "?" if vehicle is None else vehicle.callsign


def vehicle_uid(vehicle_id: int) -> str:
    """Return the uid under which the hub tells of a vehicle."""
    return f"tapestry-vehicle-{vehicle_id}"


def _is_call(alert: Alert) -> bool:
    return alert.rule is Rule.DISTRESS and alert.facts.get("kind") in _WHOSE


def _is_on(movement_id: int, directory: Directory, now_us: int) -> bool:
    movement = directory.movements[movement_id]
    return not movement.cancelled and movement.from_us <= now_us < movement.until_us


def _vehicle_event(row: np.void, callsign: str, *, disputed: bool) -> CotEvent:
    def known(name: str) -> float | None:
        value = float(row[name])
        return round(value, 2) if np.isfinite(value) else None

    return position_event(
        uid=vehicle_uid(int(row["vehicle_id"])), callsign=callsign, type="a-f-G-E-V-C",
        time_us=int(row["fixed_at_us"]), stale_us=int(row["received_at_us"]) + STALE_AFTER_US,
        lat_deg=round(float(row["lat_deg"]), 7), lon_deg=round(float(row["lon_deg"]), 7),
        ce_m=known("accuracy_m"), speed_mps=known("speed_mps"), course_deg=known("heading_deg"),
        remarks="position disputed" if disputed else "",
    )  # fmt: skip

"""A hub in memory: desk, live view and web application over fakes, with a roster and four people."""

import functools
import hashlib
import itertools
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import numpy as np

from tapestry.adapters._device_ca import FileDeviceCa
from tapestry.adapters._phone_keys import P256Keys
from tapestry.app.desk import Desk, NewPlan, TakDoors, load_monitor, shipped_net
from tapestry.app.directory import build_directory
from tapestry.app.live import LiveClients, LiveFeed, LiveView
from tapestry.app.ports import Account, Bus, Store
from tapestry.model import TRACK, MovementPlan, OutsideFault, Vehicle, VehicleId
from tapestry.route import RoadNet
from tapestry.web import Services, WebSettings, build_app
from tests.fakes.fake_bus import FakeBus
from tests.fakes.fake_documents import FakeDocuments
from tests.fakes.fake_store import FakeStore

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
MONITOR = load_monitor()  # remembers decisions, never anything else: one for all tests
PEOPLE = ("adam", "wafa", "omar", "olga", "pia")  # administrator, officer, operators 1 and 2, partner


@functools.cache
def device_ca() -> FileDeviceCa:
    """Return one authority for all tests: its key takes a second to make."""
    return FileDeviceCa(Path(tempfile.mkdtemp(prefix="device-ca-")) / "keys" / "devices", now=NOON)


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class QuickHasher:
    """Hashes that take no time."""

    def __init__(self) -> None:
        self.verified = 0

    async def hash(self, password: str) -> str:
        return "quick:" + hashlib.sha256(password.encode()).hexdigest()

    async def verify(self, encoded: str, password: str) -> bool:
        self.verified += 1
        return encoded == await self.hash(password)


class SeenBus(FakeBus):
    """A bus that remembers what was sent, and can be cut off."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, bytes]] = []

    async def send(self, subject: str, payload: bytes) -> None:
        self.sent.append((subject, payload))
        await super().send(subject, payload)

    @property
    def down(self) -> bool:
        return self.server.down

    @down.setter
    def down(self, down: bool) -> None:
        self.server.down = down

    def published(self, stream: str = "TRACK") -> list[tuple[str, bytes]]:
        """Return what a stream holds."""
        return [(message.subject, message.payload) for message in self.server.streams[stream].messages]


class CutStore:
    """A store whose database can be cut off."""

    def __init__(self) -> None:
        self.inner = FakeStore()
        self.down = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            if self.down:
                if name == "healthy":
                    return False
                raise OutsideFault("database: cut off by the test", retry_helps=True)
            return await method(*args, **kwargs)

        return call


def counting_bytes() -> Callable[[int], bytes]:
    """Return a source of different, foreseeable bytes."""
    numbers = itertools.count(1)
    return lambda size: hashlib.shake_256(str(next(numbers)).encode()).digest(size)


class SmallHub:
    """Everything, with handles to move and cut it."""

    def __init__(self, static: Path) -> None:
        self.clock = Clock()
        self.store = CutStore()
        self.bus = SeenBus()
        self.hasher = QuickHasher()
        self.roads_source = "iraq.osm.pbf"  # "shipped": no file was imported
        self.documents = FakeDocuments()
        self.monitor = MONITOR
        self.live = LiveView(self.monitor, epoch="e1", now=self.clock)
        self.clients = LiveClients(self.live)
        self.desk = Desk(
            store=cast(Store, self.store),
            bus=cast(Bus, self.bus),
            monitor=self.monitor,
            live=self.live,
            hasher=self.hasher,
            documents=self.documents,
            phone_keys=P256Keys(),
            random_bytes=counting_bytes(),
            now=self.clock,
            load_net=self._load_net,
            device_ca=device_ca,
            tak_doors=TakDoors(host="hub.test"),
        )
        self.desk.announcer.told_within_s = 0.0  # few tests let the announcer run
        self.feed = LiveFeed(self.live, cast(Bus, self.bus), cast(Store, self.store))
        self.services = Services(
            settings=WebSettings(hosts=frozenset({"hub.test"}), tls=False, static=static),
            store=cast(Store, self.store),
            bus=cast(Bus, self.bus),
            desk=self.desk,
            live=self.live,
            clients=self.clients,
            feed=self.feed,
            metrics=_metrics,
        )
        self.app = build_app(self.services)

    def _load_net(self) -> RoadNet:
        """Return the shipped highways, said to come from a file."""
        return msgspec.structs.replace(shipped_net(), source=self.roads_source)

    async def fill(self) -> None:
        """Add operators 1 and 2, vehicles 1 and 2 of the first, 3 of the second, and five people."""
        for name in ("North", "South"):
            await self.store.add_operator(name=name)
        for operator_id, callsign in ((1, "N-1"), (1, "N-2"), (2, "S-1")):
            vehicle = Vehicle(vehicle_id=VehicleId(0), operator_id=operator_id, callsign=callsign)  # type: ignore[arg-type]
            await self.store.add_vehicle(vehicle)
        roles = ("administrator", "watch_officer", "operator", "operator", "partner")
        for name, role, operator_id in zip(PEOPLE, roles, (None, None, 1, 2, None), strict=True):
            await self.store.add_account(
                Account(
                    user_name=name,
                    role=role,
                    operator_id=operator_id,  # type: ignore[arg-type]
                    password_hash=await self.hasher.hash(PASSWORD),
                )
            )
        await self.refresh()

    async def refresh(self) -> None:
        """Let the live view see the roster as the store has it."""
        self.live.use_directory(await build_directory(self.store.inner))

    async def log_in(self, user_name: str) -> httpx.AsyncClient:
        """Return a browser in which somebody is logged in, with the CSRF header set."""
        browser = self.browser()
        answer = await browser.post("/api/login", json={"user_name": user_name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        browser.headers["X-Tapestry-CSRF"] = answer.json()["csrf"]
        return browser

    def browser(self, remote: str = "192.0.2.7") -> httpx.AsyncClient:
        """Return a browser in which nobody is logged in."""
        transport = httpx.ASGITransport(self.app, client=(remote, 40_000), raise_app_exceptions=False)
        return httpx.AsyncClient(
            transport=transport, base_url="http://hub.test", trust_env=False, verify=False
        )

    async def logged(self) -> list[tuple[str, str, str]]:
        """Return the Log as (actor, action, subject)."""
        return [
            (e.actor, e.action, e.subject) for e in await self.store.inner.log_entries(start=0, limit=1000)
        ]


async def _metrics() -> bytes:
    return b"tapestry_up 1\n"


def plan_body(**changes: Any) -> dict[str, Any]:
    """Return the body of a movement of operator 1 with vehicles 1 and 2, from 11:00 to 15:00."""
    return {
        "operator_id": 1,
        "callsign": "WOLF",
        "route": [{"lat_deg": 33.0, "lon_deg": 44.0}, {"lat_deg": 33.5, "lon_deg": 44.5}],
        "vehicles": [{"vehicle_id": 1, "order": 1}, {"vehicle_id": 2, "order": 2}],
        "active_from": "2026-03-01T11:00:00Z",
        "active_until": "2026-03-01T15:00:00Z",
        **changes,
    }


async def add_movement(hub: SmallHub, **changes: Any) -> MovementPlan:
    """Put a movement into the store and the live view, past the desk."""
    import msgspec

    from tapestry.app._plans import plan_of  # the desk's own reading of a body
    from tapestry.model import MovementId, PlannedVehicle

    new = msgspec.convert(plan_body(**changes), NewPlan)
    names = {vehicle.vehicle_id: vehicle.callsign for vehicle in await hub.store.inner.vehicles()}
    places = tuple(
        PlannedVehicle(vehicle_id=it.vehicle_id, callsign=names[it.vehicle_id], order=it.order)
        for it in new.vehicles
    )
    plan: MovementPlan = await hub.store.inner.put_movement(plan_of(new, MovementId(0), places, ()))
    await hub.refresh()
    return plan


def track_rows(*rows: dict[str, Any]) -> np.ndarray:
    """Return TRACK rows; what is not given is 33.25 N 44.25 E, fixed and heard at noon, in no movement."""
    tracks = np.zeros(len(rows), TRACK)
    noon_us = int(NOON.timestamp()) * 1_000_000
    tracks["movement_id"], tracks["plan"], tracks["tracker_id"] = -1, -1, -1
    tracks["fixed_at_us"] = tracks["received_at_us"] = tracks["contact_at_us"] = noon_us
    tracks["lat_deg"], tracks["lon_deg"] = 33.25, 44.25
    for name in ("speed_mps", "heading_deg", "accuracy_m", "progress_m", "offset_m"):
        tracks[name] = np.nan
    tracks["standing_since_us"] = tracks["disputed_since_us"] = -1
    for index, row in enumerate(rows):
        for name, value in row.items():
            tracks[name][index] = value
    return tracks


async def add_sheet(hub: SmallHub) -> None:
    """Put an approved sheet beside movement 1, a road status and a stop order into the store, past the desk."""
    from tapestry.app._sheet_lines import line_of  # the desk's own reading of a sheet
    from tapestry.app.ports import SheetWrite, StandingStop
    from tapestry.model import (
        ControlClass,
        MovementId,
        MovementRequest,
        MovementSheet,
        MovementState,
        OperatorId,
        RouteStatus,
        RouteStatusId,
        Threat,
        Waypoint,
    )

    sheet = MovementSheet(
        movement_id=MovementId(1),
        version=1,
        operator_id=OperatorId(1),
        state=MovementState.APPROVED,
        request=MovementRequest(operator_id=OperatorId(1), callsign="WOLF"),
        created_at=NOON,
        created_by="omar",
        plan_version=1,
    )
    line = line_of(sheet, rerouted=True)
    hub.store.inner.keep_sheet(SheetWrite(sheet=sheet, line=line, at=NOON, by="omar", command="add"))
    ends = (Waypoint(lat_deg=33.0, lon_deg=44.0), Waypoint(lat_deg=33.5, lon_deg=44.5))
    await hub.store.add_route_status(
        RouteStatus(
            status_id=RouteStatusId(0),
            name="Highway 1",
            line=ends,
            control=ControlClass.OPEN,
            threat=Threat.GREEN,
            reason="seen",
            author="wafa",
            set_at=NOON,
            valid_until=NOON + timedelta(hours=6),
        )
    )
    await hub.store.add_stop_order(
        StandingStop(stop_id=0, scope="everything", reason="mortars", by="wafa", at=NOON)
    )

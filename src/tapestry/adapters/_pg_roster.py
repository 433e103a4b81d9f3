"""Operators, vehicles, trackers, movements and fences in PostgreSQL."""

from typing import Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import Fence
from tapestry.model import (
    MovementId,
    MovementPlan,
    Operator,
    Refused,
    Tracker,
    TrackerId,
    Vehicle,
    VehicleId,
)

_SQL: Final = load_queries("roster")


class PgRoster:
    """The roster's part of the store."""

    _database: Database

    async def operators(self) -> list[Operator]:
        """Return all operators by id."""
        return msgspec.convert(await self._database.rows(_SQL["operators"]), list[Operator])

    async def add_operator(self, *, name: str) -> Operator:
        """Add an operator.

        Raises:
            Refused: The name is taken.
        """
        return msgspec.convert(await self._database.row(_SQL["add_operator"], {"name": name}), Operator)

    async def vehicles(self) -> list[Vehicle]:
        """Return all vehicles by id."""
        return msgspec.convert(await self._database.rows(_SQL["vehicles"]), list[Vehicle])

    async def add_vehicle(self, vehicle: Vehicle) -> Vehicle:
        """Add a vehicle under a new id, return it with that id.

        Raises:
            Refused: There is no such operator.
        """
        row = await self._database.row(_SQL["add_vehicle"], msgspec.structs.asdict(vehicle))
        assert row is not None
        return msgspec.structs.replace(vehicle, vehicle_id=VehicleId(row["vehicle_id"]))

    async def update_vehicle(self, vehicle: Vehicle) -> None:
        """Change a vehicle.

        Raises:
            Refused: There is no such vehicle or operator.
        """
        if not await self._database.run(_SQL["update_vehicle"], msgspec.structs.asdict(vehicle)):
            raise Refused(f"vehicle {vehicle.vehicle_id}: not on the roster; add it first")

    async def trackers(self) -> list[Tracker]:
        """Return all trackers by id."""
        return msgspec.convert(await self._database.rows(_SQL["trackers"]), list[Tracker])

    async def put_tracker(
        self, *, identity: str, vehicle_id: VehicleId | None, secret_sha256: bytes | None = None
    ) -> Tracker:
        """Add or rebind a tracker by its identity; without a secret the one that it had stays.

        Raises:
            Refused: There is no such vehicle.
        """
        params = {"identity": identity, "vehicle_id": vehicle_id, "secret_sha256": secret_sha256}
        return msgspec.convert(await self._database.row(_SQL["put_tracker"], params), Tracker)

    async def tracker_secrets(self) -> dict[TrackerId, bytes]:
        """Return the SHA-256 of each tracker's secret, for those that have one."""
        rows = await self._database.rows(_SQL["tracker_secrets"])
        return {TrackerId(row["tracker_id"]): row["secret_sha256"] for row in rows}

    async def movements(self) -> list[MovementPlan]:
        """Return the newest version of every movement, by id."""
        return [_plan(row["plan"]) for row in await self._database.rows(_SQL["movements"])]

    async def movement(self, movement_id: MovementId) -> MovementPlan | None:
        """Return the newest version of a movement, None when there is none."""
        row = await self._database.row(_SQL["movement"], {"movement_id": movement_id})
        return None if row is None else _plan(row["plan"])

    async def put_movement(self, plan: MovementPlan) -> MovementPlan:
        """Store a new version and return it; the version is counted here, the given one is ignored.

        Raises:
            Refused: There is no such movement (and the id is not 0), or no such operator.
        """
        async with self._database.transaction() as connection:
            movement_id, version = plan.movement_id, 1
            if movement_id == 0:
                new = await (await connection.execute(_SQL["new_movement_id"])).fetchone()
                assert new is not None
                movement_id = MovementId(new["movement_id"])
            else:
                await connection.execute(_SQL["lock_movement"], {"movement_id": movement_id})
                found = await connection.execute(_SQL["newest_version"], {"movement_id": movement_id})
                newest = await found.fetchone()
                assert newest is not None
                if newest["version"] == 0:
                    raise Refused(f"movement {movement_id}: does not exist; give 0 for a new one")
                version = newest["version"] + 1
            stored = msgspec.structs.replace(plan, movement_id=movement_id, version=version)
            params = {
                "movement_id": movement_id,
                "version": version,
                "operator_id": plan.operator_id,
                "plan": msgspec.json.encode(stored).decode(),
            }
            await connection.execute(_SQL["put_movement"], params)
        return stored

    async def fences(self) -> list[Fence]:
        """Return all fences by id."""
        return [
            msgspec.convert({**row, "rings": msgspec.json.decode(row["rings"])}, Fence)
            for row in await self._database.rows(_SQL["fences"])
        ]

    async def add_fence(self, fence: Fence) -> Fence:
        """Add a fence under a new id (the given one is ignored), return it with that id."""
        rings = msgspec.json.encode(fence.rings).decode()
        row = await self._database.row(
            _SQL["add_fence"], {"name": fence.name, "kind": fence.kind, "rings": rings}
        )
        assert row is not None
        return msgspec.structs.replace(fence, fence_id=row["fence_id"])

    async def remove_fence(self, fence_id: int) -> None:
        """Remove a fence.

        Raises:
            Refused: There is no such fence.
        """
        if not await self._database.run(_SQL["remove_fence"], {"fence_id": fence_id}):
            raise Refused(f"fence {fence_id}: does not exist; it may have been removed already")

    async def next_fences_version(self) -> int:
        """Return a number higher than any before."""
        row = await self._database.row(_SQL["next_fences_version"])
        assert row is not None
        return int(row["version"])


def _plan(text: str) -> MovementPlan:
    return msgspec.json.decode(text, type=MovementPlan)

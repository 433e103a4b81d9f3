"""Teams, taskings and evacuations in PostgreSQL."""

from datetime import datetime
from typing import Any, Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import TeamDevice
from tapestry.model import Medevac, MedevacId, Tasking, TaskingId, Team, TeamId, TeamPosition

_SQL: Final = load_queries("dispatch")


class PgDispatch:
    """The part of the store that dispatch uses."""

    _database: Database

    async def teams(self) -> list[Team]:
        """Return all teams, by id."""
        return [_team(row) for row in await self._database.rows(_SQL["teams"])]

    async def team(self, team_id: TeamId) -> Team | None:
        """Return a team, None when there is none."""
        row = await self._database.row(_SQL["team"], {"team_id": team_id})
        return None if row is None else _team(row)

    async def add_team(self, team: Team) -> Team:
        """Store a new team as version 1 under a new id."""
        new = msgspec.structs.replace(team, version=1)
        row = await self._database.row(_SQL["add_team"], {"name": new.name, "body": _body(new)})
        assert row is not None
        return msgspec.structs.replace(new, team_id=row["team_id"])

    async def put_team(self, team: Team) -> bool:
        """Store the next version; return False when somebody else stored that one before."""
        params = {"team_id": team.team_id, "name": team.name, "version": team.version, "body": _body(team)}
        return bool(await self._database.run(_SQL["put_team"], params))

    async def team_positions(self) -> list[TeamPosition]:
        """Return the last position of each team that has one."""
        return msgspec.convert(await self._database.rows(_SQL["team_positions"]), list[TeamPosition])

    async def put_team_position(self, position: TeamPosition) -> None:
        """Keep it unless a later fix of the team is known."""
        await self._database.run(_SQL["put_team_position"], msgspec.structs.asdict(position))

    async def forget_team_position(self, team_id: TeamId) -> None:
        """Forget where a team was."""
        await self._database.run(_SQL["forget_team_position"], {"team_id": team_id})

    async def add_team_device(
        self, team_id: TeamId, *, token_hash: bytes, token_expires_at: datetime, at: datetime, by: str
    ) -> TeamDevice:
        """Store an invitation."""
        params = {
            "team_id": team_id,
            "token_hash": token_hash,
            "token_expires_at": token_expires_at,
            "created_at": at,
            "created_by": by,
        }
        return msgspec.convert(await self._database.row(_SQL["add_team_device"], params), TeamDevice)

    async def enrol_team_device(
        self, token_hash: bytes, *, public_key: bytes, name: str, at: datetime
    ) -> TeamDevice | None:
        """Give an invited device its key. None: no such token, expired, wiped, or used with another key."""
        params = {"token_hash": token_hash, "public_key": public_key, "name": name, "at": at}
        row = await self._database.row(_SQL["enrol_team_device"], params)
        return None if row is None else msgspec.convert(row, TeamDevice)

    async def team_device(self, device_id: int) -> TeamDevice | None:
        """Return a device, None when there is none."""
        row = await self._database.row(_SQL["team_device"], {"device_id": device_id})
        return None if row is None else msgspec.convert(row, TeamDevice)

    async def team_devices(self, team_id: TeamId) -> list[TeamDevice]:
        """Return a team's devices, by id."""
        rows = await self._database.rows(_SQL["team_devices"], {"team_id": team_id})
        return msgspec.convert(rows, list[TeamDevice])

    async def count_team_item(self, device_id: int, n: int, *, at: datetime) -> bool:
        """Note an item by its number; return False when one with this or a higher number was there before."""
        params = {"device_id": device_id, "n": n, "at": at}
        return bool(await self._database.run(_SQL["count_team_item"], params))

    async def wipe_team_device(self, device_id: int, *, at: datetime) -> bool:
        """Take nothing more of a device; return False when that was said before."""
        return bool(await self._database.run(_SQL["wipe_team_device"], {"device_id": device_id, "at": at}))

    async def add_tasking(self, tasking: Tasking, *, is_open: bool) -> Tasking:
        """Store a new tasking under a new id."""
        row = await self._database.row(_SQL["add_tasking"], _tasking_params(tasking, is_open=is_open))
        assert row is not None
        return msgspec.structs.replace(tasking, tasking_id=row["tasking_id"])

    async def put_tasking(self, tasking: Tasking, *, is_open: bool) -> bool:
        """Store the next version; return False when somebody else stored that one before."""
        return bool(await self._database.run(_SQL["put_tasking"], _tasking_params(tasking, is_open=is_open)))

    async def tasking(self, tasking_id: TaskingId) -> Tasking | None:
        """Return a tasking, None when there is none."""
        row = await self._database.row(_SQL["tasking"], {"tasking_id": tasking_id})
        return None if row is None else _tasking(row)

    async def taskings(self, *, only_open: bool, limit: int, team_id: TeamId | None = None) -> list[Tasking]:
        """Return the newest first; of a team, open or not."""
        name = "open_taskings" if only_open else "taskings" if team_id is None else "taskings_of_team"
        rows = await self._database.rows(_SQL[name], {"limit": limit, "team_id": team_id})
        return [_tasking(row) for row in rows if team_id is None or _tasking(row).team_id == team_id]

    async def add_medevac(self, medevac: Medevac, *, is_open: bool) -> Medevac:
        """Store a new evacuation under a new id."""
        row = await self._database.row(_SQL["add_medevac"], _medevac_params(medevac, is_open=is_open))
        assert row is not None
        return msgspec.structs.replace(medevac, medevac_id=row["medevac_id"])

    async def put_medevac(self, medevac: Medevac, *, is_open: bool) -> bool:
        """Store the next version; return False when somebody else stored that one before."""
        return bool(await self._database.run(_SQL["put_medevac"], _medevac_params(medevac, is_open=is_open)))

    async def medevac(self, medevac_id: MedevacId) -> Medevac | None:
        """Return an evacuation, None when there is none."""
        row = await self._database.row(_SQL["medevac"], {"medevac_id": medevac_id})
        return None if row is None else _medevac(row)

    async def medevacs(self, *, only_open: bool, limit: int) -> list[Medevac]:
        """Return the newest first."""
        statement = _SQL["open_medevacs" if only_open else "medevacs"]
        return [_medevac(row) for row in await self._database.rows(statement, {"limit": limit})]


def _body(value: Team | Tasking | Medevac) -> str:
    return msgspec.json.encode(value).decode()


def _team(row: dict[str, Any]) -> Team:
    known = msgspec.json.decode(row["body"], type=Team)
    return msgspec.structs.replace(known, team_id=row["team_id"])


def _tasking(row: dict[str, Any]) -> Tasking:
    known = msgspec.json.decode(row["body"], type=Tasking)
    return msgspec.structs.replace(known, tasking_id=row["tasking_id"])


def _medevac(row: dict[str, Any]) -> Medevac:
    known = msgspec.json.decode(row["body"], type=Medevac)
    return msgspec.structs.replace(known, medevac_id=row["medevac_id"])


def _tasking_params(tasking: Tasking, *, is_open: bool) -> dict[str, Any]:
    return {
        "tasking_id": tasking.tasking_id,
        "team_id": tasking.team_id,
        "version": tasking.version,
        "state": tasking.state.value,
        "open": is_open,
        "body": _body(tasking),
    }


def _medevac_params(medevac: Medevac, *, is_open: bool) -> dict[str, Any]:
    return {
        "medevac_id": medevac.medevac_id,
        "version": medevac.version,
        "state": medevac.state.value,
        "open": is_open,
        "body": _body(medevac),
    }

"""Teams, taskings and evacuations in memory, kept to the same contract suite as PostgreSQL."""

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from tapestry.app.ports import TeamDevice
from tapestry.model import Medevac, Refused, Tasking, Team, TeamId, TeamPosition


class FakeDispatch:
    def __init__(self) -> None:
        super().__init__()
        self._teams: dict[int, Team] = {}
        self._team_positions: dict[int, TeamPosition] = {}
        self._team_devices: dict[int, TeamDevice] = {}
        self._team_tokens: dict[bytes, int] = {}
        self._taskings: dict[int, tuple[Tasking, bool]] = {}
        self._medevacs: dict[int, tuple[Medevac, bool]] = {}

    async def teams(self) -> list[Team]:
        return [self._teams[it] for it in sorted(self._teams)]

    async def team(self, team_id: TeamId) -> Team | None:
        return self._teams.get(team_id)

    async def add_team(self, team: Team) -> Team:
        if any(it.name == team.name for it in self._teams.values()):
            raise Refused("store: team name key (table team); change the value")
        stored = replace(team, team_id=TeamId(len(self._teams) + 1), version=1)
        self._teams[stored.team_id] = stored
        return stored

    async def put_team(self, team: Team) -> bool:
        if self._teams[team.team_id].version != team.version - 1:
            return False
        self._teams[team.team_id] = team
        return True

    async def team_positions(self) -> list[TeamPosition]:
        return [self._team_positions[it] for it in sorted(self._team_positions)]

    async def put_team_position(self, position: TeamPosition) -> None:
        known = self._team_positions.get(position.team_id)
        if known is None or known.fixed_at <= position.fixed_at:
            self._team_positions[position.team_id] = position

    async def forget_team_position(self, team_id: TeamId) -> None:
        self._team_positions.pop(team_id, None)

    async def add_team_device(
        self, team_id: TeamId, *, token_hash: bytes, token_expires_at: datetime, at: datetime, by: str
    ) -> TeamDevice:
        device = TeamDevice(
            device_id=len(self._team_devices) + 1,
            team_id=team_id,
            token_expires_at=token_expires_at,
            created_at=at,
            created_by=by,
        )
        self._team_devices[device.device_id] = device
        self._team_tokens[token_hash] = device.device_id
        return device

    async def enrol_team_device(
        self, token_hash: bytes, *, public_key: bytes, name: str, at: datetime
    ) -> TeamDevice | None:
        device = self._team_devices.get(self._team_tokens.get(token_hash, 0))
        if device is None or device.wiped_at is not None:
            return None
        if device.public_key is None and device.token_expires_at <= at:
            return None
        if device.public_key not in (None, public_key):
            return None
        return self._put_device(
            device, public_key=public_key, name=name, enrolled_at=device.enrolled_at or at
        )

    async def team_device(self, device_id: int) -> TeamDevice | None:
        return self._team_devices.get(device_id)

    async def team_devices(self, team_id: TeamId) -> list[TeamDevice]:
        return [it for it in self._team_devices.values() if it.team_id == team_id]

    async def count_team_item(self, device_id: int, n: int, *, at: datetime) -> bool:
        device = self._team_devices[device_id]
        if device.last_n >= n:
            return False
        self._put_device(device, last_n=n, last_seen_at=at)
        return True

    async def wipe_team_device(self, device_id: int, *, at: datetime) -> bool:
        device = self._team_devices[device_id]
        if device.wiped_at is not None:
            return False
        self._put_device(device, wiped_at=at)
        return True

    async def add_tasking(self, tasking: Tasking, *, is_open: bool) -> Tasking:
        stored: Tasking = replace(tasking, tasking_id=len(self._taskings) + 1)
        self._taskings[stored.tasking_id] = (stored, is_open)
        return stored

    async def put_tasking(self, tasking: Tasking, *, is_open: bool) -> bool:
        if self._taskings[tasking.tasking_id][0].version != tasking.version - 1:
            return False
        self._taskings[tasking.tasking_id] = (tasking, is_open)
        return True

    async def tasking(self, tasking_id: int) -> Tasking | None:
        return self._taskings.get(tasking_id, (None, False))[0]

    async def taskings(self, *, only_open: bool, limit: int, team_id: TeamId | None = None) -> list[Tasking]:
        return [
            tasking
            for tasking, is_open in reversed(self._taskings.values())
            if (is_open or not only_open) and team_id in (None, tasking.team_id)
        ][:limit]

    async def add_medevac(self, medevac: Medevac, *, is_open: bool) -> Medevac:
        stored: Medevac = replace(medevac, medevac_id=len(self._medevacs) + 1)
        self._medevacs[stored.medevac_id] = (stored, is_open)
        return stored

    async def put_medevac(self, medevac: Medevac, *, is_open: bool) -> bool:
        if self._medevacs[medevac.medevac_id][0].version != medevac.version - 1:
            return False
        self._medevacs[medevac.medevac_id] = (medevac, is_open)
        return True

    async def medevac(self, medevac_id: int) -> Medevac | None:
        return self._medevacs.get(medevac_id, (None, False))[0]

    async def medevacs(self, *, only_open: bool, limit: int) -> list[Medevac]:
        found = reversed(self._medevacs.values())
        return [medevac for medevac, is_open in found if is_open or not only_open][:limit]

    def _put_device(self, device: TeamDevice, **changes: Any) -> TeamDevice:
        changed = replace(device, **changes)
        self._team_devices[device.device_id] = changed
        return changed

"""What the house asks of its store about teams, taskings and evacuations."""

from datetime import datetime
from typing import Protocol

import msgspec

from tapestry.model import Medevac, MedevacId, Tasking, TaskingId, Team, TeamId, TeamPosition


class TeamDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A team's phone or tablet: first an invitation, then known by its own key, until it is wiped."""

    device_id: int
    team_id: TeamId
    token_expires_at: datetime
    created_at: datetime
    created_by: str
    name: str = ""
    public_key: bytes | None = None
    enrolled_at: datetime | None = None
    last_n: int = 0  # number of the newest item that was taken from it
    last_seen_at: datetime | None = None
    wiped_at: datetime | None = None


class DispatchStore(Protocol):
    """Teams, taskings, evacuations."""

    async def teams(self) -> list[Team]: ...
    async def team(self, team_id: TeamId) -> Team | None: ...
    async def add_team(self, team: Team) -> Team:
        """Store a new team as version 1 under a new id; Refused when the name is taken."""
        ...

    async def put_team(self, team: Team) -> bool:
        """Store the next version; return False when somebody else stored that one before."""
        ...

    async def team_positions(self) -> list[TeamPosition]: ...
    async def put_team_position(self, position: TeamPosition) -> None:
        """Keep it unless a later fix of the team is known."""
        ...

    async def forget_team_position(self, team_id: TeamId) -> None: ...
    async def add_team_device(
        self, team_id: TeamId, *, token_hash: bytes, token_expires_at: datetime, at: datetime, by: str
    ) -> TeamDevice: ...
    async def enrol_team_device(
        self, token_hash: bytes, *, public_key: bytes, name: str, at: datetime
    ) -> TeamDevice | None:
        """Give an invited device its key. None: no such token, expired, wiped, or used with another key."""
        ...

    async def team_device(self, device_id: int) -> TeamDevice | None: ...
    async def team_devices(self, team_id: TeamId) -> list[TeamDevice]: ...
    async def count_team_item(self, device_id: int, n: int, *, at: datetime) -> bool:
        """Note an item by its number; return False when one with this or a higher number was there before."""
        ...

    async def wipe_team_device(self, device_id: int, *, at: datetime) -> bool: ...
    async def add_tasking(self, tasking: Tasking, *, is_open: bool) -> Tasking: ...
    async def put_tasking(self, tasking: Tasking, *, is_open: bool) -> bool:
        """Store the next version; return False when somebody else stored that one before."""
        ...

    async def tasking(self, tasking_id: TaskingId) -> Tasking | None: ...
    async def taskings(self, *, only_open: bool, limit: int, team_id: TeamId | None = None) -> list[Tasking]:
        """Return the newest first; of a team, open or not."""
        ...

    async def add_medevac(self, medevac: Medevac, *, is_open: bool) -> Medevac: ...
    async def put_medevac(self, medevac: Medevac, *, is_open: bool) -> bool:
        """Store the next version; return False when somebody else stored that one before."""
        ...

    async def medevac(self, medevac_id: MedevacId) -> Medevac | None: ...
    async def medevacs(self, *, only_open: bool, limit: int) -> list[Medevac]:
        """Return the newest first."""
        ...

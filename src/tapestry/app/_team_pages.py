"""A team's own page: enrolled once by a one-time link, then heard by its own key's signatures alone.

An item is `<line>.<signature>` as a phone's is; the line is "n,what,at_ms,tasking_id,rest". A device sends the items it
has, the last one a "look", and is told what became of them and what the team is ordered to do. An item that is sent
again does nothing twice: the tasking has the step already, or the device's number is past it.
"""

import asyncio
import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from tapestry import dispatch
from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._dispatch_news import tell_dispatch
from tapestry.app._phone_items import MAX_AT_MS, MAX_ITEM_LENGTH, digits_of, number_of, signed_line
from tapestry.app._phones import TooFast
from tapestry.app._refusals import DeskRefusal, Invalid, Missing
from tapestry.app._roster import checked_name
from tapestry.app._taskings import TaskingDesk
from tapestry.app._teams import TeamDesk
from tapestry.app._tries import Tries
from tapestry.app.ports import PhoneKeys, TeamDevice
from tapestry.model import Readiness, Tasking, TaskingState, Team, TeamPosition

TOKEN_SIZE_BYTES: Final = 24
TOKEN_GOOD_FOR: Final = timedelta(hours=48)
MAX_DEVICES: Final = 50  # of one team, wiped ones included
MAX_SHOWN: Final = 20  # taskings on the page
AHEAD: Final = timedelta(minutes=5)  # a place from further ahead is a wrong clock: the hub's counts then


class TeamInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """A code by which one device of a team enrols; shown this once."""

    device_id: int
    token: str
    expires_at: datetime


class TeamDeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """A device as the console shows it: no key."""

    device_id: int
    name: str
    state: str  # waiting, enrolled, expired, wiped
    last_seen_at: datetime | None


class TeamEnrolled(msgspec.Struct, frozen=True, kw_only=True):
    """What a device learns of itself."""

    device_id: int
    team: str


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item."""

    n: int
    refused: str = ""  # the code; empty: done


class TeamTasking(msgspec.Struct, frozen=True, kw_only=True):
    """A tasking as its team sees it."""

    tasking: Tasking
    text: str
    commands: tuple[str, ...]


class TeamNews(msgspec.Struct, frozen=True, kw_only=True):
    """What a device is told."""

    now: datetime
    wiped: bool
    taken: tuple[Taken, ...] = ()
    team: str = ""
    readiness: str = ""
    shares_position: bool = False
    taskings: tuple[TeamTasking, ...] = ()


class TeamPages:
    """What people do with devices of teams, and what those do."""

    def __init__(self, ports: DeskPorts, teams: TeamDesk, taskings: TaskingDesk, keys: PhoneKeys) -> None:
        self._ports = ports
        self._teams = teams
        self._taskings = taskings
        self._keys = keys
        self._tries = Tries()
        self._turns: dict[int, asyncio.Lock] = {}

    # ---------------------------------------------------------------- at the console
    async def devices(self, who: Principal, team_id: int) -> list[TeamDeviceView]:
        """Return a team's devices."""
        require(self._ports, who, Action.CHANGE_TEAMS)
        team, now = await self._teams.access_team(team_id), self._ports.now()
        found = await self._ports.store.team_devices(team.team_id)
        await self._ports.entries.note(who.user_name, "view-team-devices", f"team/{team_id}")
        return [
            TeamDeviceView(
                device_id=it.device_id, name=it.name, state=_state(it, now), last_seen_at=it.last_seen_at
            )
            for it in found
        ]

    async def invite(self, who: Principal, team_id: int) -> TeamInvitation:
        """Let one more device of a team enrol."""
        require(self._ports, who, Action.CHANGE_TEAMS)
        team, now = await self._teams.access_team(team_id), self._ports.now()
        if len(await self._ports.store.team_devices(team.team_id)) >= MAX_DEVICES:
            raise Invalid("too-many-devices", f"This team has {MAX_DEVICES} devices.", "Use one of them.")
        token = base64.urlsafe_b64encode(self._ports.random_bytes(TOKEN_SIZE_BYTES)).decode()
        device = await self._ports.store.add_team_device(
            team.team_id,
            token_hash=_hash(token),
            token_expires_at=now + TOKEN_GOOD_FOR,
            at=now,
            by=who.user_name,
        )
        details = {"device_id": device.device_id}
        await self._ports.entries.note(who.user_name, "invite-team-device", f"team/{team_id}", details)
        return TeamInvitation(device_id=device.device_id, token=token, expires_at=device.token_expires_at)

    async def wipe(self, who: Principal, device_id: int) -> None:
        """Take nothing more of a device; its page forgets everything at its next contact."""
        require(self._ports, who, Action.CHANGE_TEAMS)
        device = await self._ports.store.team_device(device_id) if 0 < device_id < 2**31 else None
        if device is None:
            raise Missing
        if await self._ports.store.wipe_team_device(device_id, at=self._ports.now()):
            await self._ports.entries.note(who.user_name, "wipe-team-device", _actor(device))

    # ---------------------------------------------------------------- on the device
    async def enrol(self, token: str, public_key: str, name: str, *, remote: str) -> TeamEnrolled:
        """Give an invited device its key; the token is used up by it."""
        key = _decoded(public_key)
        if key is None or not self._keys.is_key(key):
            raise Invalid("bad-key", "The public key is no point of P-256.", "Send 65 bytes as base64url.")
        device = await self._ports.store.enrol_team_device(
            _hash(token), public_key=key, name=checked_name(name, "device-name"), at=self._ports.now()
        )
        if device is None:
            self._take_try(remote)
            raise Invalid(
                "bad-token", "This code was used before, or its time is over.", "Ask the watch for another."
            )
        team = await self._teams.access_team(device.team_id)
        await self._ports.entries.note(_actor(device), "enrol-team-device", f"team/{team.team_id}")
        return TeamEnrolled(device_id=device.device_id, team=team.name)

    async def sync(self, device_id: int, sent: list[str], *, remote: str) -> TeamNews:
        """Take what a device sends, in the order of its numbers, and tell it what its team has to know."""
        device = await self._ports.store.team_device(device_id) if 0 < device_id < 2**31 else None
        key = None if device is None else device.public_key
        lines = [] if key is None else [self._line(key, device_id, it) for it in sent]
        if device is None or not lines or None in lines:
            self._take_try(remote)
            raise Missing
        if device.wiped_at is not None:
            return TeamNews(now=self._ports.now(), wiped=True)
        async with self._turns.setdefault(device_id, asyncio.Lock()):
            device = await self._ports.store.team_device(device_id)
            assert device is not None
            ordered = sorted((it for it in lines if it is not None), key=number_of)
            if number_of(ordered[-1]) <= device.last_n or _what(ordered[-1]) != "look":
                raise Invalid("old-look", "A look with this number was answered.", "Ask with a higher one.")
            taken = [await self._take(device, it) for it in ordered]
            return await self._news(device, [it for it in taken if it is not None])

    async def _take(self, device: TeamDevice, line: str) -> Taken | None:
        """Do what a line says, then note its number; None for a look."""
        n, code = number_of(line), ""
        if n <= device.last_n:
            return Taken(n=n)
        try:
            await self._do(device, line)
        except DeskRefusal as refusal:
            code = refusal.code
        except ValueError:
            code = "bad-item"
        await self._ports.store.count_team_item(device.device_id, n, at=self._ports.now())
        return None if _what(line) == "look" else Taken(n=n, refused=code)

    async def _do(self, device: TeamDevice, line: str) -> None:
        _, what, at_ms, tasking_id, rest = line.split(",", 4)
        if not 0 < int(at_ms) < MAX_AT_MS:
            raise ValueError("expected a time before 2100")
        said_at = datetime.fromtimestamp(int(at_ms) / 1000, UTC)
        if what == "position":
            await self._place(device, said_at, rest)
        elif what == "readiness":
            await self._ready(device, Readiness(rest))
        elif what in dispatch.TEAM_COMMANDS:
            await self._answer(device, what, digits_of(tasking_id), rest, said_at)
        elif what != "look":
            raise ValueError("expected a command of teams")

    async def _answer(
        self, device: TeamDevice, what: str, tasking_id: int, rest: str, said_at: datetime
    ) -> None:
        """Do what a team says of a tasking; said twice, it is done once."""
        tasking = await self._taskings.access_tasking(tasking_id)
        if tasking.team_id != device.team_id:
            raise Missing
        if any(it.by == _actor(device) and it.command == what for it in tasking.steps):
            return  # done before, and the answer was lost
        await self._taskings.apply(
            tasking.tasking_id, what, by=_actor(device), reason=rest[:500], said_at=said_at
        )

    async def _place(self, device: TeamDevice, said_at: datetime, rest: str) -> None:
        """Keep where a team is while it is on a tasking, or when it agreed to be seen always."""
        team, now = await self._teams.access_team(device.team_id), self._ports.now()
        if not team.shares_position and team.team_id not in await self._teams.busy():
            raise Invalid("not-shared", "This team does not share where it is now.", "Nothing was kept.")
        lat, lon = (float(text) for text in rest.split(";"))
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            raise ValueError("expected a place on the Earth")
        await self._ports.store.put_team_position(
            TeamPosition(
                team_id=team.team_id,
                lat_deg=lat,
                lon_deg=lon,
                fixed_at=min(said_at, now) if said_at <= now + AHEAD else now,
                received_at=now,
                source="team page",
            )
        )

    async def _ready(self, device: TeamDevice, readiness: Readiness) -> None:
        team = await self._teams.access_team(device.team_id)
        changed: Team = msgspec.structs.replace(team, readiness=readiness, version=team.version + 1)
        if await self._ports.store.put_team(changed):
            details = {"readiness": readiness.value}
            await self._ports.entries.note(_actor(device), "change-team", f"team/{team.team_id}", details)
            await tell_dispatch(self._ports)

    async def _news(self, device: TeamDevice, taken: list[Taken]) -> TeamNews:
        team = await self._teams.access_team(device.team_id)
        shown = []
        for tasking in await self._ports.store.taskings(
            only_open=False, limit=MAX_SHOWN, team_id=team.team_id
        ):
            reached = tasking
            if tasking.state is TaskingState.REQUESTED:
                reached = await self._taskings.apply(tasking.tasking_id, "relay", by=_actor(device))
            shown.append(
                TeamTasking(
                    tasking=reached,
                    text=dispatch.tasking_text(reached, team.language),
                    commands=tuple(
                        it for it in dispatch.tasking_commands(reached.state) if it in dispatch.TEAM_COMMANDS
                    ),
                )
            )
        return TeamNews(
            now=self._ports.now(),
            wiped=False,
            taken=tuple(taken),
            team=team.name,
            readiness=team.readiness.value,
            shares_position=team.shares_position,
            taskings=tuple(shown),
        )

    def _line(self, key: bytes, device_id: int, sent: str) -> str | None:
        if len(sent) > MAX_ITEM_LENGTH or not number_of(sent):
            return None
        return signed_line(self._keys, key, device_id, sent)

    def _take_try(self, remote: str) -> None:
        if not self._tries.take(remote, now_s=self._ports.now().timestamp()):
            raise TooFast


def _actor(device: TeamDevice) -> str:
    return f"team-device/{device.device_id}"


def _what(line: str) -> str:
    return line.split(",", 2)[1] if line.count(",") > 1 else ""


def _state(device: TeamDevice, now: datetime) -> str:
    if device.wiped_at is not None:
        return "wiped"
    if device.enrolled_at is not None:
        return "enrolled"
    return "waiting" if now < device.token_expires_at else "expired"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None

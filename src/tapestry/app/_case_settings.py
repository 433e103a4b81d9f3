"""Settings of distress: desks, ladders, silent calls; changed by an administrator, every version kept."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._refusals import Changed, Invalid
from tapestry.app.ports import StoredSetting
from tapestry.distress import WATCH, CaseDesk, DistressSettings, NotAllowed, verify_settings
from tapestry.model import Place
from tapestry.movement import Area, governorates, holds

SETTING: Final = "distress"
KNOWN_FOR: Final = timedelta(seconds=30)  # another web process may have stored a newer version
MAX_SIZE_BYTES: Final = 1_000_000  # areas of desks are polygons
WATCHERS: Final = frozenset({"watch_officer", "administrator"})


class DistressSettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """The settings as they hold, and since when."""

    version: int  # 0: those that ship with the package
    settings: DistressSettings
    set_at: datetime | None = None
    set_by: str = ""


class CaseSettings:
    """What people do with the settings of distress, and what follows from them."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._known = DistressSettingsView(version=0, settings=DistressSettings())
        self._known_at: datetime | None = None

    async def current(self) -> DistressSettings:
        """Return the settings that hold now."""
        return (await self._view()).settings

    async def view(self, who: Principal) -> DistressSettingsView:
        """Return the settings and their version."""
        require(self._ports, who, Action.CHANGE_SETTINGS)  # they hold numbers of duty phones
        view = await self._view(fresh=True)
        await self._ports.entries.note(who.user_name, "view-settings", "settings/distress")
        return view

    async def put(self, who: Principal, settings: DistressSettings, version: int) -> DistressSettingsView:
        """Put settings in the place of a version.

        Raises:
            Changed: That version is not the newest any more.
            Invalid: They are too large, or would leave a call unheard.
        """
        require(self._ports, who, Action.CHANGE_SETTINGS)
        try:
            verify_settings(settings, governorates=frozenset(governorates()))
        except NotAllowed as fault:
            raise Invalid(fault.code, fault.message, fault.todo) from fault
        await self._verify_members(settings)
        body = msgspec.json.encode(settings).decode()
        if len(body) > MAX_SIZE_BYTES:
            raise Invalid(
                "settings-too-large",
                f"The settings have {len(body)} bytes; expected at most {MAX_SIZE_BYTES}.",
                "Draw the areas with fewer vertices.",
            )
        stored = StoredSetting(
            name=SETTING, version=version + 1, body=body, set_at=self._ports.now(), set_by=who.user_name
        )
        if not await self._ports.store.put_setting(stored):
            raise Changed
        self._known_at = None
        details = {"version": stored.version, "desks": [desk.name for desk in settings.desks]}
        await self._ports.entries.note(who.user_name, "change-settings", "settings/distress", details)
        return await self._view()

    async def _verify_members(self, settings: DistressSettings) -> None:
        known = {account.user_name for account in await self._ports.store.accounts()}
        for desk in settings.desks:
            strangers = sorted(set(desk.members) - known)
            if strangers:
                raise Invalid(
                    "unknown-member",
                    f"The desk {desk.name} has a member {strangers[0]!r} who has no account.",
                    "Write the user name as it is in the list of accounts.",
                )

    async def _view(self, *, fresh: bool = False) -> DistressSettingsView:
        now = self._ports.now()
        if fresh or self._known_at is None or not timedelta(0) <= now - self._known_at < KNOWN_FOR:
            stored = await self._ports.store.setting(SETTING)
            if stored is not None and stored.version != self._known.version:
                self._known = DistressSettingsView(
                    version=stored.version,
                    settings=msgspec.json.decode(stored.body, type=DistressSettings),
                    set_at=stored.set_at,
                    set_by=stored.set_by,
                )
            self._known_at = now
        return self._known


def desks_here(settings: DistressSettings, lat_deg: float | None, lon_deg: float | None) -> frozenset[str]:
    """Return the names of the desks whose area holds a place; of no place, those of the whole country."""
    desks = settings.desks or (WATCH,)
    here = {desk.name for desk in desks if desk.whole_country}
    if lat_deg is not None and lon_deg is not None:
        place = Place(name="", lat_deg=lat_deg, lon_deg=lon_deg)
        here |= {desk.name for desk in desks if _holds(desk, place)}
    return frozenset(here)


def desks_of(settings: DistressSettings, who: Principal) -> frozenset[str]:
    """Return the names of the desks that somebody is a member of."""
    if not settings.desks:
        return frozenset({WATCH.name}) if who.role in WATCHERS else frozenset()
    return frozenset(desk.name for desk in settings.desks if who.user_name in desk.members)


def _holds(desk: CaseDesk, place: Place) -> bool:
    return holds(Area(governorates=desk.governorates, rings=desk.rings), place)

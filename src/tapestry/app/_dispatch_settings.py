"""Settings of dispatch: read by everybody who needs them, changed by an administrator, every version kept."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._refusals import Changed
from tapestry.app.ports import StoredSetting
from tapestry.dispatch import DispatchSettings

SETTING: Final = "dispatch"
KNOWN_FOR: Final = timedelta(seconds=30)  # another web process may have stored a newer version


class DispatchSettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """The settings as they hold, and since when."""

    version: int  # 0: those that ship with the package
    settings: DispatchSettings
    set_at: datetime | None = None
    set_by: str = ""


class DispatchSettingsDesk:
    """What people do with the settings of dispatch."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._known = DispatchSettingsView(version=0, settings=DispatchSettings())
        self._known_at: datetime | None = None

    async def current(self) -> DispatchSettings:
        """Return the settings that hold now."""
        return (await self._view()).settings

    async def view(self, who: Principal) -> DispatchSettingsView:
        """Return the settings and their version."""
        require(self._ports, who, Action.VIEW_TEAMS)
        view = await self._view(fresh=True)
        await self._ports.entries.note(who.user_name, "view-settings", "settings/dispatch")
        return view

    async def put(self, who: Principal, settings: DispatchSettings, version: int) -> DispatchSettingsView:
        """Put settings in the place of a version.

        Raises:
            Changed: That version is not the newest any more.
        """
        require(self._ports, who, Action.CHANGE_SETTINGS)
        body = msgspec.json.encode(settings).decode()
        stored = StoredSetting(
            name=SETTING, version=version + 1, body=body, set_at=self._ports.now(), set_by=who.user_name
        )
        if not await self._ports.store.put_setting(stored):
            raise Changed
        details = {"version": stored.version, "settings": msgspec.json.decode(body)}
        await self._ports.entries.note(who.user_name, "change-settings", "settings/dispatch", details)
        return await self._view(fresh=True)

    async def _view(self, *, fresh: bool = False) -> DispatchSettingsView:
        now = self._ports.now()
        if fresh or self._known_at is None or not timedelta(0) <= now - self._known_at < KNOWN_FOR:
            stored = await self._ports.store.setting(SETTING)
            if stored is not None and stored.version != self._known.version:
                self._known = DispatchSettingsView(
                    version=stored.version,
                    settings=msgspec.json.decode(stored.body, type=DispatchSettings),
                    set_at=stored.set_at,
                    set_by=stored.set_by,
                )
            self._known_at = now
        return self._known

"""Settings of movements: read by everybody who needs them, changed by an administrator, every version kept."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._refusals import Changed, Invalid
from tapestry.app.ports import StoredSetting
from tapestry.movement import MovementSettings, NotAllowed, verify_settings

SETTING: Final = "movement"
KNOWN_FOR: Final = timedelta(seconds=30)  # another web process may have stored a newer version
MAX_SIZE_BYTES: Final = 1_000_000  # areas of authorities are polygons


class SettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """The settings as they hold, and since when."""

    version: int  # 0: those that ship with the package
    settings: MovementSettings
    set_at: datetime | None = None
    set_by: str = ""


class SettingsDesk:
    """What people do with the settings of movements."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._known = SettingsView(version=0, settings=MovementSettings())
        self._known_at: datetime | None = None

    async def current(self) -> MovementSettings:
        """Return the settings that hold now."""
        return (await self._view()).settings

    async def view(self, who: Principal) -> SettingsView:
        """Return the settings and their version."""
        require(self._ports, who, Action.VIEW_SETTINGS)
        view = await self._view(fresh=True)
        await self._ports.entries.note(who.user_name, "view-settings", "settings/movement")
        return view

    async def put(self, who: Principal, settings: MovementSettings, version: int) -> SettingsView:
        """Put settings in the place of a version.

        Raises:
            Changed: That version is not the newest any more.
            Invalid: They are too large, or would switch a check off in silence.
        """
        require(self._ports, who, Action.CHANGE_SETTINGS)
        try:
            verify_settings(settings)
        except NotAllowed as fault:
            raise Invalid(fault.code, fault.message, fault.todo) from fault
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
        details = {"version": stored.version, "settings": msgspec.json.decode(body)}
        await self._ports.entries.note(who.user_name, "change-settings", "settings/movement", details)
        return await self._view()

    async def _view(self, *, fresh: bool = False) -> SettingsView:
        now = self._ports.now()
        if fresh or self._known_at is None or not timedelta(0) <= now - self._known_at < KNOWN_FOR:
            stored = await self._ports.store.setting(SETTING)
            if stored is not None and stored.version != self._known.version:
                self._known = SettingsView(
                    version=stored.version,
                    settings=msgspec.json.decode(stored.body, type=MovementSettings),
                    set_at=stored.set_at,
                    set_by=stored.set_by,
                )
            self._known_at = now
        return self._known

"""Settings of which every version is kept: read by everybody who needs them, changed by an administrator."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

import msgspec

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._refusals import Changed, Invalid
from tapestry.app.ports import StoredSetting

KNOWN_FOR: Final = timedelta(seconds=30)  # another web process may have stored a newer version
MAX_SIZE_BYTES: Final = 1_000_000  # areas are polygons

T = TypeVar("T")


class SettingsView(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """The settings as they hold, and since when."""

    version: int  # 0: those that ship with the package
    settings: T
    set_at: datetime | None = None
    set_by: str = ""


class VersionedSettings(Generic[T]):
    """One kind of settings.

    Args:
        ports: What the desk works with.
        name: Under which they are stored.
        shipped: Those that hold until somebody changes them.
        seen_with: What one may do who may look at them.
        verify: Called with settings before they are stored; raises Invalid.
        noted: What the Log keeps of new settings; all of them when not given.
    """

    def __init__(
        self,
        ports: DeskPorts,
        *,
        name: str,
        shipped: T,
        seen_with: Action,
        verify: Callable[[T], Awaitable[None]] | None = None,
        noted: Callable[[T], dict[str, Any]] | None = None,
    ) -> None:
        self._ports = ports
        self._name = name
        self._kind: type[T] = type(shipped)
        self._seen_with = seen_with
        self._verify = verify
        self._noted = noted
        self._known = SettingsView(version=0, settings=shipped)
        self._known_at: datetime | None = None

    async def current(self) -> T:
        """Return the settings that hold now."""
        return (await self._view()).settings

    async def view(self, who: Principal) -> SettingsView[T]:
        """Return the settings and their version; the look is in the Log."""
        require(self._ports, who, self._seen_with)
        view = await self._view(fresh=True)
        await self._ports.entries.note(who.user_name, "view-settings", f"settings/{self._name}")
        return view

    async def put(self, who: Principal, settings: T, version: int) -> SettingsView[T]:
        """Put settings in the place of a version.

        Raises:
            Changed: That version is not the newest any more.
            Invalid: They are too large, or would switch a check off in silence.
        """
        require(self._ports, who, Action.CHANGE_SETTINGS)
        if self._verify is not None:
            await self._verify(settings)
        body = msgspec.json.encode(settings).decode()
        if len(body) > MAX_SIZE_BYTES:
            raise Invalid(
                "settings-too-large",
                f"The settings have {len(body)} bytes; expected at most {MAX_SIZE_BYTES}.",
                "Draw the areas with fewer vertices.",
            )
        stored = StoredSetting(
            name=self._name, version=version + 1, body=body, set_at=self._ports.now(), set_by=who.user_name
        )
        if not await self._ports.store.put_setting(stored):
            raise Changed
        noted = {"settings": msgspec.json.decode(body)} if self._noted is None else self._noted(settings)
        details = {"version": stored.version, **noted}
        await self._ports.entries.note(who.user_name, "change-settings", f"settings/{self._name}", details)
        return await self._view(fresh=True)

    async def _view(self, *, fresh: bool = False) -> SettingsView[T]:
        now = self._ports.now()
        if fresh or self._known_at is None or not timedelta(0) <= now - self._known_at < KNOWN_FOR:
            stored = await self._ports.store.setting(self._name)
            if stored is not None and stored.version != self._known.version:
                self._known = SettingsView(
                    version=stored.version,
                    settings=msgspec.json.decode(stored.body, type=self._kind),
                    set_at=stored.set_at,
                    set_by=stored.set_by,
                )
            self._known_at = now
        return self._known

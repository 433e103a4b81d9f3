"""Settings of distress: desks, ladders, silent calls; and which desks follow from them."""

from typing import Final

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts
from tapestry.app._refusals import Invalid
from tapestry.app._versioned_settings import VersionedSettings
from tapestry.distress import WATCH, CaseDesk, DistressSettings, NotAllowed, verify_settings
from tapestry.model import Place
from tapestry.movement import Area, governorates, holds

WATCHERS: Final = frozenset({"watch_officer", "administrator"})


class CaseSettings(VersionedSettings[DistressSettings]):
    """What people do with the settings of distress; only who may change them sees them: they hold duty phones."""

    def __init__(self, ports: DeskPorts) -> None:
        super().__init__(
            ports,
            name="distress",
            shipped=DistressSettings(),
            seen_with=Action.CHANGE_SETTINGS,
            verify=self._verify_whole,
            noted=lambda settings: {"desks": [desk.name for desk in settings.desks]},
        )

    async def _verify_whole(self, settings: DistressSettings) -> None:
        try:
            verify_settings(settings, governorates=frozenset(governorates()))
        except NotAllowed as fault:
            raise Invalid(fault.code, fault.message, fault.todo) from fault
        await self._verify_members(settings)

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

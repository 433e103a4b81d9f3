"""What people see of centres: which this one is, whether the others are heard, which changes were set aside."""

import msgspec

from tapestry.access import HUB, Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._centre_port import Aside, CentreStore
from tapestry.model import Centre, LinkState

MAX_ASIDES = 200


class CentresView(msgspec.Struct, frozen=True, kw_only=True):
    """This centre and its links."""

    own: Centre | None  # null: this hub stands alone
    links: tuple[LinkState, ...] = ()


class CentreDesk:
    """Looks at centres."""

    def __init__(self, ports: DeskPorts, centres: CentreStore | None) -> None:
        self._ports = ports
        self._centres = centres

    def view(self, who: Principal) -> CentresView:
        """Return this centre and its links."""
        require(self._ports, who, Action.VIEW_CENTRES, HUB)
        return CentresView(own=self._ports.links.own, links=self._ports.links.links)

    async def asides(self, who: Principal) -> list[Aside]:
        """Return changes that do not count because of another one, newest first; the look is in the Log."""
        require(self._ports, who, Action.VIEW_CENTRES, HUB)
        found = [] if self._centres is None else await self._centres.asides(limit=MAX_ASIDES)
        await self._ports.entries.note(who.user_name, "view-changes-aside", "centres", {"count": len(found)})
        return found

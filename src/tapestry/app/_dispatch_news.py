"""How everybody who watches hears that something of dispatch changed."""

from typing import Final

import msgspec

from tapestry.app._access import DeskPorts
from tapestry.app._live_feed import ChangedSheet, DeskChanged
from tapestry.model import MovementId, OperatorId

HUB_NEWS: Final = MovementId(0)
"""In the live feed's `movements`, stands for what belongs to the hub itself: teams, taskings, evacuations."""


async def tell_dispatch(ports: DeskPorts) -> None:
    """Tell every console whose person may see the hub's own affairs to ask again."""
    changed = ChangedSheet(movement_id=HUB_NEWS, operator_id=OperatorId(0))
    said = DeskChanged(kind="dispatch", sheets=(changed,))
    await ports.announcer.sheets_changed(msgspec.json.encode(said))

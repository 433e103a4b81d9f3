"""Positions in text messages: read with what the hub knows of the convoy, put on the bus, or told why not."""

from datetime import datetime

import msgspec

from tapestry.app._access import DeskPorts
from tapestry.app._known_places import known_places
from tapestry.app._text_senders import Seat
from tapestry.app._told_positions import ToldPositions
from tapestry.model import Flag
from tapestry.posrep import PosRep, read_posrep


class TextPositions:
    """Makes positions of texts."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._positions = ToldPositions(ports)

    async def read(self, text: str, seat: Seat, *, sent_at: datetime) -> PosRep:
        """Return what a text says of a position.

        Raises:
            OutsideFault: The database cannot be reached.
        """
        known = await known_places(self._ports, seat.movement_id)
        return read_posrep(text, sent_at=sent_at, known=known, callsign=seat.callsign)

    async def put(self, told: PosRep, seat: Seat, sender: str) -> PosRep:
        """Put a position that was read on the bus; return it with what became of it."""
        if told.code != "read":
            return told
        if seat.other:
            return msgspec.structs.replace(told, code="other-vehicle")
        if seat.vehicle is None:
            return msgspec.structs.replace(told, code="no-vehicle")
        vehicle_id = seat.vehicle.vehicle_id
        placed = await self._positions.put(vehicle_id, told, by=Flag.BY_TEXT, proved=False)
        details = {"form": told.form, "place": told.place, "when": told.when, "placed": placed}
        await self._ports.entries.note(f"sms:{sender}", "position-by-text", f"vehicle/{vehicle_id}", details)
        return told if placed else msgspec.structs.replace(told, code="not-tracked")

"""What happened on the roads: confirmed and open calls for help, beside the ways of the convoys that drove."""

from datetime import datetime, timedelta
from typing import Final

from tapestry import route
from tapestry.app._access import DeskPorts
from tapestry.model import CaseState, MovementState, Waypoint

LOOK_BACK: Final = timedelta(days=365)
MAX_CASES: Final = 5_000
MAX_SHEETS: Final = 5_000
GOOD_FOR: Final = timedelta(minutes=10)  # a year's rates do not turn within this
NO_INCIDENT: Final = (CaseState.FALSE, CaseState.TEST)
DROVE: Final = (MovementState.ARRIVED, MovementState.CLOSED)


class RoadPast:
    """The past of the last year, read anew every ten minutes at most."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._known: route.Past | None = None
        self._read_at: datetime | None = None

    async def read(self) -> route.Past:
        """Return distress cases that were not judged false or tests, and the routes of sheets that saw it through.

        A sheet that was closed without having departed did not drive. Of a storm of calls nobody knows where it was:
        it is none.
        """
        now = self._ports.now()
        if self._known is None or self._read_at is None or now - self._read_at > GOOD_FOR:
            since = now - LOOK_BACK
            cases = await self._ports.store.cases_between(since, now, limit=MAX_CASES)
            places = tuple(
                Waypoint(lat_deg=case.lat_deg, lon_deg=case.lon_deg)
                for case in cases
                if case.verdict not in NO_INCIDENT
                and not case.storm
                and case.lat_deg is not None
                and case.lon_deg is not None
            )
            self._known = route.Past(incidents=places, journeys=await self._journeys(since))
            self._read_at = now
        return self._known

    async def _journeys(self, since: datetime) -> tuple[tuple[Waypoint, ...], ...]:
        lines = await self._ports.store.sheet_lines(only_open=False, limit=MAX_SHEETS)
        ended = [
            line.movement_id
            for line in lines
            if line.state in DROVE and line.depart_at is not None and line.depart_at >= since
        ]
        sheets = await self._ports.store.sheets(ended) if ended else []
        return tuple(
            tuple(sheet.request.route)
            for sheet in sheets
            if len(sheet.request.route) > 1 and any(it.command == "depart" for it in sheet.history)
        )

"""Sheets at the desk: listed, opened, checked while typed, changed by commands; every look and deed in the Log."""

from datetime import timedelta
from typing import Final

from tapestry.access import Action, Principal, Resource, permitted
from tapestry.app._access import DeskPorts, may, require
from tapestry.app._refusals import Invalid, Missing
from tapestry.app._settings_desk import SettingsDesk
from tapestry.app._sheet_access import (
    access_sheet,
    may_command,
    require_command,
    resource_of_line,
    resource_of_sheet,
)
from tapestry.app._sheet_checks import BOOKS, SheetChecks
from tapestry.app._sheet_etas import SheetEtas
from tapestry.app._sheet_lines import WAITING, line_of
from tapestry.app._sheet_meetings import SheetMeetings
from tapestry.app._sheet_next import SheetNext
from tapestry.app._sheet_passages import SheetPassages
from tapestry.app._sheet_roads import SheetRoads
from tapestry.app._sheet_shape import checked_shape
from tapestry.app._sheet_views import (
    CheckView,
    SheetSummary,
    SheetView,
    coarse_sheet,
    is_late,
    summary_of,
)
from tapestry.app._sheet_writer import SheetWriter
from tapestry.app._stop_orders import StopDesk
from tapestry.app.ports import SheetVersion, SheetWrite
from tapestry.model import (
    Cancel,
    Close,
    Command,
    Decide,
    Deconflict,
    Deny,
    Depart,
    Divert,
    Edit,
    LiftStop,
    MovementRequest,
    MovementSheet,
    MovementState,
    Return,
    Review,
    StopMoving,
    Submit,
)
from tapestry.movement import Meeting, allowed_commands, new_sheet

CHECKED: Final = WAITING | {MovementState.DRAFT, MovementState.RETURNED}
"""States in which a check still changes something."""
MAX_SHEETS: Final = 5_000
MAX_NOTICES: Final = 200  # newest ones of a sheet
NEEDS_VERSION: Final = (
    Edit | Submit | Review | Return | Deny | Deconflict | Decide | Divert | Cancel | Close
)  # what is decided on what was read: who read an old version has to look again


class SheetDesk:
    """What people do with sheets."""

    def __init__(
        self,
        ports: DeskPorts,
        *,
        settings: SettingsDesk,
        checks: SheetChecks,
        meetings: SheetMeetings,
        passages: SheetPassages,
        etas: SheetEtas,
        roads: SheetRoads,
        writer: SheetWriter,
        stops: StopDesk,
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._checks = checks
        self._meetings = meetings
        self._passages = passages
        self._etas = etas
        self._roads = roads
        self._writer = writer
        self._stops = stops
        self._next = SheetNext(ports)

    async def sheets(self, who: Principal, *, only_open: bool, limit: int) -> list[SheetSummary]:
        """Return the sheets that the person may see, the latest departure first."""
        lines = await self._ports.store.sheet_lines(only_open=only_open, limit=MAX_SHEETS)
        resources = [resource_of_line(line) for line in lines]
        seen = permitted(self._ports.monitor, who, Action.VIEW_MOVEMENT, resources)
        visible = [line for line, sees in zip(lines, seen, strict=True) if sees][:limit]
        names = {it.operator_id: it.name for it in await self._ports.store.operators()}
        details = {"count": len(visible), "only_open": only_open}
        await self._ports.entries.note(who.user_name, "view-sheets", "movements", details)
        now = self._ports.now()
        exact = permitted(
            self._ports.monitor, who, Action.VIEW_EXACT_PLACE, [resource_of_line(line) for line in visible]
        )
        coming = await self._next.names([line for line, sees in zip(visible, exact, strict=True) if sees])
        return [
            summary_of(
                line,
                names.get(line.operator_id, ""),
                now,
                exact=sees,
                coming=coming.get(line.movement_id, ""),
            )
            for line, sees in zip(visible, exact, strict=True)
        ]

    async def add(self, who: Principal, request: MovementRequest) -> MovementSheet:
        """Begin a sheet: a draft."""
        request = await self._checked(who, request)
        sheet = new_sheet(request, by=who.user_name, at=self._ports.now())
        line = line_of(sheet, rerouted=True)
        write = SheetWrite(sheet=sheet, line=line, at=self._ports.now(), by=who.user_name, command="add")
        stored = await self._ports.store.add_sheet(write)
        subject = f"movement/{stored.movement_id}"
        details = {"version": 1, "callsign": request.callsign, "vehicles": len(request.vehicles)}
        await self._ports.entries.note(who.user_name, "add-sheet", subject, details)
        await self._writer.tell_of([stored])
        return stored

    async def check(self, who: Principal, request: MovementRequest) -> CheckView:
        """Return what a check notices of a request that is being written."""
        request = await self._checked(who, request)
        return await self._checks.view(request)

    async def sheet(self, who: Principal, movement_id: int, *, version: int | None = None) -> SheetView:
        """Return a sheet and everything that is known beside it; a partner sees less of it.

        Args:
            who: Who looks.
            movement_id: Of the sheet.
            version: An old one: as it was, with nothing beside it.
        """
        sheet = await access_sheet(self._ports, who, movement_id)
        details = {} if version is None else {"version": version}
        await self._ports.entries.note(who.user_name, "view-sheet", f"movement/{movement_id}", details)
        settings = await self._settings.current()
        if not may(self._ports, who, Action.VIEW_EXACT_PLACE, resource_of_sheet(sheet)):
            if version is not None:
                raise Missing
            delay = timedelta(minutes=settings.partner_delay_minutes)
            shown = coarse_sheet(await self._delayed(sheet, delay), step_deg=settings.partner_step_deg)
            return SheetView(sheet=shown, allowed=(), plan_version=shown.plan_version)
        if version is not None:
            old = await self._ports.store.sheet(sheet.movement_id, version=version)
            if old is None:
                raise Missing
            return SheetView(sheet=old, allowed=(), plan_version=old.plan_version)
        return await self._whole(who, sheet, four_eyes=settings.four_eyes)

    async def command(
        self, who: Principal, movement_id: int, command: Command, version: int | None
    ) -> MovementSheet:
        """Return the sheet after a command.

        Args:
            who: Who gives it.
            movement_id: Of the sheet.
            command: What is to be done.
            version: That the person read; may be left out for what is done under way.
        """
        command = checked_shape(command)
        sheet = await access_sheet(self._ports, who, movement_id)
        settings = await self._settings.current()

        def check(newest: MovementSheet) -> None:
            require_command(self._ports, who, newest, type(command), four_eyes=settings.four_eyes)

        check(sheet)
        if version is None and isinstance(command, NEEDS_VERSION):
            raise Invalid(
                "version-needed", "This is decided on a version of the sheet.", "Send the version you read."
            )
        if isinstance(command, Edit):
            await self._check_edit(who, sheet, command)
        after = await self._writer.apply(
            sheet.movement_id, command, by=who.user_name, version=version, check=check
        )
        return await self._followed(who, after, command)

    async def history(self, who: Principal, movement_id: int) -> list[SheetVersion]:
        """Return a sheet's versions, the oldest first."""
        sheet = await access_sheet(self._ports, who, movement_id)
        require(self._ports, who, Action.VIEW_EXACT_PLACE, resource_of_sheet(sheet))
        await self._ports.entries.note(who.user_name, "view-sheet-history", f"movement/{movement_id}")
        return await self._ports.store.sheet_versions(sheet.movement_id)

    async def _delayed(self, sheet: MovementSheet, delay: timedelta) -> MovementSheet:
        """Return a released sheet as it was a while ago; one approved since then as it was when it was approved."""
        until = self._ports.now() - delay
        versions = await self._ports.store.sheet_versions(sheet.movement_id)
        for known in reversed(versions):
            old = await self._ports.store.sheet(sheet.movement_id, version=known.version)
            if old is None or not old.plan_version:
                break
            sheet = old
            if known.at <= until:
                break
        return sheet

    async def _whole(self, who: Principal, sheet: MovementSheet, *, four_eyes: bool) -> SheetView:
        now = self._ports.now()
        allowed = tuple(
            tag
            for tag in sorted(allowed_commands(sheet))
            if may_command(self._ports, who, sheet, tag, four_eyes=four_eyes)
        )
        line = await self._ports.store.sheet_line(sheet.movement_id)
        passages = await self._passages.of(sheet.movement_id)
        return SheetView(
            sheet=sheet,
            allowed=allowed,
            findings=await self._checks.flags_of(sheet) if sheet.state in CHECKED else (),
            passages=passages,
            meetings=await self._met(sheet),
            statuses=tuple(await self._roads.statuses_on(sheet.request.route)),
            etas=await self._etas.of(sheet, passages),
            notices=tuple(await self._ports.store.notices(sheet.movement_id, after=0, limit=MAX_NOTICES)),
            plan_version=sheet.plan_version,
            late=line is not None and is_late(line, now),
        )

    async def _met(self, sheet: MovementSheet) -> tuple[Meeting, ...]:
        """Return the meetings of a sheet: all of them while it is decided on, under way those known from then."""
        if sheet.state not in BOOKS:
            return ()
        return await self._meetings.of_sheet(sheet, whole=sheet.state in WAITING)

    async def _checked(self, who: Principal, request: MovementRequest) -> MovementRequest:
        """Return a request whose parts are in range, of an operator for whom this person may ask."""
        request = checked_shape(request)
        owner = Resource(operator_ids=frozenset({request.operator_id}))
        require(self._ports, who, Action.REQUEST_MOVEMENT, owner)
        if request.operator_id not in {it.operator_id for it in await self._ports.store.operators()}:
            raise Invalid("unknown-operator", "There is no operator with this operator_id.", "Add it first.")
        return request

    async def _check_edit(self, who: Principal, sheet: MovementSheet, command: Edit) -> None:
        await self._checked(who, command.request)
        if command.request.operator_id != sheet.operator_id:
            raise Invalid(
                "other-operator",
                "The request names another operator than the sheet.",
                "Begin a sheet of that operator.",
            )

    async def _followed(self, who: Principal, sheet: MovementSheet, command: Command) -> MovementSheet:
        """Do what follows from a command; return the sheet after it."""
        if isinstance(command, Submit | Divert):
            await self._meetings.begin(sheet)  # known by the time that somebody looks
        if isinstance(command, Decide | Divert):
            await self._roads.note_statuses(sheet)
        if isinstance(command, Decide | Depart | Divert):
            return await self._stops.apply_standing(sheet)
        if isinstance(command, StopMoving):
            await self._stops.stands_for(sheet)
        if isinstance(command, LiftStop):
            await self._stops.lift_for(who, sheet.movement_id, command.reason)
        return sheet

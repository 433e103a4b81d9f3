"""The one way in which a sheet changes: a command is applied, stored with what follows from it, logged and told."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from tapestry.app._access import DeskPorts
from tapestry.app._live_feed import ChangedSheet, DeskChanged
from tapestry.app._refusals import Changed, Invalid, Missing
from tapestry.app._settings_desk import SettingsDesk
from tapestry.app._sheet_access import facts_of, resource_of_sheet, tag_of
from tapestry.app._sheet_lines import UNDER_WAY, line_of
from tapestry.app._sheet_passages import SheetPassages
from tapestry.app._sheet_plans import Booking, plan_after
from tapestry.app.ports import SheetWrite
from tapestry.model import (
    Abort,
    Cancel,
    Close,
    Command,
    Decide,
    Depart,
    Divert,
    Edit,
    Finding,
    MovementId,
    MovementPlan,
    MovementSheet,
    Passage,
    Submit,
)
from tapestry.movement import NotAllowed, apply

MAX_TRIES: Final = 10  # of a command that is good for whatever version is the newest

Check = Callable[[MovementSheet], None]
FindFlags = Callable[[MovementSheet], Awaitable[tuple[Finding, ...]]]


class SheetWriter:
    """Applies commands, for people, phones and the hub's own watch alike. Rights are its callers' affair.

    Args:
        ports: What the desk works with.
        settings: The settings of movements.
        passages: What positions show.
        find_flags: What a check of a request notices; asked when one is submitted.
    """

    def __init__(
        self, ports: DeskPorts, settings: SettingsDesk, passages: SheetPassages, find_flags: FindFlags
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._passages = passages
        self._find_flags = find_flags

    async def apply(
        self,
        movement_id: MovementId,
        command: Command,
        *,
        by: str,
        version: int | None = None,
        check: Check | None = None,
    ) -> MovementSheet:
        """Return the sheet after a command.

        Args:
            movement_id: Of the sheet.
            command: What is done to it.
            by: User name, "phone/<id>" or "system".
            version: Only if this is still its newest version; None: whichever is.
            check: Called with the sheet before the command is applied to it; raises what forbids it.

        Raises:
            Missing: There is no such sheet.
            Changed: It has another version.
            Invalid: The sheet is another centre's, and the link is cut.
            Invalid: The command does not fit the sheet's state, or holds something that cannot be.
        """
        self._ports.links.refuse_unreachable(movement_id)
        for _ in range(MAX_TRIES):
            sheet = await self._ports.store.sheet(movement_id)
            if sheet is None:
                raise Missing
            if check is not None:
                check(sheet)
            if version is not None and sheet.version != version:
                raise Changed
            write = await self.write_of(sheet, command, by=by)
            if (await self._ports.store.put_sheets([write]))[0]:
                await self._note(write, command)
                await self.tell([write])
                return write.sheet
        raise Changed

    async def write_of(self, sheet: MovementSheet, command: Command, *, by: str) -> SheetWrite:
        """Return the next version of a sheet, with its plan if the command changes that, not yet stored."""
        settings, now = await self._settings.current(), self._ports.now()
        findings = await self._find_flags(sheet) if isinstance(command, Submit) else ()
        try:
            after = apply(sheet, command, by=by, at=now, settings=settings, findings=findings)
        except NotAllowed as fault:
            raise Invalid(fault.code, fault.message, fault.todo) from fault
        plan = await self._plan_after(after, command, timedelta(minutes=settings.window_margin_minutes))
        if plan is not None:
            after = msgspec.structs.replace(after, plan_version=plan.version)
        passages = await self._passages.of(sheet.movement_id) if after.state in UNDER_WAY else ()
        rerouted = isinstance(command, Edit | Divert)
        return self.next_version(
            after, tag_of(command), by=by, plan=plan, rerouted=rerouted, passages=passages
        )

    def next_version(
        self,
        sheet: MovementSheet,
        command: str,
        *,
        by: str,
        plan: MovementPlan | None = None,
        rerouted: bool = False,
        passages: Sequence[Passage] = (),
    ) -> SheetWrite:
        """Return a sheet's version ready to be stored."""
        line = line_of(sheet, rerouted=rerouted, passages=passages)
        return SheetWrite(sheet=sheet, line=line, at=self._ports.now(), by=by, command=command, plan=plan)

    async def tell(self, writes: Sequence[SheetWrite]) -> None:
        """Tell everybody who watches: the sheets first, the plans after them."""
        await self.tell_of([write.sheet for write in writes])
        for write in writes:
            if write.plan is not None:
                await self._ports.announcer.movement_changed(write.plan)

    async def tell_of(self, sheets: Sequence[MovementSheet]) -> None:
        """Tell everybody who watches that there is news of these sheets."""
        changed = tuple(
            ChangedSheet(
                movement_id=sheet.movement_id,
                operator_id=sheet.operator_id,
                releasable_to=tuple(sorted(resource_of_sheet(sheet).releasable_to)),
            )
            for sheet in sheets
        )
        said = DeskChanged(kind="movement", sheets=changed)
        await self._ports.announcer.sheets_changed(msgspec.json.encode(said))

    async def _plan_after(
        self, sheet: MovementSheet, command: Command, margin: timedelta
    ) -> MovementPlan | None:
        if not isinstance(command, Decide | Divert | Depart | Close | Cancel | Abort):
            return None
        known = await self._ports.store.movement(sheet.movement_id)
        booked = await self._booked(sheet) if isinstance(command, Decide) and command.go else []
        return plan_after(sheet, command, known, now=self._ports.now(), margin=margin, booked=booked)

    async def _booked(self, sheet: MovementSheet) -> list[Booking]:
        wanted = {vehicle.vehicle_id for vehicle in sheet.request.vehicles}
        return [
            Booking(
                vehicle_id=vehicle.vehicle_id, active_from=plan.active_from, active_until=plan.active_until
            )
            for plan in await self._ports.store.movements()
            if plan.movement_id != sheet.movement_id and not plan.cancelled
            for vehicle in plan.vehicles
            if vehicle.vehicle_id in wanted
        ]

    async def _note(self, write: SheetWrite, command: Command) -> None:
        details = {"version": write.sheet.version, "state": write.sheet.state.value, **facts_of(command)}
        if write.plan is not None:
            details["plan_version"] = write.plan.version
        subject = f"movement/{write.sheet.movement_id}"
        await self._ports.entries.note(write.by, f"{write.command}-movement", subject, details)

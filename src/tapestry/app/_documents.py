"""Documents at the desk: convoy cards and reports printed, request forms handed out and taken in."""

import asyncio
from typing import Final

from tapestry.access import Action, Principal, Resource
from tapestry.app._access import DeskPorts, may, require
from tapestry.app._convoy_card import CardNames, card_of
from tapestry.app._document_port import CardNumber, DocumentPort, FormChoices, Language
from tapestry.app._form_cells import CellError, FormRoster, permit_words
from tapestry.app._refusals import Invalid
from tapestry.app._report_pages import pages_of
from tapestry.app._request_form import FormReading, operator_of, request_of
from tapestry.app._settings_desk import SettingsDesk
from tapestry.app._sheet_access import access_sheet, resource_of_sheet
from tapestry.app._sheet_passages import SheetPassages
from tapestry.app._sheets import SheetDesk
from tapestry.model import MovementSheet, Operator, OperatorId, Person, Refused, Vehicle
from tapestry.movement import report

MAX_ALERTS: Final = 5_000  # newest ones that are looked through for a movement's own


class DocumentDesk:
    """What people print and upload.

    Args:
        ports: Of the desk.
        documents: Draws and reads.
        settings: Whose centres, and authorities that clear the movement, are numbers to call.
        passages: Of checkpoints, for reports.
        sheets: Where a form's request becomes a draft.
    """

    def __init__(
        self,
        ports: DeskPorts,
        documents: DocumentPort,
        *,
        settings: SettingsDesk,
        passages: SheetPassages,
        sheets: SheetDesk,
    ) -> None:
        self._ports = ports
        self._documents = documents
        self._settings = settings
        self._passages = passages
        self._sheets = sheets

    async def card(self, who: Principal, movement_id: int, language: Language, app_url: str | None) -> bytes:
        """Return a movement's convoy card.

        Args:
            who: Who prints it.
            movement_id: Of the sheet.
            language: Of the card's own words; what people wrote stays as they wrote it.
            app_url: What the QR code opens; None leaves it out.
        """
        sheet = await self._exact_sheet(who, movement_id)
        operator_id = sheet.operator_id
        settings = await self._settings.current()
        clear = {it.authority for it in sheet.clearances}
        called = [(it.name, it.contact) for it in settings.centres]
        called += [(it.name, it.contact) for it in settings.authorities if it.name in clear]
        names = CardNames(
            operator=await self._operator_name(operator_id),
            vehicles={it.vehicle_id: it for it in await self._vehicles_of(operator_id)},
            people={it.person_id: it for it in await self._people_of(operator_id)},
            numbers=tuple(CardNumber(name=name, value=value) for name, value in called if value),
        )
        card = card_of(sheet, names, app_url=app_url, issued_at=self._ports.now())
        details = {"version": sheet.version, "language": language.value}
        await self._ports.entries.note(who.user_name, "print-card", f"movement/{movement_id}", details)
        return await asyncio.to_thread(self._documents.card, card, language)

    async def report(self, who: Principal, movement_id: int, language: Language) -> bytes:
        """Return a movement's report as it is printed."""
        sheet = await self._exact_sheet(who, movement_id)
        plan = await self._ports.store.movement(sheet.movement_id)
        now = self._ports.now()
        told = report(sheet, plan, await self._passages.of(sheet.movement_id), at=now)
        alerts = await self._ports.store.alerts(only_open=False, limit=MAX_ALERTS)
        own = [it for it in alerts if it.movement_id == sheet.movement_id]
        operator = await self._operator_name(sheet.operator_id)
        pages = pages_of(told, sheet, own, operator=operator, made_at=now)
        details = {"version": sheet.version, "language": language.value}
        await self._ports.entries.note(who.user_name, "print-report", f"movement/{movement_id}", details)
        return await asyncio.to_thread(self._documents.report, pages, language)

    async def form(self, who: Principal, operator_id: OperatorId | None) -> bytes:
        """Return an empty form; its lists are of the operator named, or of the person's own."""
        operators = await self._may_ask_for(who)
        known = {it.operator_id for it in operators}
        chosen = operator_id if operator_id is not None else who.operator_id
        if chosen is None and len(known) == 1:
            (chosen,) = known
        choices = FormChoices(operators=tuple(it.name for it in operators))
        if chosen is not None:
            if chosen not in known:
                raise _unknown_operator()
            roster = await self._roster(chosen)
            choices = FormChoices(
                operators=tuple(it.name for it in operators),
                vehicles=tuple(it.callsign for it in roster.vehicles),
                people=tuple(it.name for it in roster.people),
                permits=tuple(permit_words(it) for it in roster.permits),
            )
        await self._ports.entries.note(who.user_name, "download-form", "movements")
        return await asyncio.to_thread(self._documents.form, choices)

    async def from_form(
        self, who: Principal, body: bytes, operator_id: OperatorId | None
    ) -> MovementSheet | FormReading:
        """Return the draft that a filled form makes, or what is wrong in it; then nothing was stored.

        Args:
            who: Who uploads it.
            body: The workbook.
            operator_id: Whose request it is, where the form does not say.

        Raises:
            Invalid: It is no workbook, or it is not said whose request it is.
        """
        operators = await self._may_ask_for(who)
        try:
            cells = await asyncio.to_thread(self._documents.read_form, body)
        except Refused as fault:
            raise Invalid("bad-form", f"{fault}.", "Download the form again and fill that in.") from fault
        named = operator_of(cells, operators)
        if isinstance(named, CellError):
            return FormReading(request=None, errors=(named,))
        owner = named or operator_id or who.operator_id
        if owner is None and len(operators) == 1:
            owner = operators[0].operator_id
        if owner is None or owner not in {it.operator_id for it in operators}:
            raise _unknown_operator()
        reading = request_of(cells, owner, await self._roster(owner))
        details = {"errors": len(reading.errors), "size_bytes": len(body)}
        await self._ports.entries.note(who.user_name, "upload-form", "movements", details)
        if reading.request is None:
            return reading
        return await self._sheets.add(who, reading.request)

    async def _exact_sheet(self, who: Principal, movement_id: int) -> MovementSheet:
        """Return a sheet to somebody who may see all of it: what is printed is not coarsened."""
        sheet = await access_sheet(self._ports, who, movement_id)
        require(self._ports, who, Action.VIEW_EXACT_PLACE, resource_of_sheet(sheet))
        return sheet

    async def _may_ask_for(self, who: Principal) -> list[Operator]:
        """Return the operators for whom a person may ask.

        Raises:
            Forbidden: There is none.
        """
        found = []
        for operator in await self._ports.store.operators():
            owner = Resource(operator_ids=frozenset({operator.operator_id}))
            if may(self._ports, who, Action.REQUEST_MOVEMENT, owner):
                found.append(operator)
        if not found:
            require(self._ports, who, Action.REQUEST_MOVEMENT)
        return found

    async def _operator_name(self, operator_id: OperatorId) -> str:
        operators = await self._ports.store.operators()
        return next((it.name for it in operators if it.operator_id == operator_id), "")

    async def _vehicles_of(self, operator_id: OperatorId) -> list[Vehicle]:
        return [it for it in await self._ports.store.vehicles() if it.operator_id == operator_id]

    async def _people_of(self, operator_id: OperatorId) -> list[Person]:
        return [it for it in await self._ports.store.people() if it.operator_id == operator_id]

    async def _roster(self, operator_id: OperatorId) -> FormRoster:
        people = await self._people_of(operator_id)
        return FormRoster(
            vehicles=tuple(await self._vehicles_of(operator_id)),
            people=tuple(it for it in people if it.active),
            permits=tuple(it for it in await self._ports.store.permits() if it.operator_id == operator_id),
        )


def _unknown_operator() -> Invalid:
    return Invalid(
        "operator-needed",
        "It is not said whose request this is, or it is nobody for whom you may ask.",
        "Name the operator in the form, or send operator_id.",
    )

"""What becomes of a phone's items: places and calls for help go to the bus as a tracker's do, others to the sheet."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from tapestry.app._access import DeskPorts
from tapestry.app._batches import Batch, Gate, pack_position
from tapestry.app._bindings import Binding
from tapestry.app._challenges import ChallengeDesk
from tapestry.app._directory import DirectoryTracker, partition_of_movement
from tapestry.app._intake import UNKNOWN_PARTITION, Intake
from tapestry.app._phone_items import BadItem, Item, ItemKind, answer_of, motion_of, text_of, whole_of
from tapestry.app._phone_views import actor_of
from tapestry.app._refusals import Invalid
from tapestry.app._sheet_writer import SheetWriter
from tapestry.app.ports import ChallengeOutcome, Notice, Phone, PhoneMessage
from tapestry.model import (
    AcknowledgeStop,
    Command,
    ContactMeans,
    Distress,
    DistressKind,
    MovementSheet,
    PassCheckpoint,
    TryContact,
)

NAME_SIZE_BYTES: Final = 8
ANSWER_NOTICES: Final = {ChallengeOutcome.WELL: "phone-well", ChallengeOutcome.WRONG: "phone-unsure"}
Known = Callable[[MovementSheet], bool]
CALLS: Final = {ItemKind.HELP: DistressKind.HELP, ItemKind.CONTACT: DistressKind.CONTACT}


class Refusal(ValueError):
    """An item that is not taken, now or later; its one argument is the code."""


class _DoneBefore(Exception):
    """The sheet has it."""


class PhoneIntake:
    """Takes items of phones whose signatures are checked."""

    def __init__(self, ports: DeskPorts, writer: SheetWriter, challenges: ChallengeDesk) -> None:
        self._ports = ports
        self._writer = writer
        self._challenges = challenges
        self._intake: Intake | None = None

    async def take(self, phone: Phone, item: Item) -> Batch | None:
        """Do what an item asks for.

        Returns:
            The batch that has to be on the bus before the phone may be told, None when there is none.

        Raises:
            Refusal: It is not taken, and sending it again would not help.
        """
        try:
            match item.kind:
                case ItemKind.POSITION:
                    return self._place(phone, item)
                case ItemKind.HELP | ItemKind.CONTACT:
                    return await self._call(phone, item, CALLS[item.kind], silent=item.silent)
                case ItemKind.ANSWER:
                    return await self._answer(phone, item)
                case _:
                    await self._tell_sheet(phone, item)
        except BadItem as err:
            raise Refusal("bad-item") from err
        return None

    async def safe(self, batches: Sequence[Batch]) -> None:
        """Return when all of these are on the bus."""
        waiting = [batch for batch in set(batches) if not batch.durable]
        if not waiting:
            return
        safe = asyncio.Event()
        gate = Gate(safe.set)
        gate.remaining = len(waiting)
        for batch in waiting:
            batch.gates.append(gate)
        await safe.wait()

    def _bus(self) -> Intake:
        if self._intake is None:
            name = f"web-{self._ports.random_bytes(NAME_SIZE_BYTES).hex()}"
            self._intake = Intake(self._ports.bus, name=name, now_us=self._now_us)
        return self._intake

    def _now_us(self) -> int:
        return round(self._ports.now().timestamp() * 1_000_000)

    def _binding(self, phone: Phone, at_us: int) -> Binding | None:
        """Return what the phone speaks for at a moment, None outside its movement's window."""
        if phone.vehicle_id is None or phone.tracker_id is None:
            return None
        tracker = DirectoryTracker(tracker_id=phone.tracker_id, vehicle_id=phone.vehicle_id)
        binding = Binding(identity_of(phone), tracker, self._ports.live.directory, proved=True)
        if not binding.bound or not binding.choose_window(at_us, self._now_us()):
            return None
        return binding if binding.movement_id == phone.movement_id else None

    def _place(self, phone: Phone, item: Item) -> Batch:
        if item.lat_deg is None or item.lon_deg is None:
            raise BadItem("expected a place")
        if phone.vehicle_id is None:
            raise Refusal("no-vehicle")
        accuracy_m, speed_mps, heading_deg = motion_of(item)
        at_us = item.at_ms * 1000
        binding = self._binding(phone, at_us)
        if binding is None:
            raise Refusal("not-tracked-now")
        batch = self._bus().batches.open(binding.partition)
        batch.rows.append(
            pack_position(
                at_us, self._now_us(), item.lat_deg, item.lon_deg, speed_mps, heading_deg, float("nan"), accuracy_m,
                binding.vehicle_id, binding.movement_id, binding.tracker_id, binding.flags,
            )
        )  # fmt: skip
        return batch

    async def _call(self, phone: Phone, item: Item, kind: DistressKind, *, silent: bool) -> Batch:
        distress = Distress(
            identity=identity_of(phone),
            kind=kind,
            raised_at=item.at,
            received_at=self._ports.now(),
            tracker_id=phone.tracker_id,
            vehicle_id=phone.vehicle_id,
            movement_id=phone.movement_id,
            lat_deg=item.lat_deg,
            lon_deg=item.lon_deg,
            silent=silent,
        )
        errand = self._bus().call_for_help(distress, partition_of_movement(phone.movement_id))
        await self._note(phone, item, f"phone-{kind}", {"silent": "yes"} if silent else {})
        return errand

    def call_of_wiped(self, phone: Phone, item: Item) -> list[Batch]:
        """Put a call for help of a wiped phone on the bus, as nobody's; return what has to be safe."""
        if item.kind not in CALLS:
            return []
        distress = Distress(
            identity=f"wiped-phone:{phone.phone_id}",
            kind=CALLS[item.kind],
            raised_at=item.at,
            received_at=self._ports.now(),
            lat_deg=item.lat_deg,
            lon_deg=item.lon_deg,
            silent=item.silent,
        )
        return [self._bus().call_for_help(distress, UNKNOWN_PARTITION)]

    async def _answer(self, phone: Phone, item: Item) -> Batch | None:
        """Judge the answer to a question; the phone is told the same of every answer."""
        challenge_id, word = answer_of(item)
        asked = await self._ports.store.challenge(challenge_id)
        if asked is None or asked.phone_id != phone.phone_id:
            raise Refusal("not-asked")
        errands: list[Batch] = []

        async def act(outcome: ChallengeOutcome) -> None:
            if outcome is ChallengeOutcome.DURESS:
                errands.append(await self._call(phone, item, DistressKind.HELP, silent=True))
            else:
                await self._note(phone, item, ANSWER_NOTICES[outcome], {})

        await self._challenges.answer_challenge(challenge_id, word, act)
        await self._tell(phone)
        return errands[0] if errands else None

    async def _tell_sheet(self, phone: Phone, item: Item) -> None:
        """Do what needs no bus."""
        match item.kind:
            case ItemKind.DELAY:
                words = text_of(item)
                await self._note(phone, item, "phone-delay", {"text": words} if words else {})
                note = f"delay: {words}" if words else "delay"
                key = key_of(phone, item)
                answered = TryContact(means=ContactMeans.APP, answered=True, note=note, key=key)
                known = partial(_has_contact, key=key)
                await self._apply(phone, answered, known, needed=False)
            case ItemKind.CHECKPOINT:
                passed = PassCheckpoint(checkpoint=whole_of(item), means=ContactMeans.APP, at=item.at)
                await self._apply(phone, passed, partial(_has_passage, passed=passed, by=actor_of(phone)))
            case ItemKind.STOP_ACKNOWLEDGE:
                await self._acknowledge_stop(phone)
            case ItemKind.MESSAGE:
                await self._say(phone, item)
            case ItemKind.READ:
                await self._ports.store.mark_read(phone.movement_id, whole_of(item), at=self._ports.now())
                await self._tell(phone)
            case _:
                raise BadItem("expected an item that is sent, not a poll")

    async def _acknowledge_stop(self, phone: Phone) -> None:
        by = actor_of(phone)

        def lifted_or_read(sheet: MovementSheet) -> bool:
            return sheet.stop is None or by in {it.by for it in sheet.stop.receipts}

        await self._apply(phone, AcknowledgeStop(), lifted_or_read)

    async def _say(self, phone: Phone, item: Item) -> None:
        text = text_of(item)
        if not text:
            raise BadItem("expected words")
        await self._ports.store.add_message(
            PhoneMessage(
                message_id=0,
                movement_id=phone.movement_id,
                at=item.at,
                by=actor_of(phone),
                text=text,
                phone_id=phone.phone_id,
                n=item.n,
            )
        )
        await self._tell(phone)

    async def _apply(self, phone: Phone, command: Command, known: Known, *, needed: bool = True) -> None:
        """Give the sheet a command once: the hub may have ended after it did so and before it noted the item."""

        def check(sheet: MovementSheet) -> None:
            if known(sheet):
                raise _DoneBefore

        try:
            await self._writer.apply(phone.movement_id, command, by=actor_of(phone), check=check)
        except _DoneBefore:
            return
        except Invalid as fault:
            if needed:
                raise Refusal(fault.code) from fault

    async def _note(self, phone: Phone, item: Item, code: str, facts: dict[str, str | float]) -> None:
        notice = Notice(
            notice_id=0,
            movement_id=phone.movement_id,
            key=key_of(phone, item),
            at=item.at,
            code=code,
            facts={"phone_id": phone.phone_id, "name": phone.name, **facts},
        )
        if await self._ports.store.add_notices([notice]):
            await self._tell(phone)

    async def _tell(self, phone: Phone) -> None:
        """Tell everybody who watches that there is news of the phone's movement."""
        sheets = await self._ports.store.sheets([phone.movement_id])
        await self._writer.tell_of(sheets)


def key_of(phone: Phone, item: Item) -> str:
    """Return the name under which what an item did is known: the same item does it once."""
    return f"{actor_of(phone)}/{item.n}"


def _has_contact(sheet: MovementSheet, *, key: str) -> bool:
    return key in {it.key for it in sheet.contacts}


def _has_passage(sheet: MovementSheet, *, passed: PassCheckpoint, by: str) -> bool:
    said = {(it.checkpoint, it.passed_at, it.by) for it in sheet.passages}
    return (passed.checkpoint, passed.at, by) in said


def identity_of(phone: Phone) -> str:
    """Return the identity under which a phone's positions and calls are written."""
    return f"phone:{phone.phone_id}"

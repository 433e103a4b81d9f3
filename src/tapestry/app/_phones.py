"""Phones of convoys: invited and wiped by the console, enrolled once, then heard by their signatures alone."""

import asyncio
import base64
import binascii
import hashlib
from collections import OrderedDict
from datetime import timedelta
from typing import Final

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._batches import Batch
from tapestry.app._challenges import ChallengeDesk
from tapestry.app._phone_intake import PhoneIntake, Refusal, identity_of
from tapestry.app._phone_items import (
    MAX_ITEM_LENGTH,
    MAX_TEXT_LENGTH,
    BadItem,
    Item,
    ItemKind,
    number_of,
    read_line,
    signed_line,
)
from tapestry.app._phone_news import MAX_MESSAGES, PhoneNews
from tapestry.app._phone_views import (
    Enrolled,
    Invitation,
    PhoneView,
    Poll,
    Refused,
    Same,
    Sent,
    actor_of,
    view_of,
)
from tapestry.app._refusals import Invalid, LockedOut, Missing
from tapestry.app._roster import checked_name
from tapestry.app._sheet_access import access_sheet, resource_of_sheet
from tapestry.app._sheet_roads import SheetRoads
from tapestry.app._sheet_writer import SheetWriter
from tapestry.app._tries import Tries
from tapestry.app.ports import NewPhone, Phone, PhoneItem, PhoneKeys, PhoneMessage
from tapestry.model import MovementSheet, MovementState, PersonId, VehicleId

TOKEN_SIZE_BYTES: Final = 24
TOKEN_GOOD_FOR: Final = timedelta(hours=48)  # a card is printed the day before
MAX_PHONES: Final = 200  # of one movement, wiped ones included
MAX_ITEMS: Final = 100  # of one batch
ITEMS_AT_ONCE: Final = 600.0  # of one phone: hours without a link
ITEMS_PER_S: Final = 5.0
MAX_BUCKETS: Final = 5_000
OVER: Final = {MovementState.CLOSED, MovementState.CANCELLED, MovementState.DENIED}


class TooFast(LockedOut):
    """A phone that sends more than a phone has to say."""

    def __init__(self) -> None:
        super().__init__()
        self.code = "too-fast"
        self.message = "More items came from this phone, or tries from this address, than are taken at once."
        self.todo = "Keep them and send them again in a minute."


class PhoneDesk:
    """What people do with phones, and what phones do."""

    def __init__(
        self,
        ports: DeskPorts,
        writer: SheetWriter,
        keys: PhoneKeys,
        roads: SheetRoads,
        challenges: ChallengeDesk,
    ) -> None:
        self._ports = ports
        self._writer = writer
        self._keys = keys
        self._intake = PhoneIntake(ports, writer, challenges)
        self.news = PhoneNews(ports, roads, writer, challenges)
        self._tries = Tries()
        self._buckets: OrderedDict[int, tuple[float, float]] = OrderedDict()  # items left, at_s
        self._busy: dict[int, asyncio.Lock] = {}

    # ---------------------------------------------------------------- at the console
    async def phones(self, who: Principal, movement_id: int) -> list[PhoneView]:
        """Return a movement's phones."""
        sheet = await self._sheet(who, movement_id)
        await self._ports.entries.note(who.user_name, "view-phones", f"movement/{movement_id}")
        now = self._ports.now()
        return [view_of(it, now) for it in await self._ports.store.phones_of(sheet.movement_id)]

    async def invite(
        self, who: Principal, movement_id: int, vehicle_id: int | None, person_id: int | None
    ) -> Invitation:
        """Let one more phone enrol for a movement."""
        sheet = await self._sheet(who, movement_id)
        if sheet.state in OVER:
            raise Invalid(
                "movement-over", f"This movement is {sheet.state}.", "Phones are for those to come."
            )
        vehicle_id = _seat_of(sheet, vehicle_id, person_id)
        if len(await self._ports.store.phones_of(sheet.movement_id)) >= MAX_PHONES:
            raise Invalid("too-many-phones", f"This movement has {MAX_PHONES} phones.", "Use one of them.")
        token = base64.urlsafe_b64encode(self._ports.random_bytes(TOKEN_SIZE_BYTES)).decode()
        now = self._ports.now()
        phone = await self._ports.store.add_phone(
            NewPhone(
                movement_id=sheet.movement_id,
                vehicle_id=None if vehicle_id is None else VehicleId(vehicle_id),
                person_id=None if person_id is None else PersonId(person_id),
                token_hash=_hash(token),
                token_expires_at=now + TOKEN_GOOD_FOR,
                created_at=now,
                created_by=who.user_name,
            )
        )
        details = {"phone_id": phone.phone_id, "vehicle_id": vehicle_id, "person_id": person_id}
        await self._ports.entries.note(who.user_name, "invite-phone", f"movement/{movement_id}", details)
        await self._writer.tell_of([sheet])
        return Invitation(phone_id=phone.phone_id, token=token, expires_at=phone.token_expires_at)

    async def wipe(self, who: Principal, phone_id: int) -> PhoneView:
        """Have a phone forget everything; nothing that it sends is taken from now on."""
        phone = await self._ports.store.phone(phone_id)
        if phone is None:
            raise Missing
        sheet = await self._sheet(who, phone.movement_id)
        require(self._ports, who, Action.REVIEW_MOVEMENT, resource_of_sheet(sheet))
        if await self._ports.store.wipe_phone(phone_id, by=who.user_name, at=self._ports.now()):
            if phone.tracker_id is not None:
                await self._ports.store.put_tracker(identity=identity_of(phone), vehicle_id=None)
            if phone.outside_id:
                outside = f"osmand:{phone.outside_id}"
                await self._ports.store.put_tracker(identity=outside, vehicle_id=None)
            await self._ports.entries.note(who.user_name, "wipe-phone", actor_of(phone))
            await self._ports.announcer.roster_changed()
            await self._writer.tell_of([sheet])
        after = await self._ports.store.phone(phone_id)
        assert after is not None
        return view_of(after, self._ports.now())

    async def messages(self, who: Principal, movement_id: int) -> list[PhoneMessage]:
        """Return the newest messages to and from a convoy."""
        sheet = await self._sheet(who, movement_id)
        await self._ports.entries.note(who.user_name, "view-messages", f"movement/{movement_id}")
        return await self._ports.store.messages(sheet.movement_id, after=0, limit=MAX_MESSAGES)

    async def say(self, who: Principal, movement_id: int, text: str) -> None:
        """Send words to every phone of a convoy."""
        sheet = await self._sheet(who, movement_id)
        text = " ".join(text.split())
        if not 0 < len(text) <= MAX_TEXT_LENGTH or not text.isprintable():
            raise Invalid(
                "bad-text",
                f"A message has 1 to {MAX_TEXT_LENGTH} characters that can be shown.",
                "Write it so.",
            )
        now = self._ports.now()
        await self._ports.store.add_message(
            PhoneMessage(message_id=0, movement_id=sheet.movement_id, at=now, by=who.user_name, text=text)
        )
        details = {"characters": len(text)}
        await self._ports.entries.note(who.user_name, "send-message", f"movement/{movement_id}", details)
        await self._writer.tell_of([sheet])

    async def _sheet(self, who: Principal, movement_id: int) -> MovementSheet:
        sheet = await access_sheet(self._ports, who, movement_id)
        require(self._ports, who, Action.RUN_MOVEMENT, resource_of_sheet(sheet))
        return sheet

    # ---------------------------------------------------------------- on the phone
    async def enrol(self, token: str, public_key: str, name: str, *, remote: str) -> Enrolled:
        """Give an invited phone its key; the token is used up by it."""
        key = _decoded(public_key)
        name = checked_name(name, "phone-name")
        if not self._keys.is_key(key):
            raise Invalid("bad-key", "The public key is no point of P-256.", "Send 65 bytes as base64url.")
        phone = await self._ports.store.enrol_phone(
            _hash(token), public_key=key, name=name, at=self._ports.now()
        )
        if phone is None:
            self._take_try(remote)  # right ones are not counted: a whole convoy enrols behind one address
            raise Invalid(
                "bad-token", "This code was used before, or its time is over.", "Ask the watch for another."
            )
        if phone.tracker_id is None:
            phone = await self._bind(phone)
        await self._ports.entries.note(
            actor_of(phone), "enrol-phone", f"movement/{phone.movement_id}", {"vehicle_id": phone.vehicle_id}
        )
        await self._writer.tell_of(await self._ports.store.sheets([phone.movement_id]))
        return Enrolled(phone_id=phone.phone_id, movement_id=phone.movement_id, outside_id=phone.outside_id)

    async def send(self, phone_id: int, sent: list[str], *, remote: str) -> Sent:
        """Take a batch of items, in the order of their numbers; what is answered is safe."""
        phone = await self._heard(phone_id, sent[0] if sent else "", remote=remote)
        self._take_items(phone_id, len(sent))
        if phone.wiped_at is not None:
            await self._hear_wiped(phone, sent)
            return Sent(received=(), refused=tuple(Refused(n=number_of(it), code="wiped") for it in sent))
        async with self._busy.setdefault(phone_id, asyncio.Lock()):
            return await self._take(phone, sorted(sent, key=number_of))

    async def poll(self, phone_id: int, sent: str, *, outside_port: int, remote: str) -> Poll | Same:
        """Tell a phone what it has to know, held back until there is something new for it."""
        phone = await self._heard(phone_id, sent, remote=remote)
        try:
            asked = read_line(sent.rpartition(".")[0])
        except BadItem as err:
            raise _bad_poll() from err
        if asked.kind is not ItemKind.POLL:
            raise _bad_poll()
        if not await self._ports.store.count_poll(phone_id, asked.n, at=self._ports.now()):
            raise Invalid("old-poll", "A poll with this number was answered.", "Ask with a higher number.")
        try:
            return await self.news.answer(phone, asked, outside_port=outside_port)
        except BadItem as err:
            raise _bad_poll() from err

    async def _take(self, phone: Phone, sent: list[str]) -> Sent:
        assert phone.public_key is not None
        known = await self._ports.store.known_items(phone.phone_id, [number_of(it) for it in sent])
        done: dict[int, str] = {}
        kinds: dict[int, str] = {}
        batches: list[Batch] = []
        unsigned: list[Refused] = []
        for text in sent:
            n = number_of(text)
            if n in known or n in done:
                continue
            line = signed_line(self._keys, phone.public_key, phone.phone_id, text)
            if line is None:
                unsigned.append(Refused(n=n, code="bad-signature"))
                continue
            kinds[n], done[n] = await self._take_one(phone, line, batches)
        await self._intake.safe(batches)
        now = self._ports.now()
        await self._ports.store.note_items(
            [
                PhoneItem(phone_id=phone.phone_id, n=n, kind=kinds[n], received_at=now, refused=code)
                for n, code in done.items()
            ]
        )
        await self._ports.store.see_phone(phone.phone_id, at=now)
        told = {**known, **done}
        return Sent(
            received=tuple(n for n, code in sorted(told.items()) if not code),
            refused=(*(Refused(n=n, code=code) for n, code in sorted(told.items()) if code), *unsigned),
        )

    async def _hear_wiped(self, phone: Phone, sent: list[str]) -> None:
        """Raise the calls for help of a phone that was wiped; whoever holds it, they count for no vehicle."""
        for text in sent:
            line = signed_line(self._keys, phone.public_key or b"", phone.phone_id, text)
            if line is None:
                continue
            try:
                await self._intake.safe(self._intake.call_of_wiped(phone, read_line(line)))
            except BadItem:
                continue

    async def _take_one(self, phone: Phone, line: str, batches: list[Batch]) -> tuple[str, str]:
        """Do what a signed line asks for; return its kind and the code of its refusal, if any."""
        item: Item | None = None
        try:
            item = read_line(line)
            batch = await self._intake.take(phone, item)
        except BadItem:
            return "unreadable", "bad-item"
        except Refusal as fault:
            return "unreadable" if item is None else item.kind.value, str(fault)
        if batch is not None:
            batches.append(batch)
        return item.kind.value, ""

    async def _heard(self, phone_id: int, sent: str, *, remote: str) -> Phone:
        """Return the phone that signed this.

        Raises:
            Missing: There is no such phone, or it did not sign it: the two read alike.
        """
        phone = await self._ports.store.phone(phone_id) if 0 < phone_id < 2**31 else None
        key = None if phone is None or len(sent) > MAX_ITEM_LENGTH else phone.public_key
        if phone is None or key is None or signed_line(self._keys, key, phone_id, sent) is None:
            self._take_try(remote)
            raise Missing
        return phone

    async def _bind(self, phone: Phone) -> Phone:
        """Make the phone a tracker of its vehicle, and give another app on it a name of its own."""
        outside_id = f"tp-{self._ports.random_bytes(8).hex()}" if phone.vehicle_id is not None else ""
        nobody = hashlib.sha256(self._ports.random_bytes(32)).digest()  # no device can claim its identity
        tracker = await self._ports.store.put_tracker(
            identity=identity_of(phone), vehicle_id=phone.vehicle_id, secret_sha256=nobody
        )
        if outside_id:
            await self._ports.store.put_tracker(identity=f"osmand:{outside_id}", vehicle_id=phone.vehicle_id)
        await self._ports.store.set_phone_tracker(
            phone.phone_id, tracker_id=tracker.tracker_id, outside_id=outside_id
        )
        await self._ports.announcer.roster_changed()
        bound = await self._ports.store.phone(phone.phone_id)
        assert bound is not None
        return bound

    def _take_try(self, remote: str) -> None:
        if not self._tries.take(remote, now_s=self._ports.now().timestamp()):
            raise TooFast

    def _take_items(self, phone_id: int, count: int) -> None:
        now_s = self._ports.now().timestamp()
        left, at_s = self._buckets.pop(phone_id, (ITEMS_AT_ONCE, now_s))
        left = min(ITEMS_AT_ONCE, left + max(0.0, now_s - at_s) * ITEMS_PER_S)
        self._buckets[phone_id] = (left - count if left >= count else left, now_s)
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
        if left < count:
            raise TooFast


def _seat_of(sheet: MovementSheet, vehicle_id: int | None, person_id: int | None) -> int | None:
    """Return the vehicle that a phone rides in: the one given, else its person's."""
    request = sheet.request
    people = {it.person_id: it.vehicle_id for it in request.crew}
    if person_id is not None and person_id not in {*people, request.commander_id}:
        raise Invalid(
            "unknown-person", "This person is not in the movement's crew.", "Add them to the sheet."
        )
    if vehicle_id is None:
        return people.get(PersonId(person_id)) if person_id is not None else None
    if vehicle_id not in {it.vehicle_id for it in request.vehicles}:
        raise Invalid(
            "unknown-vehicle", "This vehicle is not in the movement.", "Choose one of its vehicles."
        )
    return vehicle_id


def _bad_poll() -> Invalid:
    return Invalid("bad-poll", "The poll cannot be read.", "Write n,poll,at_ms,,,message_id and sign it.")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""

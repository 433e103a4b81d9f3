"""Endpoints of phones of convoys: what the console does with them, and what they send, signed by their own keys."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry.app.desk import HOLD_S, MAX_ITEMS, MAX_PHONE_TEXT_LENGTH
from tapestry.web._document_endpoints import PHONE_PAGE, base_of
from tapestry.web._endpoint import Call, Endpoint
from tapestry.web._patience import ANSWER_WITHIN_S
from tapestry.web._qr import qr_svg

MAX_SENT_SIZE_BYTES: Final = 262_144  # a hundred messages of 500 letters, Arabic ones too
SMALL_BODY_SIZE_BYTES: Final = 2_048
HELD_WITHIN_S: Final = HOLD_S + ANSWER_WITHIN_S

Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Line = Annotated[str, Meta(max_length=4_000)]


class InviteBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose phone it will be."""

    vehicle_id: Id | None = None
    person_id: Id | None = None


class MessageBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words to a convoy."""

    text: Annotated[str, Meta(max_length=MAX_PHONE_TEXT_LENGTH)]


class WordsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's two words."""

    well: Annotated[str, Meta(max_length=100)]
    duress: Annotated[str, Meta(max_length=100)]


class EnrolBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phone that has made its key."""

    token: Annotated[str, Meta(max_length=100)]
    public_key: Annotated[str, Meta(max_length=100)]  # base64url of the uncompressed point
    name: Annotated[str, Meta(max_length=100)]


class SendBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a phone sends, each item signed."""

    phone_id: Id
    items: Annotated[list[Line], Meta(min_length=1, max_length=MAX_ITEMS)]


class PollBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phone asks for news; the item is signed and its kind is "poll"."""

    phone_id: Id
    item: Line


async def phones(call: Call) -> object:
    """List a movement's phones."""
    return await call.services.desk.phones.phones(call.who, call.number("movement_id"))


async def invite(call: Call) -> object:
    """Let one more phone enrol; its code is shown this once."""
    body = call.body(InviteBody)
    made = await call.services.desk.phones.invite(
        call.who, call.number("movement_id"), body.vehicle_id, body.person_id
    )
    url = f"{base_of(call)}{PHONE_PAGE}#e={made.token}"
    svg = qr_svg(url)
    return {"phone_id": made.phone_id, "url": url, "qr_svg": svg, "expires_at": made.expires_at}


async def wipe(call: Call) -> object:
    """Have a phone forget everything."""
    return await call.services.desk.phones.wipe(call.who, call.number("phone_id"))


async def messages(call: Call) -> object:
    """List messages to and from a convoy."""
    return await call.services.desk.phones.messages(call.who, call.number("movement_id"))


async def say(call: Call) -> None:
    """Send words to a convoy."""
    await call.services.desk.phones.say(call.who, call.number("movement_id"), call.body(MessageBody).text)


async def set_words(call: Call) -> None:
    """Give a person the words with which they answer."""
    body = call.body(WordsBody)
    number = call.number("person_id")
    await call.services.desk.challenges.set_words(call.who, number, body.well, body.duress)


async def ask(call: Call) -> object:
    """Ask on a phone whether its person is well."""
    return await call.services.desk.challenges.ask(call.who, call.number("phone_id"))


async def challenges(call: Call) -> object:
    """List what was asked and answered."""
    return await call.services.desk.challenges.challenges(call.who, call.number("movement_id"))


async def enrol(call: Call) -> object:
    """Give an invited phone its key."""
    body = call.body(EnrolBody)
    return await call.services.desk.phones.enrol(body.token, body.public_key, body.name, remote=call.remote)


async def send(call: Call) -> object:
    """Take what a phone sends; what is answered as received is safe."""
    body = call.body(SendBody)
    return await call.services.desk.phones.send(body.phone_id, body.items, remote=call.remote)


async def poll(call: Call) -> object:
    """Tell a phone what it has to know, once there is something new."""
    body, port = call.body(PollBody), call.services.settings.osmand_port
    return await call.services.desk.phones.poll(
        body.phone_id, body.item, outside_port=port, remote=call.remote
    )


_SHEET: Final = "/api/sheets/{movement_id}"

PHONE_ENDPOINTS: Final = (
    Endpoint(method="GET", path=f"{_SHEET}/phones", act=phones),
    Endpoint(method="POST", path=f"{_SHEET}/phones", act=invite, body=InviteBody, status=201),
    Endpoint(method="POST", path="/api/phones/{phone_id}/wipe", act=wipe),
    Endpoint(method="POST", path="/api/phones/{phone_id}/challenges", act=ask, status=201),
    Endpoint(method="GET", path=f"{_SHEET}/challenges", act=challenges),
    Endpoint(
        method="PUT",
        path="/api/people/{person_id}/words",
        act=set_words,
        body=WordsBody,
        max_body_size_bytes=SMALL_BODY_SIZE_BYTES,
        status=204,
    ),
    Endpoint(method="GET", path=f"{_SHEET}/messages", act=messages, compress=True),
    Endpoint(method="POST", path=f"{_SHEET}/messages", act=say, body=MessageBody, status=204),
    Endpoint(
        method="POST",
        path="/api/phone/enrol",
        act=enrol,
        body=EnrolBody,
        max_body_size_bytes=SMALL_BODY_SIZE_BYTES,
        open=True,
        status=201,
    ),
    Endpoint(
        method="POST",
        path="/api/phone/send",
        act=send,
        body=SendBody,
        max_body_size_bytes=MAX_SENT_SIZE_BYTES,
        open=True,
    ),
    Endpoint(
        method="POST",
        path="/api/phone/poll",
        act=poll,
        body=PollBody,
        max_body_size_bytes=SMALL_BODY_SIZE_BYTES,
        open=True,
        compress=True,
        within_s=HELD_WITHIN_S,
    ),
)

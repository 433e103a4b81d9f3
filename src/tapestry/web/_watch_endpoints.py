"""Endpoints of the watch: who has it, its log, tasks, the contact plan, roll calls, readiness."""

from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from tapestry.app.desk import (
    BriefQuestion,
    Heard,
    NewBrief,
    NewEntry,
    NewHandOver,
    NewLine,
    NewRoll,
    NewShift,
    NewTask,
    RollAnswer,
    TaskCommand,
    WatchLogQuestion,
)
from tapestry.app.refusals import Invalid
from tapestry.web._document_endpoints import PDF, file_answer, language_of
from tapestry.web._endpoint import Call, Endpoint

T = TypeVar("T")


class TakeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the watch is taken without a hand-over."""

    reason: Annotated[str, Meta(max_length=500)] = ""


class TickBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The item that was understood."""

    key: Annotated[str, Meta(max_length=200)]


class CorrectionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it should have said."""

    text: Annotated[str, Meta(max_length=4_000)]


async def watch(call: Call) -> object:
    """Tell who has the watch and what is open."""
    return await call.services.desk.watches.view(call.who)


async def turn(call: Call) -> object:
    """Tell who has the watch, and whether an order to lock or to wipe waits for its second person."""
    desk = call.services.desk
    return msgspec.structs.asdict(await desk.watches.told_turn(call.who)) | {
        "order_waits": await desk.orders.waits()
    }


async def take(call: Call) -> object:
    """Take the watch without a hand-over."""
    return await call.services.desk.watches.take(call.who, call.body(TakeBody).reason)


async def plan_shift(call: Call) -> object:
    """Plan a shift."""
    return await call.services.desk.watches.plan_shift(call.who, call.body(NewShift))


async def drop_shift(call: Call) -> object:
    """Take a planned shift back."""
    return await call.services.desk.watches.drop_shift(call.who, call.number("record_id"))


async def close(call: Call) -> object:
    """Close the sheet of the hand-over."""
    return await call.services.desk.watches.close(call.who, call.body(NewHandOver))


async def hand_over(call: Call) -> object:
    """Show a hand-over."""
    return await call.services.desk.watches.hand_over(call.who, call.number("record_id"))


async def tick(call: Call) -> object:
    """Tick an item of the sheet."""
    return await call.services.desk.watches.tick(call.who, call.number("record_id"), call.body(TickBody).key)


async def sign(call: Call) -> object:
    """Sign the sheet and have the watch."""
    return await call.services.desk.watches.sign(call.who, call.number("record_id"))


async def entries(call: Call) -> object:
    """Tell entries of the watch log, the newest first."""
    return await call.services.desk.watch_log.entries(call.who, _query(call, WatchLogQuestion))


async def entry(call: Call) -> object:
    """Tell one entry of the Log."""
    return await call.services.desk.watch_log.entry(call.who, call.long_number("seq"))


async def write(call: Call) -> None:
    """Write something into the watch log."""
    await call.services.desk.watch_log.write(call.who, call.body(NewEntry))


async def correct(call: Call) -> None:
    """Correct what somebody wrote."""
    body = call.body(CorrectionBody)
    await call.services.desk.watch_log.correct(call.who, call.long_number("seq"), body.text)


async def tasks(call: Call) -> object:
    """List tasks, those that are open by default."""
    only_open = call.request.query_params.get("state", "open") != "all"
    return await call.services.desk.tasks.tasks(call.who, only_open=only_open)


async def give(call: Call) -> object:
    """Give somebody a task."""
    return await call.services.desk.tasks.give(call.who, call.body(NewTask))


async def task_command(call: Call) -> object:
    """Say what becomes of a task."""
    return await call.services.desk.tasks.command(call.who, call.number("record_id"), call.body(TaskCommand))


async def contact(call: Call) -> object:
    """Show the contact plan and the roll calls."""
    return await call.services.desk.contact.view(call.who)


async def add_line(call: Call) -> object:
    """Put a line into the contact plan."""
    return await call.services.desk.contact.add(call.who, call.body(NewLine))


async def heard(call: Call) -> object:
    """Note that somebody was heard."""
    return await call.services.desk.contact.heard(call.who, call.number("record_id"), call.body(Heard))


async def end_line(call: Call) -> None:
    """Take a line out of the contact plan."""
    await call.services.desk.contact.end(call.who, call.number("record_id"))


async def call_roll(call: Call) -> object:
    """Begin a roll call."""
    return await call.services.desk.contact.call_roll(call.who, call.body(NewRoll))


async def answer_roll(call: Call) -> object:
    """Write down what somebody answered."""
    return await call.services.desk.contact.answer(call.who, call.number("record_id"), call.body(RollAnswer))


async def readiness(call: Call) -> object:
    """Show the readiness board."""
    return await call.services.desk.readiness.view(call.who)


async def draft(call: Call) -> object:
    """Draft a brief of a period."""
    return await call.services.desk.briefs.draft(call.who, _query(call, BriefQuestion))


async def briefs(call: Call) -> object:
    """List the briefs that were issued."""
    return await call.services.desk.briefs.issued(call.who)


async def brief(call: Call) -> object:
    """Show a brief."""
    return await call.services.desk.briefs.get(call.who, call.number("record_id"))


async def issue(call: Call) -> object:
    """Issue a brief."""
    return await call.services.desk.briefs.issue(call.who, call.body(NewBrief))


async def print_brief(call: Call) -> object:
    """Print a brief."""
    number = call.number("record_id")
    body = await call.services.desk.briefs.printed(call.who, number, language_of(call))
    return file_answer(body, PDF, f"brief-{number}.pdf")


def _query(call: Call, kind: type[T]) -> T:
    """Return the query of an address as a record."""
    try:
        return msgspec.convert(dict(call.request.query_params), kind, strict=False)
    except msgspec.ValidationError as err:
        raise Invalid("bad-question", f"{err}.", "Correct the address.") from err


WATCH_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/api/watch", act=watch, compress=True),
    Endpoint(method="GET", path="/api/watch/turn", act=turn),
    Endpoint(method="POST", path="/api/watch/take", act=take, body=TakeBody),
    Endpoint(method="POST", path="/api/watch/shifts", act=plan_shift, body=NewShift, status=201),
    Endpoint(method="DELETE", path="/api/watch/shifts/{record_id}", act=drop_shift),
    Endpoint(method="POST", path="/api/watch/hand-overs", act=close, body=NewHandOver),
    Endpoint(method="GET", path="/api/watch/hand-overs/{record_id}", act=hand_over, compress=True),
    Endpoint(method="POST", path="/api/watch/hand-overs/{record_id}/ticks", act=tick, body=TickBody),
    Endpoint(method="POST", path="/api/watch/hand-overs/{record_id}/sign", act=sign),
    Endpoint(method="GET", path="/api/watch/log", act=entries, compress=True),
    Endpoint(method="GET", path="/api/watch/log/{seq}", act=entry),
    Endpoint(method="POST", path="/api/watch/log", act=write, body=NewEntry, status=204),
    Endpoint(
        method="POST", path="/api/watch/log/{seq}/corrections", act=correct, body=CorrectionBody, status=204
    ),
    Endpoint(method="GET", path="/api/tasks", act=tasks, compress=True),
    Endpoint(method="POST", path="/api/tasks", act=give, body=NewTask, status=201),
    Endpoint(method="POST", path="/api/tasks/{record_id}/commands", act=task_command, body=TaskCommand),
    Endpoint(method="GET", path="/api/contact", act=contact, compress=True),
    Endpoint(method="POST", path="/api/contact", act=add_line, body=NewLine, status=201),
    Endpoint(method="POST", path="/api/contact/{record_id}/heard", act=heard, body=Heard),
    Endpoint(method="DELETE", path="/api/contact/{record_id}", act=end_line, status=204),
    Endpoint(method="POST", path="/api/roll-calls", act=call_roll, body=NewRoll, status=201),
    Endpoint(method="POST", path="/api/roll-calls/{record_id}/answers", act=answer_roll, body=RollAnswer),
    Endpoint(method="GET", path="/api/readiness", act=readiness, compress=True),
    Endpoint(method="GET", path="/api/briefs/draft", act=draft, compress=True),
    Endpoint(method="GET", path="/api/briefs", act=briefs, compress=True),
    Endpoint(method="POST", path="/api/briefs", act=issue, body=NewBrief, status=201),
    Endpoint(method="GET", path="/api/briefs/{record_id}", act=brief, compress=True),
    Endpoint(method="GET", path="/api/briefs/{record_id}/brief.pdf", act=print_brief),
)

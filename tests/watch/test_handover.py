"""The watch changes hands only when every open item was seen."""

from datetime import UTC, datetime, timedelta

import pytest

from tapestry.watch import (
    HandOver,
    HandOverState,
    NotAllowed,
    OpenItem,
    OpenKind,
    close,
    sign,
    tick,
    unticked,
)

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
ALERT = OpenItem(kind=OpenKind.ALERT, item_id="7", text="silent")
TASK = OpenItem(kind=OpenKind.TASK, item_id="7", text="call the ferry")
ITEMS = (ALERT, TASK)


def closed() -> HandOver:
    return close("night", ITEMS, NOW, on_watch="night")


def ticked() -> HandOver:
    return tick(tick(closed(), "day", ALERT.key), "day", TASK.key)


def refusal(code: str) -> pytest.RaisesExc[NotAllowed]:
    return pytest.RaisesExc(NotAllowed, check=lambda fault: fault.code == code)


def test_the_incoming_officer_ticks_every_item_and_signs() -> None:
    signed = sign(ticked(), "day", NOW + timedelta(minutes=5), open_now=ITEMS)
    assert (signed.state, signed.incoming) == (HandOverState.SIGNED, "day")
    assert signed.signed_at == NOW + timedelta(minutes=5)


def test_an_item_that_is_not_ticked_stops_the_signature() -> None:
    sheet = tick(closed(), "day", ALERT.key)
    assert unticked(sheet) == (TASK,)
    with refusal("not-ticked"):
        sign(sheet, "day", NOW, open_now=ITEMS)


def test_what_opened_after_the_sheet_was_closed_stops_the_signature() -> None:
    late = OpenItem(kind=OpenKind.CASE, item_id="3", text="ambush")
    with refusal("opened-meanwhile"):
        sign(ticked(), "day", NOW, open_now=(*ITEMS, late))


def test_nobody_takes_over_from_himself() -> None:
    with refusal("own-hand-over"):
        tick(closed(), "night", ALERT.key)


def test_only_the_officer_on_watch_closes_the_sheet() -> None:
    with refusal("not-on-watch"):
        close("day", ITEMS, NOW, on_watch="night")


def test_an_item_is_on_the_sheet_once() -> None:
    with refusal("item-twice"):
        close("night", (ALERT, ALERT), NOW, on_watch="night")


def test_an_unknown_item_cannot_be_ticked() -> None:
    with refusal("no-such-item"):
        tick(closed(), "day", "alert:8")


def test_who_ticked_signs() -> None:
    with refusal("another-takes-over"):
        sign(ticked(), "third", NOW, open_now=ITEMS)
    with refusal("another-takes-over"):
        tick(tick(closed(), "day", ALERT.key), "third", TASK.key)


def test_a_signed_sheet_is_over() -> None:
    signed = sign(ticked(), "day", NOW, open_now=ITEMS)
    with refusal("signed-already"):
        tick(signed, "third", ALERT.key)

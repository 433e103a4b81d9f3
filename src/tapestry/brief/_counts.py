"""Which entries each number of a situation report counts."""

from collections.abc import Iterable
from typing import Final

import msgspec

from tapestry.brief._brief import Deed, Number

Facts = tuple[tuple[str, object], ...]


class Count(msgspec.Struct, frozen=True):
    """One number: the entries of one action, with these facts."""

    name: str
    action: str
    facts: Facts = ()


COUNTS: Final[dict[str, tuple[Count, ...]]] = {
    "movements": (
        Count("requested", "submit-movement"),
        Count("approved", "decide-movement", (("go", True),)),
        Count("no-go", "decide-movement", (("go", False),)),
        Count("denied", "deny-movement"),
        Count("departed", "depart-movement"),
        Count("arrived", "arrive-movement"),
        Count("overdue", "overdue-movement"),
        Count("lost-contact", "lose-contact-movement"),
        Count("in-contact", "in-contact-movement"),
        Count("diverted", "divert-movement"),
        Count("aborted", "abort-movement"),
        Count("cancelled", "cancel-movement"),
        Count("closed", "close-movement"),
    ),
    "outcomes": (
        Count("facilitated", "close-movement", (("outcome", "facilitated"),)),
        Count("impeded", "close-movement", (("outcome", "impeded"),)),
        Count("delayed", "close-movement", (("outcome", "delayed"),)),
        Count("outcome-denied", "close-movement", (("outcome", "denied"),)),
        Count("outcome-cancelled", "close-movement", (("outcome", "cancelled"),)),
    ),
    "distress": (
        Count("opened", "open-case"),
        Count("acknowledged", "acknowledge-case"),
        Count("escalated", "escalate-case"),
        Count("confirmed", "confirm-case"),
        Count("false", "judge-false-case"),
        Count("test", "judge-test-case"),
        Count("resolved", "resolve-case"),
    ),
    "help": (
        Count("ordered", "order-tasking"),
        Count("accepted", "accept-tasking"),
        Count("declined", "decline-tasking"),
        Count("unanswered", "tasking-unanswered"),
        Count("on-scene", "arrive-tasking"),
        Count("complete", "complete-tasking"),
        Count("medevacs", "notify-medevac"),
        Count("at-hospital", "hand-over-medevac"),
    ),
    "orders": (
        Count("statuses", "set-route-status"),
        Count("withdrawn", "withdraw-route-status"),
        Count("stops", "order-stop"),
        Count("lifted", "lift-stop"),
    ),
    "watch": (
        Count("hand-overs", "sign-hand-over"),
        Count("taken", "take-watch"),
        Count("notes", "note-watch"),
        Count("corrections", "correct-entry"),
        Count("tasks-given", "give-task"),
        Count("tasks-done", "done-task"),
        Count("rolls", "call-roll"),
    ),
}
"""Sections and their numbers. A number that is 0 is told too: nothing happened is news."""


def counted(count: Count, by_action: dict[str, list[Deed]]) -> Number:
    """Return a number with the entries that it counts."""
    keys = tuple(
        deed.key
        for deed in by_action.get(count.action, ())
        if all(deed.facts.get(name) == value for name, value in count.facts)
    )
    return Number(name=count.name, value=len(keys), keys=keys)


def by_action(deeds: Iterable[Deed]) -> dict[str, list[Deed]]:
    """Return entries by what was done, the oldest first."""
    found: dict[str, list[Deed]] = {}
    for deed in sorted(deeds, key=lambda it: (it.at, it.key)):
        found.setdefault(deed.what, []).append(deed)
    return found

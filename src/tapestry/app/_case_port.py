"""What the house asks of its store about distress cases, messages to duty phones and text messages that came in."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from tapestry.model import (
    Alert,
    AlertId,
    CaseCall,
    CaseDelivery,
    CaseId,
    DistressCase,
    LadderStep,
    MovementId,
    PersonId,
    VehicleId,
)
from tapestry.posrep import PosRep

CALLS_WITH_CASE: Final = 200  # the newest; a storm has more, which are asked for apart

ChangeCase = Callable[[DistressCase], DistressCase]


class OutState(StrEnum):
    """How a message to somebody stands."""

    HELD = "held"  # another way is tried first
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given-up"
    STOPPED = "stopped"  # a human acknowledged, or another way arrived, before it was sent


class OutMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to one person by one way. Its words are made when it is sent: they tell what is so then."""

    message_id: int = 0
    key: str  # the same step writes nothing twice
    case_id: CaseId
    recipient_key: str  # of one person in one step: their ways are tried one after the other
    rank: int
    desk: str
    recipient: str
    means: str
    address: str
    language: str
    state: OutState
    created_at: datetime
    next_try_at: datetime | None = None
    attempts: int = 0
    last_error: str = ""  # a code, never the words of a server
    tried_at: datetime | None = None
    sent_at: datetime | None = None


class MeansTried(msgspec.Struct, frozen=True, kw_only=True):
    """How the newest try by a means went."""

    means: str
    state: OutState
    last_error: str
    tried_at: datetime


class InboundText(msgspec.Struct, frozen=True, kw_only=True):
    """A text message as it came in, and what it was taken for."""

    text_id: int = 0
    gateway_id: str | None = None  # the gateway's own id: it may deliver twice
    received_at: datetime
    sent_at: datetime | None = None  # as the gateway says
    sender: str
    text: str
    kind: str
    known: bool  # the number is a person's on the roster
    person_id: PersonId | None = None
    vehicle_id: VehicleId | None = None
    movement_id: MovementId | None = None
    alert_id: AlertId | None = None  # of the call that it raised
    note: str = ""  # code of what could not be understood: "unknown-callsign", "bad-place"
    posrep: PosRep | None = (
        None  # what was read of it as a report of a position; its code is "read" when it was taken
    )


class CaseStore(Protocol):
    """Cases. A call joins its case in the transaction that stores its alert: see `record_distress`."""

    async def case_of_alert(self, alert_id: AlertId) -> CaseId | None: ...
    async def case(self, case_id: CaseId) -> DistressCase | None:
        """Return a case whole, with its newest calls."""
        ...

    async def cases(self, *, only_open: bool, limit: int) -> list[DistressCase]:
        """Return cases with their deliveries alone, newest first; open means not resolved."""
        ...

    async def awaited_cases(self) -> list[CaseId]:
        """Return the cases that no human has acknowledged, by id."""
        ...

    async def cases_between(self, since: datetime, until: datetime, *, limit: int) -> list[DistressCase]:
        """Return the cases opened in a span, oldest first, without calls and history."""
        ...

    async def case_calls(self, case_id: CaseId, *, after: int, limit: int) -> list[CaseCall]:
        """Return a case's calls from the one after number `after`, the oldest first."""
        ...

    async def change_case(self, case_id: CaseId, change: ChangeCase) -> DistressCase | None:
        """Put what `change` makes of a case in its place, in one transaction; None when there is no such case.

        `change` is given the case as it is now, its history included; what it raises changes nothing. New entries
        of its history are kept. A case that was acknowledged by it acknowledges its alerts and stops what waits in
        the outbox; one that was resolved closes its alerts.
        """
        ...

    async def alerts_of_case(self, case_id: CaseId) -> list[Alert]: ...
    async def add_deliveries(self, case_id: CaseId, deliveries: Sequence[CaseDelivery]) -> None:
        """Note desks that are to see a case; those that are there stay as they are."""
        ...

    async def mark_told(self, case_id: CaseId, desks: Sequence[str], *, at: datetime) -> int:
        """Note that consoles of these desks were sent a case; return how many were not before."""
        ...

    async def mark_shown(self, case_id: CaseId, desks: Sequence[str], *, by: str, at: datetime) -> list[str]:
        """Note that a console showed a case; return the desks for which it was the first."""
        ...

    async def take_step(
        self,
        case_id: CaseId,
        step: LadderStep,
        deliveries: Sequence[CaseDelivery],
        messages: Sequence[OutMessage],
    ) -> bool:
        """Note a step of the ladder with all that follows from it; return False when it was taken before."""
        ...

    async def due_messages(self, now: datetime, *, limit: int) -> list[OutMessage]: ...
    async def messages_of(self, case_id: CaseId) -> list[OutMessage]: ...
    async def message_sent(self, message: OutMessage, *, at: datetime) -> None:
        """Note that it was taken by the other side; that person's other ways stop."""
        ...

    async def message_failed(
        self, message: OutMessage, *, at: datetime, error: str, next_try_at: datetime | None
    ) -> None:
        """Note a try that failed; the person's next way is taken at once. None: it is given up."""
        ...

    async def newest_tries(self) -> list[MeansTried]:
        """Return how the newest try by each means went."""
        ...

    async def add_text(self, text: InboundText) -> InboundText | None:
        """Keep a text message; None when the gateway delivered it before."""
        ...

    async def text_of_gateway(self, gateway_id: str) -> InboundText | None:
        """Return the text message that the gateway brought under its own id before, None when it did not."""
        ...

    async def texts(self, *, limit: int) -> list[InboundText]:
        """Return the newest first."""
        ...

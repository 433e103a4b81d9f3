"""What linking centres asks of the store and the bus. There is no fake of these: their tests run on the real ones."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from tapestry.model import Centre, Change


class Outcome(StrEnum):
    """What became of a change that came from another centre."""

    TAKEN = "taken"
    KNOWN = "known"  # it was there already
    ASIDE = "aside"  # a later change of the row counts; this one is kept beside it
    REFUSED = "refused"  # a rule of the store; kept aside with the reason


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """How far the changes of a centre were taken over."""

    outcomes: tuple[Outcome, ...]  # of the changes, in order; shorter when one has to wait for another
    waits_for: str = ""  # what the next one refers to and is not here yet


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """A change that does not count, kept for people."""

    aside_id: int
    centre: int
    table: str
    row: str
    gone: bool
    changed_at: datetime
    reason: str
    said: str
    noted_at: datetime


class CentreStore(Protocol):
    """The store as linked centres need it."""

    async def centres(self) -> tuple[Centre | None, tuple[Centre, ...]]:
        """Return this centre, None while it stands alone, and those it is linked with."""
        ...

    async def put_peer(self, peer: Centre) -> None:
        """Note a centre that this one is linked with."""
        ...

    async def changes_ready(self, *, limit: int) -> list[Change]:
        """Return the oldest changes made here that are committed and not dropped, in order."""
        ...

    async def drop_changes(self, change_nos: Sequence[int]) -> None:
        """Forget changes: the bus has them."""
        ...

    async def take_over(
        self, centre: int, changes: Sequence[tuple[int, Change]], *, projection: str
    ) -> Taken:
        """Take changes of another centre over and note the last sequence taken, in one transaction.

        Args:
            centre: Whose changes they are.
            changes: With their sequences; those at or before the projection's are passed over.
            projection: Name under which the sequence is kept.

        Raises:
            OutsideFault: Nothing was taken, or the answer was lost. The same call again is safe.
        """
        ...

    async def set_aside(self, centre: int, change: Change, *, said: str) -> None:
        """Keep a change that could not be taken over, with the reason."""
        ...

    async def asides(self, *, limit: int) -> list[Aside]:
        """Return changes that do not count, newest first."""
        ...


class CentreBus(Protocol):
    """The bus as linked centres need it: its own side of the link, and the far one through it."""

    async def receive(self) -> str:
        """Have the stream on this side that the national centre writes its changes into; return its name."""
        ...

    async def far_last_seq(self, stream: str, *, of: Centre) -> int:
        """Return the newest sequence of a far stream.

        Raises:
            OutsideFault: The link is cut.
        """
        ...

    async def push(self, change: bytes, *, to: Centre, n: int) -> None:
        """Write a change into a far centre's stream, once for each `n`; return once it is on its disk.

        Raises:
            OutsideFault: The link is cut; it may or may not be there.
        """
        ...

    async def pushed(self, *, to: Centre) -> int:
        """Return the highest `n` that a far centre holds, 0 when none.

        Raises:
            OutsideFault: The link is cut.
        """
        ...

    async def beat(self, body: bytes, *, to: Centre) -> None:
        """Send a sign of life; it may be lost."""
        ...

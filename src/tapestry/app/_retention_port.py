"""What the house asks of its store about data that is too old."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class KeptKind(StrEnum):
    """A kind of data that is kept for a number of days."""

    POSITIONS = "positions"  # by when they were received
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    MESSAGES = "messages"  # between the watch and a convoy's phones and TAK devices
    SCANS = "scans"  # of permits, by their end; and files that nothing names


class RetentionStore(Protocol):
    """Deletes what is old."""

    async def delete_old(self, kind: KeptKind, *, before: datetime, most: int) -> int:
        """Delete what is older than `before`, of positions at most `most` rows; return how many rows went."""
        ...

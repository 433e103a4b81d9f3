"""What track judged of stored rows, on its way to the store."""

import msgspec


class Quality(msgspec.Struct, frozen=True):
    """What track judged of rows of one batch."""

    track_seq: int
    rows: list[int]
    flags: list[int]

"""Passages on their way: the name of each on the bus, and what is said once they are stored."""

import msgspec

from tapestry.model import MovementId, Passage

PASSED_SUBJECT = "desk.passed"


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """What `desk.passed` says: the store has news of the checkpoints of these movements."""

    movement_ids: tuple[MovementId, ...]


def passage_msg_id(passage: Passage) -> str:
    """Return the name under which the bus writes a passage once: what was passed, by whom, when, known since when."""
    passed_us, known_us = (round(at.timestamp() * 1_000_000) for at in (passage.passed_at, passage.known_at))
    key = f"{passage.movement_id}-{passage.checkpoint}-{passage.vehicle_id}"
    return f"passage-{key}-{passed_us}-{known_us}{'-withdrawn' if passage.withdrawn else ''}"

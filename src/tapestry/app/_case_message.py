"""What the bus says of distress cases, so that consoles ask only for what is there."""

from typing import Final

import msgspec

from tapestry.model import CaseId

CASE_SUBJECT: Final = "case.changed"


class CaseChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A case that the store has anew."""

    case_id: CaseId


def encode_case_changed(case_id: CaseId) -> bytes:
    """Return the message that says so."""
    return msgspec.json.encode(CaseChanged(case_id=case_id))

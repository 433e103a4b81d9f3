"""A command with who gave it, when, and what the checks found."""

from datetime import datetime

import msgspec

from tapestry.model import Finding
from tapestry.movement._settings import MovementSettings


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What every command on a sheet is judged with."""

    by: str  # user name, "phone/<id>" or "system"
    at: datetime  # the hub's clock
    settings: MovementSettings
    findings: tuple[Finding, ...]  # of a check of the request

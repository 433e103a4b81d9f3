"""Which commands and digits are alarms.

Source: "GPRS Communication Protocol" V1.5 (KX402), "Alarm message" (BO01); "Kingneed Protocol" (ZC).
"""

import re
from typing import Final

from tapestry.model import DistressKind
from tapestry.protocols.tk103._packet import Packet

_COMMANDS: Final = {
    "ZC11": "movement", "ZC12": "low-battery", "ZC13": "power-cut", "ZC15": "ignition-on", "ZC16": "ignition-off",
    "ZC17": "removed", "ZC25": "sos", "ZC26": "tamper", "ZC27": "low-power", "ZC29": "ignition-on",
}  # fmt: skip
_DIGITS: Final = {
    "BO01": {"0": "power-cut", "1": "accident", "2": "sos", "3": "vibration", "5": "overspeed", "6": "fence-exit"},
    "BQ81": {
        "0": "low-battery", "1": "overspeed", "2": "idle", "3": "hard-acceleration", "4": "hard-braking",
        "5": "temperature",
    },
}  # fmt: skip
_KINDS: Final = {
    "sos": DistressKind.SOS,
    "power-cut": DistressKind.TAMPER,
    "tamper": DistressKind.TAMPER,
    "removed": DistressKind.TAMPER,
}
# The digit stands before the six of the date, with or without a comma between them.
_DIGIT = re.compile(r"([0-9])(?:,|(?=[0-9]{6},?[AVB])|$)")


def digit_of(packet: Packet) -> str:
    """Return the digit that says which alarm a packet is; empty when it has none."""
    found = _DIGIT.match(packet.body) if packet.command in _DIGITS else None
    return "" if found is None else found[1]


def alarms_of(packet: Packet) -> tuple[str, ...]:
    """Return the alarm of a packet, if it is one that is known."""
    word = _COMMANDS.get(packet.command) or _DIGITS.get(packet.command, {}).get(digit_of(packet))
    return () if word is None else (word,)


def kind_of(alarms: tuple[str, ...]) -> DistressKind | None:
    """Return the call for help that an alarm is; None for one that is not."""
    return _KINDS.get(alarms[0]) if alarms else None

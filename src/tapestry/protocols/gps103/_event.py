"""The word that a record begins with: what made the device send it.

Source: Coban, "GPS102, GPS103, GPS104 GPRS data protocol"; Coban, "GPRS PROTOCOL" 2014-12-12, chapter 4.3.
"""

from typing import Final

from tapestry.model import DistressKind

_ALARMS: Final = {
    "help me": "sos", "sos": "sos", "low battery": "low-battery", "stockade": "fence", "move": "movement", "dt": "",
    "speed": "overspeed", "acc alarm": "ignition-on", "acc on": "ignition-on", "acc off": "ignition-off",
    "door alarm": "door", "ac alarm": "power-cut", "power off": "power-cut", "sensor alarm": "vibration",
    "accident alarm": "accident", "bonnet alarm": "bonnet", "dtc": "fault", "cutoff": "power-cut",
}  # fmt: skip
_KINDS: Final = {"sos": DistressKind.SOS, "power-cut": DistressKind.TAMPER}
ROUTINE: Final = "tracker"


def alarm_of(word: str) -> str | None:
    """Return the alarm that a word stands for; None when it is none, or not known."""
    word = word.strip().lower()
    if word.startswith("t:"):  # with the temperature after it
        return "temperature"
    if word.startswith("oil"):  # with the level after it
        return "fuel-leak"
    return _ALARMS.get(word) or None


def kind_of(alarm: str | None) -> DistressKind | None:
    """Return the call for help that an alarm is; None for one that is not."""
    return None if alarm is None else _KINDS.get(alarm)

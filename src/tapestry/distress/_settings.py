"""What an administrator may choose of distress; every default in one place."""

from enum import StrEnum

import msgspec

Ring = tuple[tuple[float, float], ...]  # vertices (lat_deg, lon_deg)


class DeskKind(StrEnum):
    """What a desk is in the ladder."""

    CENTRE = "centre"
    NATIONAL = "national"
    PARTNER = "partner"  # of the host nation or a partner: sees, decides nothing


class Means(StrEnum):
    """A way by which a duty phone is reached."""

    SMS = "sms"
    MAIL = "mail"
    WEBHOOK = "webhook"


class DutyWay(msgspec.Struct, frozen=True, kw_only=True):
    """One means and its address."""

    means: Means
    address: str  # number, mail address, or https URL


class DutyContact(msgspec.Struct, frozen=True, kw_only=True):
    """Who has the duty phone of a desk; the next way is taken when one fails."""

    name: str
    ways: tuple[DutyWay, ...]
    language: str = "en"


class CaseDesk(msgspec.Struct, frozen=True, kw_only=True):
    """A desk that distress is delivered to."""

    name: str
    kind: DeskKind = DeskKind.CENTRE
    whole_country: bool = False
    governorates: tuple[str, ...] = ()  # as the basemap names them: "Al Anbar"
    rings: tuple[Ring, ...] = ()
    members: tuple[str, ...] = ()  # user names
    contacts: tuple[DutyContact, ...] = ()
    second: str = ""  # the desk that is told when this one does not acknowledge; "": every other centre
    at_once: bool = True  # of a national or partner desk: told at once of what happens in its area
    lesser: bool = False  # of such a desk: told of calls that are no emergency too


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds after a call reached the hub at which the next step is taken while no human has acknowledged."""

    second_desk_s: float = 60.0
    duty_phone_s: float = 120.0
    region_s: float = 300.0
    national_s: float = 600.0
    again_s: float = 600.0  # after the last step, every so often, for as long as nobody acknowledges


class DistressSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Desks, timings and what is done about silent calls."""

    desks: tuple[CaseDesk, ...] = ()  # none: one desk of every watch officer and administrator
    ladder: Ladder = Ladder()
    lesser_ladder: Ladder = Ladder(
        second_desk_s=300.0, duty_phone_s=600.0, region_s=1_800.0, national_s=3_600.0, again_s=3_600.0
    )  # of help, delay and a tracker that was opened
    call_back_silent: bool = False  # whether who asked for silence, or is under duress, may be called back
    partners_see_silent: bool = False  # whether partner desks are told of silent calls at once


WATCH = CaseDesk(name="watch", whole_country=True)
"""The desk there is when none is set up; its members are every watch officer and administrator."""

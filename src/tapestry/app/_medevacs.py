"""Evacuations: nine lines taken down fast, clocks from the notification to the hospital, why a target was missed."""

from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry import dispatch
from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._dispatch_news import tell_dispatch
from tapestry.app._dispatch_settings import DispatchSettingsDesk
from tapestry.app._refusals import Changed, Invalid, Missing
from tapestry.app._roster import checked_name
from tapestry.model import (
    Capability,
    CaseId,
    Medevac,
    MedevacId,
    MedevacState,
    Mist,
    MovementId,
    NineLine,
    Team,
)

MAX_MEDEVACS: Final = 500  # shown
MAX_TRIES: Final = 10
MAX_PATIENTS: Final = 500
FETCHES: Final = frozenset({Capability.MEDIC, Capability.AMBULANCE, Capability.AIR})
CLOSED: Final = frozenset({MedevacState.CLOSED, MedevacState.CANCELLED})
MAX_TEXT_LENGTH: Final = 500

Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Name = Annotated[str, Meta(max_length=200)]


class NewMedevac(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was said on the radio so far."""

    nine: NineLine
    mist: Annotated[tuple[Mist, ...], Meta(max_length=50)] = ()
    hospital: Name = ""
    case_id: Id | None = None
    movement_id: Id | None = None


class MedevacView(msgspec.Struct, frozen=True, kw_only=True):
    """An evacuation as the board shows it."""

    medevac: Medevac
    clocks: tuple[dispatch.Clock, ...]
    commands: tuple[str, ...]
    texts: dict[str, str]  # by language: as it is read over the radio


class MedevacDesk:
    """What people do with evacuations."""

    def __init__(self, ports: DeskPorts, settings: DispatchSettingsDesk) -> None:
        self._ports = ports
        self._settings = settings

    async def medevacs(self, who: Principal, *, only_open: bool) -> list[MedevacView]:
        """Return evacuations, the newest first."""
        require(self._ports, who, Action.VIEW_MEDEVAC)
        found = await self._ports.store.medevacs(only_open=only_open, limit=MAX_MEDEVACS)
        await self._ports.entries.note(who.user_name, "view-medevacs", "medevacs", {"count": len(found)})
        return [self._view(it) for it in found]

    async def notify(self, who: Principal, new: NewMedevac) -> MedevacView:
        """Take a request down; its clocks start now."""
        require(self._ports, who, Action.RUN_MEDEVAC)
        _verify(new)
        if new.case_id is not None and await self._ports.store.case(CaseId(new.case_id)) is None:
            raise Missing
        medevac = Medevac(
            medevac_id=MedevacId(0),
            version=1,
            state=MedevacState.NOTIFIED,
            nine=new.nine,
            mist=new.mist,
            notified_at=self._ports.now(),
            notified_by=who.user_name,
            case_id=None if new.case_id is None else CaseId(new.case_id),
            movement_id=None if new.movement_id is None else MovementId(new.movement_id),
            hospital=new.hospital,
        )
        timed = dispatch.with_targets(medevac, await self._settings.current())
        stored = await self._ports.store.add_medevac(timed, is_open=True)
        await self._noted(who.user_name, "notify-medevac", stored)
        return self._view(stored)

    async def change(self, who: Principal, medevac_id: int, new: NewMedevac, version: int) -> MedevacView:
        """Put more lines in, or correct them; the clocks go on from the notification."""
        require(self._ports, who, Action.RUN_MEDEVAC)
        _verify(new)
        known = await self.access_medevac(medevac_id)
        if known.version != version:
            raise Changed
        if known.state in CLOSED:
            raise Invalid("not-now", f"This evacuation is {known.state}.", "Ask for another one.")
        changed = msgspec.structs.replace(
            known, version=version + 1, nine=new.nine, mist=new.mist, hospital=new.hospital
        )
        return await self._put(who, "change-medevac", changed, new_targets=True)

    async def command(
        self, who: Principal, medevac_id: int, command: str, at: datetime | None, reason: str
    ) -> MedevacView:
        """Say how far an evacuation is."""
        require(self._ports, who, Action.RUN_MEDEVAC)
        at = None if at is None else at.astimezone(UTC)
        return self._view(await self.apply(medevac_id, command, by=who.user_name, at=at, reason=reason))

    async def explain(self, who: Principal, medevac_id: int, why: str) -> MedevacView:
        """Say why a target was missed."""
        require(self._ports, who, Action.RUN_MEDEVAC)
        known = await self.access_medevac(medevac_id)
        why = checked_name(why, "reason")
        changed = msgspec.structs.replace(known, version=known.version + 1, why_late=why)
        return await self._put(who, "explain-medevac", changed)

    async def apply(
        self, medevac_id: int, command: str, *, by: str, at: datetime | None = None, reason: str = ""
    ) -> Medevac:
        """Return an evacuation after a command, stored, logged and told. Rights are its callers' affair."""
        for _ in range(MAX_TRIES):
            known, now = await self.access_medevac(medevac_id), self._ports.now()
            try:
                after = dispatch.apply_medevac(known, command, by=by, at=at or now, now=now, reason=reason)
            except dispatch.NotDone as fault:
                raise Invalid(fault.code, fault.message, fault.todo) from fault
            if await self._ports.store.put_medevac(after, is_open=after.state not in CLOSED):
                await self._noted(by, f"{command}-medevac", after)
                return after
        raise Changed

    async def follow(self, medevac_id: MedevacId, command: str, team: Team, *, by: str) -> None:
        """Let the clock follow a team that fetches patients; what it showed already stays."""
        if not FETCHES & set(team.capabilities):
            return
        known = await self.access_medevac(medevac_id)
        wanted = "dispatch" if command == "launch" else "at-patient"
        if wanted in dispatch.medevac_commands(known.state):
            await self.apply(medevac_id, wanted, by=by)

    async def access_medevac(self, medevac_id: int) -> Medevac:
        """Return an evacuation.

        Raises:
            Missing: There is none.
        """
        found = await self._ports.store.medevac(MedevacId(medevac_id)) if 0 < medevac_id < 2**31 else None
        if found is None:
            raise Missing
        return found

    async def _put(
        self, who: Principal, action: str, changed: Medevac, *, new_targets: bool = False
    ) -> MedevacView:
        if new_targets:
            changed = dispatch.with_targets(changed, await self._settings.current())
        if not await self._ports.store.put_medevac(changed, is_open=changed.state not in CLOSED):
            raise Changed
        await self._noted(who.user_name, action, changed)
        return self._view(changed)

    async def _noted(self, by: str, action: str, medevac: Medevac) -> None:
        details = {
            "version": medevac.version,
            "state": medevac.state.value,
            "patients": {it.value: count for it, count in medevac.nine.precedence.items()},
            "why_late": medevac.why_late,
        }
        await self._ports.entries.note(by, action, f"medevac/{medevac.medevac_id}", details)
        await tell_dispatch(self._ports)

    def _view(self, medevac: Medevac) -> MedevacView:
        return MedevacView(
            medevac=medevac,
            clocks=dispatch.clocks(medevac, now=self._ports.now()),
            commands=dispatch.medevac_commands(medevac.state),
            texts={it: dispatch.nine_line_text(medevac, it) for it in dispatch.LANGUAGES},
        )


def _verify(new: NewMedevac) -> None:
    """Return None when the lines can be.

    1. The site is on the Earth.
    2. Patients are no fewer than nothing and no more than MAX_PATIENTS, and there is one.
    3. Texts have lengths that can be read out.
    """
    nine = new.nine
    if not (abs(nine.lat_deg) <= 90 and abs(nine.lon_deg) <= 180):
        raise Invalid("bad-field", "Line 1: the site is not on the Earth.", "Correct the grid.")
    counts = [*nine.precedence.values(), nine.lying, nine.walking, *(nine.nationality or {}).values()]
    patients = max(sum(nine.precedence.values()), nine.lying + nine.walking)
    if any(count < 0 for count in counts) or not 0 < patients <= MAX_PATIENTS:
        raise Invalid(
            "bad-patients",
            f"Lines 3 and 5: expected 1 to {MAX_PATIENTS} patients in all.",
            "Say how many there are.",
        )
    texts = [nine.place_name, nine.frequency, nine.callsign, nine.marking_colour, nine.terrain or ""]
    texts += [*(nine.nationality or {})]
    texts += [text for mist in new.mist for text in msgspec.structs.astuple(mist)]
    if any(len(text) > MAX_TEXT_LENGTH or not text.isprintable() for text in texts):
        raise Invalid(
            "bad-field", f"A line has more than {MAX_TEXT_LENGTH} characters, or some that cannot be shown.",
            "Write it shorter.",
        )  # fmt: skip

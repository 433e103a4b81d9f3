"""Taskings: ordered by a named person, answered by the team, watched until somebody answers.

Nothing here sends a team by itself. A team that does not answer is told to the officer; whom to ask next is theirs.
"""

import asyncio
from datetime import datetime
from typing import Annotated, Final

import msgspec
import structlog
from msgspec import Meta

from tapestry import dispatch
from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._cases import CasesDesk
from tapestry.app._dispatch_news import tell_dispatch
from tapestry.app._dispatch_settings import DispatchSettingsDesk
from tapestry.app._medevacs import MedevacDesk
from tapestry.app._refusals import Changed, DeskRefusal, Invalid, Missing
from tapestry.app._routes import Spot
from tapestry.app._tasking_texts import texts_for
from tapestry.app._teams import MAX_OPEN, Question, TeamDesk
from tapestry.model import (
    AlertEvent,
    AlertId,
    CaseId,
    MedevacId,
    MovementId,
    OutsideFault,
    Phase,
    Place,
    Respond,
    Rule,
    Severity,
    Tasking,
    TaskingId,
    TaskingState,
    Team,
    TeamId,
)

LOOK_EVERY_S: Final = 5.0
MAX_TRIES: Final = 10  # of a command, when others change the tasking meanwhile
MAX_TASKINGS: Final = 500  # shown
SYSTEM: Final = "system"
ALERT_SUBJECT: Final = "event.0"  # taskings belong to no partition of convoys

Text = Annotated[str, Meta(min_length=1, max_length=500)]
Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]

log = structlog.get_logger()


class NewTasking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person orders."""

    team_id: Id
    place: Place
    what: Text
    recognition: Text
    friendly: Text
    case_id: Id | None = None
    movement_id: Id | None = None
    medevac_id: Id | None = None


class TaskingView(msgspec.Struct, frozen=True, kw_only=True):
    """A tasking as the board shows it."""

    tasking: Tasking
    team_name: str
    text: str  # as it went to the team
    commands: tuple[str, ...]
    unanswered: bool


class TaskingDesk:
    """What people do with taskings."""

    def __init__(
        self,
        ports: DeskPorts,
        settings: DispatchSettingsDesk,
        teams: TeamDesk,
        medevacs: MedevacDesk,
        cases: CasesDesk,
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._teams = teams
        self._medevacs = medevacs
        self._cases = cases

    async def taskings(self, who: Principal, *, only_open: bool) -> list[TaskingView]:
        """Return taskings, the newest first."""
        require(self._ports, who, Action.VIEW_TEAMS)
        teams = {it.team_id: it for it in await self._ports.store.teams()}
        found = await self._ports.store.taskings(only_open=only_open, limit=MAX_TASKINGS)
        await self._ports.entries.note(who.user_name, "view-taskings", "taskings", {"count": len(found)})
        return [self._view(it, teams[it.team_id]) for it in found]

    async def order(self, who: Principal, new: NewTasking) -> TaskingView:
        """Order a team somewhere, under the name of who orders it."""
        require(self._ports, who, Action.ORDER_TASKING)
        team, now = await self._teams.access_team(new.team_id), self._ports.now()
        settings = await self._settings.current()
        spot = Spot(lat_deg=new.place.lat_deg, lon_deg=new.place.lon_deg)
        if not (abs(spot.lat_deg) <= 90 and abs(spot.lon_deg) <= 180):
            raise Invalid("bad-field", "The place is not on the Earth.", "Choose it on the map.")
        if new.medevac_id is not None:
            await self._medevacs.access_medevac(new.medevac_id)
        if new.case_id is not None and await self._ports.store.case(CaseId(new.case_id)) is None:
            raise Missing
        (candidate,) = (await self._teams.proposal(Question(place=spot), [team])).candidates
        ordered = Tasking(
            tasking_id=TaskingId(0),
            version=1,
            team_id=TeamId(new.team_id),
            state=TaskingState.REQUESTED,
            place=new.place,
            what=_said(new.what, "what"),
            recognition=_said(new.recognition, "recognition"),
            friendly=_said(new.friendly, "friendly"),
            ordered_by=who.user_name,
            ordered_at=now,
            unanswered_at=dispatch.unanswered_at(now, minutes=settings.unanswered_min),
            case_id=None if new.case_id is None else CaseId(new.case_id),
            movement_id=None if new.movement_id is None else MovementId(new.movement_id),
            medevac_id=None if new.medevac_id is None else MedevacId(new.medevac_id),
            against=tuple(it.code for it in candidate.reasons_against),
        )
        ordered = msgspec.structs.replace(ordered, texts=texts_for(team, ordered))
        tasking = await self._ports.store.add_tasking(ordered, is_open=True)
        details = {"team_id": team.team_id, "against": list(tasking.against), "case_id": tasking.case_id}
        await self._ports.entries.note(who.user_name, "order-tasking", _subject(tasking), details)
        await tell_dispatch(self._ports)
        await self._respond(who, tasking, team)
        return self._view(tasking, team)

    async def command(
        self, who: Principal, tasking_id: int, command: str, reason: str, version: int | None
    ) -> TaskingView:
        """Write down what a team said over the radio, or call a tasking off."""
        action = Action.ORDER_TASKING if command == "cancel" else Action.ANSWER_TASKING
        require(self._ports, who, action)
        after = await self.apply(tasking_id, command, by=who.user_name, reason=reason, version=version)
        return self._view(after, await self._teams.access_team(after.team_id))

    async def apply(
        self,
        tasking_id: int,
        command: str,
        *,
        by: str,
        reason: str = "",
        said_at: datetime | None = None,
        version: int | None = None,
    ) -> Tasking:
        """Return a tasking after a command, stored, logged and told. Rights are its callers' affair."""
        for _ in range(MAX_TRIES):
            known = await self.access_tasking(tasking_id)
            if version is not None and known.version != version:
                raise Changed
            try:
                after = dispatch.apply_tasking(
                    known, command, by=by, at=self._ports.now(), reason=reason, said_at=said_at
                )
            except dispatch.NotDone as fault:
                raise Invalid(fault.code, fault.message, fault.todo) from fault
            if await self._ports.store.put_tasking(after, is_open=after.state in dispatch.OPEN):
                details = {"team_id": after.team_id, "state": after.state.value, "reason": reason}
                await self._ports.entries.note(by, f"{command}-tasking", _subject(after), details)
                await self._carry_over(after, command, by)
                if known.told_unanswered_at is not None and after.state not in dispatch.UNANSWERED:
                    await self._end_alert(after)
                await tell_dispatch(self._ports)
                return after
        raise Changed

    async def access_tasking(self, tasking_id: int) -> Tasking:
        """Return a tasking.

        Raises:
            Missing: There is none.
        """
        found = await self._ports.store.tasking(TaskingId(tasking_id)) if 0 < tasking_id < 2**31 else None
        if found is None:
            raise Missing
        return found

    async def run(self) -> None:
        """Watch for teams that do not answer, for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except OutsideFault as fault:
                log.warning("taskings.not_watched", error=str(fault), retry_in_s=LOOK_EVERY_S)

    async def look(self) -> None:
        """Tell the officer once of each team that has not answered in time; send nobody."""
        now = self._ports.now()
        for tasking in await self._ports.store.taskings(only_open=True, limit=MAX_OPEN):
            if tasking.told_unanswered_at is not None or not dispatch.is_unanswered(tasking, now=now):
                continue
            await self._alert(tasking, Phase.STARTED)  # first: with the bus away it is looked at again
            told = msgspec.structs.replace(tasking, version=tasking.version + 1, told_unanswered_at=now)
            if await self._ports.store.put_tasking(told, is_open=True):
                minutes = round((now - tasking.ordered_at).total_seconds() / 60.0, 1)
                details = {"team_id": tasking.team_id, "minutes": minutes}
                await self._ports.entries.note(SYSTEM, "tasking-unanswered", _subject(tasking), details)
                await tell_dispatch(self._ports)

    async def _alert(self, tasking: Tasking, phase: Phase) -> None:
        """Begin or end the alert of a team that does not answer; what is told twice is one."""
        team = await self._teams.access_team(tasking.team_id)
        event = AlertEvent(
            alert_id=AlertId(f"{Rule.TEAM_SILENT}:{tasking.tasking_id}"),
            rule=Rule.TEAM_SILENT,
            phase=phase,
            severity=Severity.WARNING,
            occurred_at=tasking.unanswered_at if phase is Phase.STARTED else self._ports.now(),
            received_at=self._ports.now(),
            late=False,
            lat_deg=tasking.place.lat_deg,
            lon_deg=tasking.place.lon_deg,
            facts={"tasking_id": tasking.tasking_id, "team": team.name, "place": tasking.place.name},
        )
        msg_id = f"{event.alert_id}/{phase}"
        await self._ports.bus.publish(ALERT_SUBJECT, msgspec.json.encode(event), msg_id=msg_id)

    async def _end_alert(self, tasking: Tasking) -> None:
        """End the alert; with the bus away it stays until a person closes it, and the answer counts all the same."""
        try:
            await self._alert(tasking, Phase.ENDED)
        except OutsideFault as fault:
            log.warning("taskings.alert_not_ended", tasking_id=tasking.tasking_id, error=str(fault))

    async def _respond(self, who: Principal, tasking: Tasking, team: Team) -> None:
        """Write into the case that help was ordered; a case that does not take it keeps the tasking all the same."""
        if tasking.case_id is None:
            return
        note = f"tasking {tasking.tasking_id}: {team.name}"
        try:
            await self._cases.command(who, tasking.case_id, Respond(note=note))
        except DeskRefusal as refusal:
            log.info("taskings.case_not_told", case_id=tasking.case_id, code=refusal.code)

    async def _carry_over(self, tasking: Tasking, command: str, by: str) -> None:
        """Move the evacuation's clock on with the team that fetches the patients."""
        if tasking.medevac_id is not None and command in {"launch", "arrive"}:
            team = await self._teams.access_team(tasking.team_id)
            await self._medevacs.follow(tasking.medevac_id, command, team, by=by)

    def _view(self, tasking: Tasking, team: Team) -> TaskingView:
        return TaskingView(
            tasking=tasking,
            team_name=team.name,
            text=dispatch.tasking_text(tasking, team.language),
            commands=dispatch.tasking_commands(tasking.state),
            unanswered=dispatch.is_unanswered(tasking, now=self._ports.now()),
        )


def _said(text: str, code: str) -> str:
    """Return what goes to a team, on one line; nothing said is refused, for the team depends on it."""
    said = " ".join(text.split())
    if not said or not said.isprintable():
        raise Invalid(
            f"{code}-needed",
            "What to do, the recognition signal and where friends are go into every tasking; one is empty.",
            "Write it; say 'none known' where nothing is known.",
        )
    return said


def _subject(tasking: Tasking) -> str:
    return f"tasking/{tasking.tasking_id}"

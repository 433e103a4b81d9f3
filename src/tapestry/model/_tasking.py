"""An order to a team to go somewhere, what became of it, and when."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from tapestry.model._case import CaseId
from tapestry.model._medevac import MedevacId
from tapestry.model._movement import MovementId
from tapestry.model._request import Place
from tapestry.model._team import TeamId

TaskingId = NewType("TaskingId", int)


class TaskingState(StrEnum):
    """How far a tasking is."""

    REQUESTED = "requested"  # ordered by a named person; nothing says yet that it reached the team
    RELAYED = "relayed"  # it reached the team: its page has it, or a voice passed it on
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAUNCHED = "launched"
    ON_SCENE = "on-scene"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


class TaskingStep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done to a tasking; together they are its clocks."""

    at: datetime  # hub's clock, UTC
    by: str  # user name, "team-device/<id>" or "system"
    command: str
    state: TaskingState  # after it
    reason: str = ""
    said_at: datetime | None = None  # device's clock, when a team's page was without a link


class TextState(StrEnum):
    """How a text message of a tasking stands."""

    WAITING = "waiting"
    SENT = "sent"  # the gateway took it; that it arrived nobody says
    GIVEN_UP = "given-up"


class TaskingText(msgspec.Struct, frozen=True, kw_only=True):
    """A text message of a tasking to one number; its words are made when it is sent."""

    number: str
    next_try_at: datetime
    state: TextState = TextState.WAITING
    tries: int = 0
    error: str = ""  # a code, never the words of a gateway
    sent_at: datetime | None = None


class Tasking(msgspec.Struct, frozen=True, kw_only=True):
    """An order to one team."""

    tasking_id: TaskingId  # 0 before it is stored
    version: int
    team_id: TeamId
    state: TaskingState
    place: Place
    what: str  # what to do there
    recognition: str  # the signal by which friends know one another
    friendly: str  # where friendly people and vehicles are
    ordered_by: str  # user name: nothing is sent without one
    ordered_at: datetime
    unanswered_at: datetime  # without an answer by then the officer is told
    case_id: CaseId | None = None
    movement_id: MovementId | None = None
    medevac_id: MedevacId | None = None
    against: tuple[str, ...] = ()  # what spoke against the team when it was ordered, and was overruled
    told_unanswered_at: datetime | None = None
    texts: tuple[TaskingText, ...] = ()
    steps: tuple[TaskingStep, ...] = ()

"""Alerts: what the rules found, and what people did about it."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from tapestry.model._movement import MovementId
from tapestry.model._roster import VehicleId

AlertId = NewType("AlertId", str)


class Severity(StrEnum):
    """Three, so that the top one keeps its meaning."""

    EMERGENCY = "emergency"  # a person calls for help
    WARNING = "warning"  # someone has to look now
    NOTICE = "notice"  # worth knowing


class Rule(StrEnum):
    """What may raise an alert. The words in the UI are keyed by these."""

    DISTRESS = "distress"
    SILENT = "silent"
    STOPPED_OFF_PLAN = "stopped-off-plan"
    OFF_CORRIDOR = "off-corridor"
    FENCE_ENTER = "fence-enter"
    FENCE_EXIT = "fence-exit"
    SPACING_STRETCHED = "spacing-stretched"
    SPACING_CLOSED_UP = "spacing-closed-up"
    STRAGGLER = "straggler"
    OVERSPEED = "overspeed"
    POSITION_DISPUTED = "position-disputed"
    OVERDUE = "overdue"  # a convoy is late at a checkpoint and nobody said why: a step of the ladder
    TEAM_SILENT = "team-silent"  # a team did not answer an order in time
    RULE_FAILED = "rule-failed"  # a step failed on a batch: the batch is in the dead letters


class Phase(StrEnum):
    """An alert is an episode: it starts, and its cause may end; only a person closes it."""

    STARTED = "started"
    ENDED = "ended"


class AlertEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of one rule, as it travels the bus."""

    alert_id: AlertId  # of the episode; STARTED and ENDED carry the same
    rule: Rule
    phase: Phase
    severity: Severity
    occurred_at: datetime  # event time, UTC: when it was so, not when it was noticed
    received_at: datetime  # hub's clock of the message that showed it, UTC
    late: bool  # found in data that came after newer data
    vehicle_id: VehicleId | None = None
    movement_id: MovementId | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    facts: dict[
        str, float | str
    ] = {}  # measured value and limit, names end in units: {"speed_mps": 31.2, "limit_mps": 27.8}


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as a watch officer sees it: the finding and what people did."""

    alert_id: AlertId
    rule: Rule
    severity: Severity
    started_at: datetime
    received_at: datetime
    late: bool
    ended_at: datetime | None = None  # its cause ended; the alert stays until a person closes it
    vehicle_id: VehicleId | None = None
    movement_id: MovementId | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    facts: dict[str, float | str] = {}
    owner: str | None = None  # user name of who took it
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    snoozed_until: datetime | None = None
    snooze_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    close_reason: str | None = None

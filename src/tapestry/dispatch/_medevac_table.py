"""The state machine of an evacuation and its clocks: one table, and what was missed."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.dispatch._fault import NotDone
from tapestry.dispatch._settings import DispatchSettings
from tapestry.dispatch._tasking_table import MAX_REASON_LENGTH, drawn
from tapestry.model import Medevac, MedevacStep, NineLine, Precedence
from tapestry.model import MedevacState as S

UNDER_WAY: Final = frozenset({S.NOTIFIED, S.DISPATCHED, S.AT_PATIENT, S.TO_HOSPITAL})
LATEST_AHEAD: Final = timedelta(minutes=2)  # a clock that runs a little ahead of the hub's is forgiven


class MedevacWay(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table."""

    command: str
    before: frozenset[S]
    after: S


MEDEVAC_WAYS: Final = (
    MedevacWay(command="dispatch", before=frozenset({S.NOTIFIED}), after=S.DISPATCHED),
    MedevacWay(command="at-patient", before=frozenset({S.NOTIFIED, S.DISPATCHED}), after=S.AT_PATIENT),
    MedevacWay(command="depart", before=frozenset({S.AT_PATIENT}), after=S.TO_HOSPITAL),
    MedevacWay(command="hand-over", before=frozenset({S.AT_PATIENT, S.TO_HOSPITAL}), after=S.HANDED_OVER),
    MedevacWay(command="close", before=frozenset({S.HANDED_OVER}), after=S.CLOSED),
    MedevacWay(command="cancel", before=UNDER_WAY, after=S.CANCELLED),
)


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of an evacuation, from its notification."""

    name: str  # "at-patient" or "handed-over"
    due_at: datetime | None
    reached_at: datetime | None
    missed: bool  # reached too late, or not reached and the time is over


def apply_medevac(
    medevac: Medevac, command: str, *, by: str, at: datetime, now: datetime, reason: str = ""
) -> Medevac:
    """Return an evacuation after a command.

    Args:
        medevac: Before it.
        command: Of the table.
        by: Who gave it.
        at: When it was so.
        now: Hub's clock.
        reason: Needed to cancel; to close, when a target was missed and nobody said why.

    Raises:
        NotDone: The table does not have it, the moment cannot be, or the reason is missing.
    """
    way = next((it for it in MEDEVAC_WAYS if it.command == command and medevac.state in it.before), None)
    if way is None:
        raise NotDone(
            "not-now",
            f"An evacuation that is {medevac.state} does not take this.",
            "Load it again and see what became of it.",
        )
    last = medevac.steps[-1].at if medevac.steps else medevac.notified_at
    if not last <= at <= now + LATEST_AHEAD:
        raise NotDone(
            "bad-moment",
            "It was said to be before the step before it, or after now.",
            "Correct the time.",
        )
    reason = " ".join(reason.split())[:MAX_REASON_LENGTH]
    late = any(clock.missed for clock in clocks(medevac, now=now))
    if not reason and (command == "cancel" or (command == "close" and late and not medevac.why_late)):
        raise NotDone("reason-needed", "This needs a reason.", "Say in a few words why.")
    step = MedevacStep(at=at, noted_at=now, by=by, command=command, state=way.after, reason=reason)
    why = reason if command == "close" and late and reason else medevac.why_late
    return msgspec.structs.replace(
        medevac,
        state=way.after,
        version=medevac.version + 1,
        why_late=why,
        steps=(*medevac.steps, step),
    )


def with_targets(medevac: Medevac, settings: DispatchSettings) -> Medevac:
    """Return an evacuation with the moments by which its gravest patient is due."""
    gravest = gravest_of(medevac.nine)
    target = settings.target(gravest)
    due, over = (
        None if minutes is None else medevac.notified_at + timedelta(minutes=minutes)
        for minutes in (target.at_patient_min, target.handed_over_min)
    )
    return msgspec.structs.replace(medevac, due_at=due, hand_over_due_at=over)


def gravest_of(nine: NineLine) -> Precedence:
    """Return the gravest precedence that has a patient; nothing said is taken for urgent."""
    return next((it for it in Precedence if nine.precedence.get(it, 0) > 0), Precedence.URGENT)


def clocks(medevac: Medevac, *, now: datetime) -> tuple[Clock, Clock]:
    """Return both clocks of an evacuation; one that ended otherwise misses nothing more."""
    ended = medevac.state is S.CANCELLED
    return (
        _clock("at-patient", medevac, medevac.due_at, S.AT_PATIENT, now, ended=ended),
        _clock("handed-over", medevac, medevac.hand_over_due_at, S.HANDED_OVER, now, ended=ended),
    )


def _clock(
    name: str, medevac: Medevac, due_at: datetime | None, state: S, now: datetime, *, ended: bool
) -> Clock:
    reached = next((step.at for step in medevac.steps if step.state is state), None)
    late = due_at is not None and (reached or now) > due_at
    return Clock(
        name=name, due_at=due_at, reached_at=reached, missed=late and not (ended and reached is None)
    )


def medevac_commands(state: S) -> tuple[str, ...]:
    """Return what may be done to an evacuation of this state."""
    return tuple(way.command for way in MEDEVAC_WAYS if state in way.before)


def medevac_diagram() -> str:
    """Return the table as a Mermaid state diagram."""
    ways = [(b, way.after, way.command) for way in MEDEVAC_WAYS for b in S if b in way.before]
    return drawn("notified", ways, (S.CLOSED, S.CANCELLED))

"""Radio and phone checks of a contact plan: when the next is due, which were missed."""

from datetime import datetime, timedelta

import msgspec

from tapestry.watch._fault import NotAllowed


class ContactLine(msgspec.Struct, frozen=True, kw_only=True):
    """How a movement or a centre is called, and how often."""

    line_id: str
    callsign: str
    net: str
    means: str  # frequency or number, as people write it
    first_check_at: datetime
    every: timedelta
    grace: timedelta  # a check this late or this early still counts

    def __post_init__(self) -> None:
        """Refuse a plan in which a check could not be told from the next."""
        if self.every <= timedelta(0) or self.grace < timedelta(0) or 2 * self.grace >= self.every:
            raise NotAllowed(
                "bad-interval",
                f"Checks every {self.every} with {self.grace} of grace, expected grace below half the interval.",
                "Make the interval longer or the grace shorter.",
            )


class CheckMade(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody was heard."""

    line_id: str
    at: datetime


class MissedCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check for which nobody was heard in its time."""

    line_id: str
    due_at: datetime


def next_check_at(line: ContactLine, now: datetime) -> datetime:
    """Return when the next check of a line is due: now or later."""
    if now <= line.first_check_at:
        return line.first_check_at
    steps = -((line.first_check_at - now) // line.every)
    return line.first_check_at + steps * line.every


def missed_checks(
    line: ContactLine, made: tuple[CheckMade, ...], since: datetime, now: datetime
) -> tuple[MissedCheck, ...]:
    """Return the checks due from a time on whose grace is over and for which nobody was heard."""
    heard = [check.at for check in made if check.line_id == line.line_id]
    missed: list[MissedCheck] = []
    due_at = next_check_at(line, since)
    while due_at + line.grace < now:
        if not any(abs(at - due_at) <= line.grace for at in heard):
            missed.append(MissedCheck(line_id=line.line_id, due_at=due_at))
        due_at += line.every
    return tuple(missed)

"""Failed logins on their way to the Log, counted so that a flood of them cannot fill it.

The first failed login of a name is due at once, those of the minute after it together, as one entry with their
count; names without an account share one count, so at most as many entries a minute are due as there are
accounts, and one. A task writes them and not the login itself: how long its answer takes does not tell whether
a name exists. What is counted and not yet written is lost when the process is killed: less than a minute.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec

EVERY: Final = timedelta(minutes=1)  # one entry for each name
MAX_REMOTES: Final = 5  # addresses told in one entry, the first ones; more would let a flood make it long
UNKNOWN: Final = "unknown"  # subject of all names without an account: what was typed may be a password

Why = Literal["password", "code", "disabled", "locked"]


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry of the Log is to say."""

    action: str
    subject: str
    details: dict[str, Any]


class _Count:
    """Failed logins of one name since its last entry."""

    def __init__(self) -> None:
        self.why: Counter[str] = Counter()
        self.remotes: dict[str, None] = {}
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self.due_at: datetime | None = None  # None: at once

    def line(self, subject: str) -> LogLine:
        assert self.first_at is not None
        assert self.last_at is not None
        details = {
            "count": self.why.total(),
            "why": dict(self.why),
            "remotes": list(self.remotes),
            "first_at": self.first_at.isoformat(),
            "last_at": self.last_at.isoformat(),
        }
        return LogLine(action="fail-login", subject=subject, details=details)


class FailedLogins:
    """What failed and was not written yet."""

    def __init__(self) -> None:
        self._counts: dict[str, _Count] = {}  # by subject
        self._locks: dict[str, LogLine] = {}  # by subject

    def note(self, user_name: str | None, why: Why, *, remote: str, at: datetime) -> None:
        """Count a failed login.

        Args:
            user_name: Of the account; None when there is none of the name that was typed.
            why: What was wrong: password, one-time code, the account is disabled, the name is locked.
            remote: Address it came from, without port.
            at: Now.
        """
        subject = UNKNOWN if user_name is None else f"account/{user_name}"
        count = self._counts.setdefault(subject, _Count())
        count.why[why] += 1
        count.first_at = count.first_at or at
        count.last_at = at
        if len(count.remotes) < MAX_REMOTES:
            count.remotes[remote] = None

    def note_lock(self, user_name: str, *, wrong: int, remote: str, until: datetime) -> None:
        """Note that so many wrong tries in a row locked an account, the last one from `remote`."""
        details = {"wrong": wrong, "remote": remote, "until": until.isoformat()}
        subject = f"account/{user_name}"
        self._locks[subject] = LogLine(action="lock-account", subject=subject, details=details)

    def take_due(self, *, at: datetime) -> LogLine | None:
        """Return a line to be written now, None when none is due; it is not given again."""
        for subject, count in list(self._counts.items()):
            if count.due_at is not None and at < count.due_at:
                continue
            del self._counts[subject]
            if count.why:
                self._counts[subject] = later = _Count()
                later.due_at = at + EVERY
                return count.line(subject)
        if self._locks:
            return self._locks.pop(next(iter(self._locks)))
        return None

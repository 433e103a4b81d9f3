"""Tasks: what somebody has to do by when. Nothing vanishes: a task is done, or dropped with a reason."""

from datetime import datetime
from enum import StrEnum

import msgspec

from tapestry.watch._fault import NotAllowed


class TaskState(StrEnum):
    """How far a task is."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class TaskStep(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to a task."""

    at: datetime
    by: str
    command: str  # give | pass-on | move | done | drop | reopen
    owner: str
    reason: str = ""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do."""

    text: str
    owner: str  # user name
    due_at: datetime
    about: str = ""  # "movement/12", "case/3", …
    state: TaskState = TaskState.OPEN
    steps: tuple[TaskStep, ...] = ()


def give(text: str, owner: str, due_at: datetime, *, about: str, by: str, now: datetime) -> Task:
    """Return a new task.

    Raises:
        NotAllowed: It says nothing.
    """
    if not text.strip():
        raise NotAllowed("text-needed", "A task that says nothing.", "Write what has to be done.")
    step = TaskStep(at=now, by=by, command="give", owner=owner)
    return Task(text=text.strip(), owner=owner, due_at=due_at, about=about, steps=(step,))


def act(
    task: Task,
    command: str,
    *,
    by: str,
    now: datetime,
    reason: str = "",
    owner: str | None = None,
    due_at: datetime | None = None,
) -> Task:
    """Return a task after something was done to it.

    Raises:
        NotAllowed: There is no such command, it does not fit the state, or it lacks its reason, owner or time.
    """
    known = {"done", "drop", "pass-on", "move", "reopen"}
    if command not in known:
        raise NotAllowed(
            "no-such-command", f"{command!r}, expected one of {', '.join(sorted(known))}.", "Choose one."
        )
    if (task.state is TaskState.OPEN) == (command == "reopen"):
        raise NotAllowed("not-now", f"This task is {task.state}.", "Load the list again.")
    if command != "done" and not reason.strip():
        raise NotAllowed("reason-needed", f"{command!r} without a reason.", "Write why.")
    if command == "pass-on" and not owner:
        raise NotAllowed("owner-needed", "A task is passed on to nobody.", "Name who takes it.")
    if command == "move" and due_at is None:
        raise NotAllowed("time-needed", "A task is moved to no time.", "Say until when.")
    new_owner = owner if command == "pass-on" and owner else task.owner
    states = {"done": TaskState.DONE, "drop": TaskState.DROPPED, "reopen": TaskState.OPEN}
    step = TaskStep(at=now, by=by, command=command, owner=new_owner, reason=reason.strip())
    return msgspec.structs.replace(
        task,
        owner=new_owner,
        due_at=due_at if command == "move" and due_at is not None else task.due_at,
        state=states.get(command, task.state),
        steps=(*task.steps, step),
    )

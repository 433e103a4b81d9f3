"""Tasks of the watch: who has to do what by when."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry import watch
from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._refusals import Invalid
from tapestry.app._watch_desk import ROLES
from tapestry.app._watch_log import written
from tapestry.app._watch_records import Kept, Records, allowed
from tapestry.watch import Task, TaskState

MAX_TASKS: Final = 500
Line = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=1_000)]


class NewTask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has to be done."""

    text: Text
    owner: Line
    due_at: Annotated[datetime, Meta(tz=True)]
    about: Line = ""


class TaskCommand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a task."""

    command: Line
    reason: Text = ""
    owner: Line | None = None
    due_at: Annotated[datetime, Meta(tz=True)] | None = None


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task as the list shows it."""

    number: int
    task: Task
    overdue: bool


class TaskDesk:
    """What people do with tasks."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._tasks = Records(ports, "task", Task)

    async def tasks(self, who: Principal, *, only_open: bool) -> list[TaskView]:
        """Return tasks, those that are due first in front."""
        require(self._ports, who, Action.VIEW_WATCH)
        found = await self._tasks.newest(only_open=only_open, limit=MAX_TASKS)
        await self._ports.entries.note(who.user_name, "view-tasks", "watch", {"count": len(found)})
        return sorted((self._view(it) for it in found), key=_urgency)

    async def give(self, who: Principal, new: NewTask) -> TaskView:
        """Give somebody a task."""
        require(self._ports, who, Action.KEEP_WATCH)
        await self._verify_owner(new.owner)
        text, now = written(new.text), self._ports.now()
        task = allowed(
            lambda: watch.give(text, new.owner, new.due_at, about=new.about, by=who.user_name, now=now)
        )
        return await self._noted(who, "give", await self._tasks.add(task))

    async def command(self, who: Principal, number: int, new: TaskCommand) -> TaskView:
        """Say that a task is done, drop it, pass it on, move it or open it again."""
        require(self._ports, who, Action.KEEP_WATCH)
        if new.owner is not None:
            await self._verify_owner(new.owner)
        now = self._ports.now()
        changed = await self._tasks.change(
            number,
            lambda task: watch.act(
                task, new.command, by=who.user_name, now=now, reason=new.reason, owner=new.owner,
                due_at=new.due_at,
            ),
            lambda task: task.state is TaskState.OPEN,
        )  # fmt: skip
        return await self._noted(who, new.command, changed)

    async def _verify_owner(self, user_name: str) -> None:
        account = await self._ports.store.account(user_name)
        if account is None or account.disabled or account.role not in ROLES:
            raise Invalid("no-officer", "Nobody of this name may keep a watch.", "Choose one of the list.")

    async def _noted(self, who: Principal, command: str, kept: Kept[Task]) -> TaskView:
        task = kept.value
        details = {
            "text": task.text,
            "owner": task.owner,
            "due_at": task.due_at.isoformat(),
            "about": task.about,
            "state": task.state.value,
            "reason": task.steps[-1].reason,
        }
        await self._ports.entries.note(who.user_name, f"{command}-task", f"task/{kept.number}", details)
        return self._view(kept)

    def _view(self, kept: Kept[Task]) -> TaskView:
        overdue = kept.value.state is TaskState.OPEN and kept.value.due_at < self._ports.now()
        return TaskView(number=kept.number, task=kept.value, overdue=overdue)


def _urgency(view: TaskView) -> tuple[bool, datetime, int]:
    return view.task.state is not TaskState.OPEN, view.task.due_at, view.number

"""What is open at this moment: each kind of thing that a watch must not lose sight of, from one function each."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from tapestry.app._access import DeskPorts
from tapestry.app._sheet_lines import UNDER_WAY
from tapestry.app._watch_records import Records
from tapestry.watch import CheckMade, ContactLine, OpenItem, OpenKind, Task, missed_checks

MOST: Final = 500  # of a kind
DONE_TASKINGS: Final = frozenset({"complete", "declined", "cancelled"})


async def alerts(ports: DeskPorts) -> list[OpenItem]:
    """Return alerts that nobody closed; a call for help is its case's."""
    found = await ports.store.alerts(only_open=True, limit=MOST)
    return [
        OpenItem(
            kind=OpenKind.ALERT, item_id=it.alert_id, text=f"{it.rule} {_callsign(ports, it.vehicle_id)}".strip(),
            since=it.started_at,
        )
        for it in found
        if it.rule != "distress"
    ]  # fmt: skip


async def cases(ports: DeskPorts) -> list[OpenItem]:
    """Return distress cases that are not resolved."""
    found = await ports.store.cases(only_open=True, limit=MOST)
    return [
        OpenItem(
            kind=OpenKind.CASE, item_id=str(it.case_id), since=it.opened_at,
            text=f"{it.kind} {it.state} {' '.join(_callsign(ports, car) for car in it.vehicle_ids)}".strip(),
        )
        for it in found
    ]  # fmt: skip


async def taskings(ports: DeskPorts) -> list[OpenItem]:
    """Return taskings that run."""
    names = {team.team_id: team.name for team in await ports.store.teams()}
    return [
        OpenItem(
            kind=OpenKind.TASKING, item_id=str(it.tasking_id), since=it.ordered_at,
            text=f"{names.get(it.team_id, '')} {it.state}: {it.what}",
        )
        for it in await ports.store.taskings(only_open=True, limit=MOST)
    ]  # fmt: skip


async def medevacs(ports: DeskPorts) -> list[OpenItem]:
    """Return evacuations that are not closed."""
    return [
        OpenItem(
            kind=OpenKind.MEDEVAC, item_id=str(it.medevac_id), since=it.notified_at,
            text=f"{it.nine.callsign} {it.state}".strip(),
        )
        for it in await ports.store.medevacs(only_open=True, limit=MOST)
    ]  # fmt: skip


async def movements(ports: DeskPorts) -> list[OpenItem]:
    """Return movements under way."""
    lines = await ports.store.sheet_lines(only_open=True, limit=MOST)
    return [
        OpenItem(
            kind=OpenKind.MOVEMENT, item_id=str(it.movement_id), since=it.depart_at,
            text=f"{it.callsign} {it.state}: {it.origin} → {it.destination}",
        )
        for it in lines
        if it.state in UNDER_WAY
    ]  # fmt: skip


async def stop_orders(ports: DeskPorts) -> list[OpenItem]:
    """Return orders to stop that stand."""
    return [
        OpenItem(
            kind=OpenKind.STOP_ORDER, item_id=str(it.stop_id), since=it.at, text=f"{it.scope}: {it.reason}"
        )
        for it in await ports.store.stop_orders(only_standing=True, limit=MOST)
    ]


async def links(ports: DeskPorts) -> list[OpenItem]:
    """Return links with other centres that are down."""
    return [
        OpenItem(kind=OpenKind.LINK, item_id=str(it.centre.number), since=it.since, text=it.centre.name)
        for it in ports.links.links
        if not it.up
    ]


async def tasks(ports: DeskPorts) -> list[OpenItem]:
    """Return tasks that are neither done nor dropped."""
    found = await Records(ports, "task", Task).newest(only_open=True, limit=MOST)
    return [
        OpenItem(
            kind=OpenKind.TASK, item_id=str(it.number), since=it.value.due_at,
            text=f"{it.value.text} ({it.value.owner})",
        )
        for it in found
    ]  # fmt: skip


class KeptLine(ContactLine, frozen=True, kw_only=True):
    """A line of the contact plan, with what was heard on it."""

    about: str = ""
    begun_at: datetime | None = None
    heard: tuple[CheckMade, ...] = ()  # the newest few
    ended_at: datetime | None = None
    ended_by: str = ""


def missed_of(line: KeptLine, now: datetime) -> int:
    """Return how many checks of a line were missed since somebody was heard last."""
    since = max((it.at for it in line.heard), default=line.begun_at or line.first_check_at)
    return len(missed_checks(line, line.heard, since, now))


async def checks(ports: DeskPorts) -> list[OpenItem]:
    """Return lines of the contact plan on which nobody was heard in time."""
    found = await Records(ports, "contact-line", KeptLine).newest(only_open=True, limit=MOST)
    now = ports.now()
    return [
        OpenItem(
            kind=OpenKind.CHECK, item_id=str(it.number), text=f"{it.value.callsign} {it.value.net}: {missed}",
            since=max((heard.at for heard in it.value.heard), default=it.value.first_check_at),
        )
        for it in found
        if (missed := missed_of(it.value, now))
    ]  # fmt: skip


KINDS: Final[tuple[Callable[[DeskPorts], Awaitable[list[OpenItem]]], ...]] = (
    cases,
    alerts,
    taskings,
    medevacs,
    stop_orders,
    movements,
    checks,
    tasks,
    links,
)


async def open_items(ports: DeskPorts) -> tuple[OpenItem, ...]:
    """Return everything that is open now, the gravest kinds first."""
    return tuple([item for kind in KINDS for item in await kind(ports)])


def _callsign(ports: DeskPorts, vehicle_id: int | None) -> str:
    vehicle = None if vehicle_id is None else ports.live.directory.vehicles.get(vehicle_id)
    return "" if vehicle is None else vehicle.callsign

"""Records of the watch, typed: one kind each, versions counted by the store."""

from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

import msgspec

from tapestry.app._access import DeskPorts
from tapestry.app._refusals import Changed, Invalid, Missing
from tapestry.app._watch_port import RecordKind, WatchRecord
from tapestry.watch import NotAllowed

T = TypeVar("T")
MAX_TRIES = 10
MAX_NUMBER = 2**31


class Kept(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A record with its number and version."""

    number: int
    version: int
    open: bool
    value: T


class Records(Generic[T]):
    """The records of one kind."""

    def __init__(self, ports: DeskPorts, kind: RecordKind, its_type: type[T]) -> None:
        self._ports = ports
        self._kind: RecordKind = kind
        self._type = its_type

    async def add(self, value: T, *, is_open: bool = True) -> Kept[T]:
        """Store a new record."""
        body = msgspec.json.encode(value)
        return self._kept(await self._ports.store.add_watch_record(self._kind, body, is_open=is_open))

    async def newest(self, *, only_open: bool, limit: int) -> list[Kept[T]]:
        """Return records of this centre, the newest first."""
        numbers = self._ports.links.own_numbers
        found = await self._ports.store.watch_records(
            self._kind, only_open=only_open, limit=limit, numbers=numbers
        )
        return [self._kept(it) for it in found]

    async def of_all_centres(self, *, only_open: bool, limit: int) -> list[Kept[T]]:
        """Return records of every centre that told them, the newest first."""
        found = await self._ports.store.watch_records(self._kind, only_open=only_open, limit=limit)
        return [self._kept(it) for it in found]

    async def get(self, number: int) -> Kept[T]:
        """Return a record.

        Raises:
            Missing: There is none.
        """
        found = None
        if 0 < number < MAX_NUMBER:
            found = await self._ports.store.watch_record(self._kind, number)
        if found is None:
            raise Missing
        return self._kept(found)

    async def put(self, known: Kept[T], value: T, *, is_open: bool) -> Kept[T]:
        """Store the next version of a record.

        Raises:
            Changed: Somebody else stored one meanwhile.
        """
        record = WatchRecord(
            record_id=known.number,
            kind=self._kind,
            version=known.version + 1,
            open=is_open,
            body=msgspec.json.encode(value),
        )
        if not await self._ports.store.put_watch_record(record):
            raise Changed
        return self._kept(record)

    async def change(self, number: int, how: Callable[[T], T], is_open: Callable[[T], bool]) -> Kept[T]:
        """Change a record by what it is now, again if somebody else changed it meanwhile.

        Raises:
            Missing: There is none.
            Invalid: The room does not allow it.
        """
        for _ in range(MAX_TRIES):
            known = await self.get(number)
            value = allowed(partial(how, known.value))
            try:
                return await self.put(known, value, is_open=is_open(value))
            except Changed:
                continue
        raise Changed

    def _kept(self, record: WatchRecord) -> Kept[T]:
        value = msgspec.json.decode(record.body, type=self._type)
        return Kept(number=record.record_id, version=record.version, open=record.open, value=value)


def allowed(what: Callable[[], T]) -> T:
    """Return what the room makes of a command.

    Raises:
        Invalid: The room does not allow it.
    """
    try:
        return what()
    except NotAllowed as fault:
        raise Invalid(fault.code, fault.message, fault.todo) from fault

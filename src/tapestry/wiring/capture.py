"""What the commands of `tapestry capture` do: orders to the gateway, files read, checked, exported, played again."""

import getpass
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from tapestry.adapters._capture_files import CaptureState, files_of, read_capture, state_of
from tapestry.adapters._private_files import make_private_folder
from tapestry.app.captures import (
    AT_START,
    CaptureKind,
    CaptureLine,
    CaptureOrder,
    running_captures,
    start_capture,
    stop_capture,
)
from tapestry.app.ports import Store
from tapestry.app.settings import Settings
from tapestry.model import Refused
from tapestry.wiring.commands import ACTOR, now
from tapestry.wiring.connect import hub_connections, load_settings

MEBIBYTE: Final = 1024**2


class Talk(msgspec.Struct, kw_only=True):
    """One connection or datagram of a capture, summed up."""

    connection: str
    protocol: str
    transport: str
    remote: str
    from_start: bool
    first_at: datetime
    last_at: datetime
    closed: bool = False
    concealed: bool = False  # keys were struck out of it
    received_size_bytes: int = 0
    sent_size_bytes: int = 0


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One capture in the list."""

    state: CaptureState
    order: CaptureOrder | None  # while it runs


def folder_of(data: Path) -> Path:
    """Return where captures of a data folder are, unless another folder was named."""
    return data / "captures"


def order_of(
    name: str,
    *,
    folder: Path,
    by: str,
    only: list[str],
    minutes: float | None,
    limit_mb: int,
    at: datetime,
) -> CaptureOrder:
    """Return an order from what was typed; a word of `only` is a protocol's name, or an address or network."""
    return CaptureOrder(
        name=name,
        folder=str(folder.resolve()),
        by=by,
        since=at,
        until=None if minutes is None else at + timedelta(minutes=minutes),
        protocols=tuple(word for word in only if word[:1].isalpha() and ":" not in word),
        networks=tuple(word for word in only if not word[:1].isalpha() or ":" in word),
        most_size_bytes=limit_mb * MEBIBYTE,
    )


async def start(data: Path, order: CaptureOrder) -> None:
    """Start a capture at the running hub.

    Raises:
        Refused: What was typed cannot be, or nobody of that name has an account.
    """
    if order.name == AT_START:
        raise Refused(f"capture {AT_START!r} is the one of `tapestry serve --capture`; choose another name")
    async with hub_connections(load_settings(data), "capture") as (store, bus):
        await _verify_person(store, order.by)
        make_private_folder(Path(order.folder))
        await start_capture(store, bus, order, actor=ACTOR, now=now())


async def stop(data: Path, name: str, *, by: str) -> CaptureOrder:
    """Stop one."""
    async with hub_connections(load_settings(data), "capture") as (store, bus):
        await _verify_person(store, by)
        return await stop_capture(store, bus, name, by=by, actor=ACTOR, now=now())


async def settle_at_start(settings: Settings) -> str | None:
    """Run the capture that the hub was started with, and end one of an earlier start; return its name."""
    async with hub_connections(settings, "capture") as (store, bus):
        by = getpass.getuser()
        if AT_START in {one.name for one in await running_captures(bus, now=now())}:
            await stop_capture(store, bus, AT_START, by=by, actor=ACTOR, now=now())
        if settings.capture is None:
            return None
        order = order_of(
            AT_START, folder=Path(settings.capture), by=by, only=list(settings.capture_only), minutes=None,
            limit_mb=settings.capture_limit_mb, at=now(),
        )  # fmt: skip
        await start_capture(store, bus, order, actor=ACTOR, now=now())
        return AT_START


async def listed(data: Path, folder: Path | None, *, by: str) -> list[Listed]:
    """Return the captures of a folder and those that run; the look is in the Log."""
    async with hub_connections(load_settings(data), "capture") as (store, bus):
        await _verify_person(store, by)
        running = {Path(one.folder) / one.name: one for one in await running_captures(bus, now=now())}
        place = (folder or folder_of(data)).resolve()
        there = {path for path in place.iterdir() if path.is_dir()} if place.is_dir() else set()
        found = [Listed(state=state_of(path), order=running.get(path)) for path in sorted({*there, *running})]
        await _note(store, "view-captures", "captures", by, {"count": len(found)})
        return found


async def shown(data: Path, folder: Path | None, name: str, *, by: str) -> tuple[CaptureState, list[Talk]]:
    """Return what a capture holds, its chain checked; the look is in the Log.

    Raises:
        Refused: There is none of this name.
        CustodyFault: Its chain does not hold.
    """
    where = (folder or folder_of(data)) / name
    files = _files(where)
    async with hub_connections(load_settings(data), "capture") as (store, _):
        await _verify_person(store, by)
        await _note(store, "view-capture", f"capture/{name}", by, {})
    return state_of(where), talks_of(read_capture(files))


async def export(data: Path, folder: Path | None, name: str, out: Path, *, by: str) -> str:
    """Write a capture into one archive, its chain checked first; return the archive's SHA-256. It is in the Log.

    Raises:
        Refused: There is none of this name, or the file is there already.
        CustodyFault: Its chain does not hold.
    """
    where = (folder or folder_of(data)) / name
    files = _files(where)
    talks = talks_of(read_capture(files))
    chain = state_of(where).chain
    body = _archive(files, chain)
    digest = hashlib.sha256(body).hexdigest()
    async with hub_connections(load_settings(data), "capture") as (store, _):
        await _verify_person(store, by)
        details = {"connections": len(talks), "chain": chain, "sha256": digest}
        await _note(store, "export-capture", f"capture/{name}", by, details)
    _write_new(out, body)
    return digest


def _write_new(path: Path, body: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as err:
        raise Refused(f"{path} is there already; choose another file") from err
    with os.fdopen(descriptor, "wb") as file:
        file.write(body)


def _archive(files: list[Path], chain: str) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        sums = ""
        for path in files:
            body = path.read_bytes()
            sums += f"{hashlib.sha256(body).hexdigest()}  {path.name}\n"
            archive.writestr(zipfile.ZipInfo(path.name), body, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("SHA256SUMS"), sums)
        archive.writestr(zipfile.ZipInfo("CHAIN"), f"{chain}\n")
    return whole.getvalue()


def records_of(source: Path) -> Iterator[CaptureLine]:
    """Yield the records of a capture's folder, of one of its files, or of an exported archive, the chain checked.

    Raises:
        Refused: It is none of these.
        CustodyFault: The chain does not hold.
    """
    if source.is_dir():
        yield from read_capture(_files(source))
    elif zipfile.is_zipfile(source):
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as place, zipfile.ZipFile(source) as archive:
            names = [name for name in archive.namelist() if Path(name).name == name]
            archive.extractall(place, names)
            yield from read_capture(_files(Path(place)))
    elif source.is_file():
        yield from read_capture([source])
    else:
        raise Refused(f"{source} is not there, expected a capture's folder, one of its files, or an export")


def talks_of(records: Iterator[CaptureLine]) -> list[Talk]:
    """Return the connections of a capture, in the order in which they opened."""
    found: dict[str, Talk] = {}
    for record in records:
        if record.kind is CaptureKind.OPENED:
            found[record.connection] = Talk(
                connection=record.connection, protocol=record.protocol, transport=record.transport,
                remote=record.remote, from_start=record.from_start, first_at=record.at, last_at=record.at,
            )  # fmt: skip
        talk = found.get(record.connection)
        if talk is None:
            continue
        talk.last_at = record.at
        if record.kind is CaptureKind.RECEIVED:
            talk.received_size_bytes += len(record.hex) // 2
            talk.concealed = talk.concealed or record.concealed
        elif record.kind is CaptureKind.SENT:
            talk.sent_size_bytes += len(record.hex) // 2
        elif record.kind is CaptureKind.CLOSED:
            talk.closed = True
    return list(found.values())


def _files(folder: Path) -> list[Path]:
    files = files_of(folder) if folder.is_dir() else []
    if not files:
        there = sorted(path.name for path in folder.parent.iterdir()) if folder.parent.is_dir() else []
        names = ", ".join(there[:20]) or "none"
        raise Refused(f"no capture in {folder}, expected 000001.jsonl there; there are: {names}")
    return files


async def _verify_person(store: Store, by: str) -> None:
    if await store.account(by) is None:
        names = ", ".join(sorted(account.user_name for account in await store.accounts())) or "none"
        raise Refused(f"person {by!r} has no account here; name one that has with --by: {names}")


async def _note(store: Store, action: str, subject: str, by: str, details: dict[str, object]) -> None:
    await store.append_log(
        at=now(), actor=ACTOR, action=action, subject=subject, details={"by": by} | details
    )

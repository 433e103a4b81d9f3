"""The TAK server: connections in, the hub's picture out."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from tapestry.app._entries import Entries
from tapestry.app._live import LiveView
from tapestry.app._tak_chat import Said, TakChat
from tapestry.app._tak_devices import TakDevice, TakDevices
from tapestry.app._tak_fanout import TakFanout, TakLine, TakMember
from tapestry.app._tak_rooms import OPEN, TakRooms
from tapestry.app._tak_session import TakSession
from tapestry.app.intake import Intake, Link
from tapestry.model import DeviceFault, OutsideFault, Refused
from tapestry.protocols.cot import CHAT, CotEvent, detail_of, version_support

TELL_EVERY_S: Final = 0.2
SWEEP_EVERY_S: Final = 5.0
MAX_CLIENTS: Final = 2_000

log = structlog.get_logger()


class TakServer:
    """All TAK connections of a hub."""

    def __init__(
        self,
        *,
        live: LiveView,
        intake: Intake,
        entries: Entries,
        devices: TakDevices,
        soon: Callable[[Callable[[], None]], None],
        share: bool,
        chat: Callable[[TakFanout], TakChat],
    ) -> None:
        """Args: share: Connections without a certificate hear one another. chat: Makes what brings messages."""
        self.fanout = TakFanout(now_us=intake.now_us, soon=soon)
        self.rooms = TakRooms(self.fanout, live)
        self.chat = chat(self.fanout)
        self._intake = intake
        self._entries = entries
        self._devices = devices
        self._share = share
        self._by_fingerprint: dict[str, set[TakSession]] = {}
        self._errands: set[asyncio.Task[None]] = set()

    def connect(
        self, line: TakLine, link: Link, *, remote: str, fingerprint_sha256: str | None
    ) -> TakSession:
        """Let a client in.

        Args:
            line: The way to it, for what others say.
            link: The same, for answers.
            remote: Its address.
            fingerprint_sha256: Of its certificate, None over plain TCP.

        Raises:
            Refused: The certificate is of no device or a revoked one, or there are too many clients.
        """
        if len(self.fanout.all) >= MAX_CLIENTS:
            raise Refused(f"{MAX_CLIENTS} TAK clients are connected, expected fewer")
        now_us = self._intake.now_us()
        device = None
        if fingerprint_sha256 is None:
            open_rooms = frozenset({OPEN}) if self._share else frozenset()
            member = TakMember(line, name=remote, rooms=open_rooms, speaks=open_rooms)
        else:
            device = self._device(fingerprint_sha256)
            member = TakMember(line, name=device.name, rooms=frozenset(), speaks=frozenset())
        session = TakSession(
            self.fanout,
            self._intake,
            member,
            device=device,
            remote=remote,
            link=link,
            hear_chat=self._hear_chat,
        )
        line.write(version_support(time_us=now_us).raw)
        if device is None:
            self.fanout.join(member)
        else:
            self._by_fingerprint.setdefault(device.fingerprint_sha256, set()).add(session)
            self.rooms.admit(member, device, now_us=now_us)
            self.chat.devices[member] = device
            self._note(member, device.user_name or device.identity, "open-tak", f"tak/{device.name}")
        return session

    def _device(self, fingerprint_sha256: str) -> TakDevice:
        device = self._devices.by_fingerprint(fingerprint_sha256)
        if device is None or device.revoked:
            seen = "revoked" if device is not None else "of no device that is known here"
            raise Refused(f"TAK: the certificate is {seen}; expected one of this hub. Add the device again")
        return device

    def disconnect(self, session: TakSession) -> None:
        """Let a client go."""
        session.end()
        self.rooms.dismiss(session.member)
        self.chat.devices.pop(session.member, None)
        if session.device is not None:
            self._by_fingerprint.get(session.device.fingerprint_sha256, set()).discard(session)

    async def end_connections(self, fingerprints: frozenset[str]) -> None:
        """End the connections of certificates that are good no longer, and put the others where they belong now."""
        for fingerprint in fingerprints:
            for session in list(self._by_fingerprint.get(fingerprint, ())):
                session.member.line.close("the certificate was revoked")
        for sessions in self._by_fingerprint.values():
            for session in sessions:
                device = (
                    self._devices.by_fingerprint(session.device.fingerprint_sha256)
                    if session.device
                    else None
                )
                if device is not None and device != session.device:
                    session.device = device
                    self.rooms.admit(session.member, device, now_us=self._intake.now_us())
                    self.chat.devices[session.member] = device

    async def run(self) -> None:
        """Tell clients what the hub knows, for ever."""
        swept_us = 0
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            now_us = self._intake.now_us()
            self.rooms.tell_emergencies(now_us)
            self.rooms.tell_vehicles(now_us)
            if self.fanout.behind:
                self.fanout.turn()
            if now_us - swept_us > SWEEP_EVERY_S * 1_000_000:
                swept_us = now_us
                self.rooms.move_all(now_us)
                self.fanout.sweep()

    async def run_chat(self) -> None:
        """Bring people's messages to devices, for ever."""
        await self.chat.watch()
        while True:
            await self.chat.step()
            await asyncio.sleep(TELL_EVERY_S)

    # --- GeoChat

    def _hear_chat(self, event: CotEvent, member: TakMember) -> None:
        """Keep what a device says for the watch, and write it into the Log."""
        device = self.chat.devices.get(member)
        if device is None:
            return  # a claim over plain TCP is no message to the watch
        if event.type != CHAT:
            self.chat.hear_receipt(event, device)
            return
        try:
            detail = detail_of(event.detail)
        except DeviceFault:
            return
        if not detail.remarks:
            return
        convoys = sorted(room for room in member.speaks if room >= 0)
        subject = f"movement/{convoys[0]}" if convoys else f"tak/{device.name}"
        room, callsign = (
            ("", "") if detail.chat is None else (detail.chat.room_name, detail.chat.sender_callsign)
        )
        words = {"text": detail.remarks, "to": room[:100]}
        self._note(member, device.user_name or device.identity, "say-on-tak", subject, words)
        said = Said(words=detail.remarks, room=room[:100], callsign=callsign)
        try:
            self.chat.hear(event, said, device, convoys)
        except OutsideFault as fault:
            log.warning("tak.not_kept", error=str(fault))
            member.line.close("what is said cannot be kept now")

    def _note(
        self, member: TakMember, actor: str, action: str, subject: str, details: dict[str, str] | None = None
    ) -> None:
        self._do(member, self._entries.note(actor, action, subject, details))

    def _do(self, member: TakMember, errand: Coroutine[Any, Any, None]) -> None:
        """Do something beside the reading; end the connection when what it said or saw cannot be kept."""

        async def do() -> None:
            try:
                await errand
            except OutsideFault as fault:
                log.warning("tak.not_kept", error=str(fault))
                member.line.close("what is said and looked at cannot be kept now")

        task = asyncio.get_running_loop().create_task(do())
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

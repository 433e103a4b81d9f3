"""Intake: what a device's bytes become, and when the device may be told that they are safe.

Theory of operation. A session owns one decoder and turns its events into rows of the open batches. A durable
reply is held behind a gate on the batches that its fixes went into. Replies leave in the order in which the
decoder made them. Fixes of an identity that nobody bound are not stored and so never acknowledged: a device
with a memory keeps them and hands them over once a person has bound it.
"""

import asyncio
import hashlib
import hmac
import math
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import structlog

from tapestry.app import telemetry
from tapestry.app._answers import Answer, Link
from tapestry.app._batches import Batch, Batches, Gate, pack_position, publish_until_safe
from tapestry.app._bindings import MAX_FIXES_PER_S, Binding
from tapestry.app._directory import Directory
from tapestry.app._newest_readings import NewestReadings
from tapestry.app._quarantine import Quarantine
from tapestry.app.ports import Bus, Draft
from tapestry.model import ABSENT_ID, Distress, Flag, MovementId, TrackerId, VehicleId
from tapestry.wire import (
    Close,
    Decoder,
    DecoderSpec,
    DistressCall,
    Event,
    Fix,
    Heartbeat,
    Login,
    MqttDecoder,
    MqttSpec,
    Rejected,
    Reply,
    Seals,
    Transport,
)

REPLY_WITHIN_S = 10.0  # a device that waits longer gives up by itself; it is told "refused" and sends again
MAX_WAITING_POSITIONS = 200_000  # 13 MB in memory; above it, sockets are not read
UNKNOWN_PARTITION = 64  # distress calls of trackers that nobody bound
NAN = math.nan

log = structlog.get_logger()


class Intake:
    """What all sessions of one gateway share."""

    def __init__(self, bus: Bus, *, name: str, now_us: Callable[[], int]) -> None:
        self.bus = bus
        self.now_us = now_us
        self.batches = Batches(bus, name=name)
        self.quarantine = Quarantine(bus)
        self.directory = Directory()
        self.seals: Seals = {}  # what sealed messages are opened with
        self.generation = 0  # rises with each directory
        self.bindings: dict[str, Binding] = {}  # unproved identities that were asked for, by this directory
        self.readings = NewestReadings()
        self._errands: set[asyncio.Task[None]] = set()

    def use_directory(self, directory: Directory) -> None:
        """From now on resolve identities by this directory."""
        self.directory = directory
        self.generation += 1
        self.bindings = {}

    @property
    def full(self) -> bool:
        """True while so much waits for the bus that no more should be read."""
        return self.batches.waiting > MAX_WAITING_POSITIONS

    def open(
        self, spec: DecoderSpec, transport: Transport, *, remote: str, link: Link, vouched: str | None = None
    ) -> "Session":
        """Return the session of a new connection or datagram.

        Args:
            vouched: The identity that the caller has proved itself, as by a client certificate.
        """
        sealed = spec.make_sealed if self.seals else None
        decoder = spec.make(transport) if sealed is None else sealed(transport, self.seals)
        return Session(self, spec, transport, decoder, remote=remote, link=link, vouched=vouched)

    def open_message(
        self, spec: DecoderSpec, mqtt: MqttSpec, topic: str, *, remote: str, link: Link
    ) -> "Session":
        """Return the session of one message of MQTT; its sender was let in to publish under this topic."""
        decoder = MqttDecoder(mqtt, topic, self.seals)
        vouched = mqtt.sender(topic.split("/"))
        return Session(self, spec, Transport.TCP, decoder, remote=remote, link=link, vouched=vouched)

    def claim(self, identity: str) -> Binding:
        """Return the binding of an identity that nothing proves."""
        binding = self.bindings.get(identity)
        if binding is None:
            tracker = self.directory.trackers.get(identity)
            if tracker is not None and tracker.secret_sha256 is not None:
                tracker = None  # it has a key and did not show it
            binding = self.bindings[identity] = Binding(identity, tracker, self.directory, proved=False)
        return binding

    def prove(self, identity: str, secret: str) -> Binding | None:
        """Return the binding of an identity whose key is right, None when it is wrong."""
        tracker = self.directory.trackers.get(identity)
        if tracker is None or tracker.secret_sha256 is None:
            return self.claim(identity)
        if not hmac.compare_digest(hashlib.sha256(secret.encode()).digest(), tracker.secret_sha256):
            return None
        return Binding(identity, tracker, self.directory, proved=True)

    def vouch(self, identity: str) -> Binding:
        """Return the binding of an identity that the caller has proved itself, as by a client certificate."""
        return Binding(identity, self.directory.trackers.get(identity), self.directory, proved=True)

    def call_for_help(self, distress: Distress, partition: int) -> Batch:
        """Put a distress call on the bus at once; the returned batch is durable when it is there."""
        telemetry.DISTRESS.labels(distress.kind).inc()
        errand = Batch(0.0)
        task = asyncio.get_running_loop().create_task(self._publish_distress(distress, partition, errand))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
        return errand

    async def _publish_distress(self, distress: Distress, partition: int, errand: Batch) -> None:
        msg_id = f"{distress.identity}/{distress.kind}/{distress.raised_at.isoformat()}"
        payload = msgspec.json.encode(distress)
        draft = Draft(subject=f"distress.{partition}", payload=payload, msg_id=msg_id)
        await publish_until_safe(self.bus, [draft])
        errand.durable = True
        for gate in errand.gates:
            gate.passed()

    async def drain(self) -> None:
        """Return when everything taken in is on the bus."""
        await self.batches.drain()
        await asyncio.gather(*self._errands)
        await self.quarantine.flush()


class Session:
    """One sender: a connection, or one datagram."""

    def __init__(
        self,
        intake: Intake,
        spec: DecoderSpec,
        transport: Transport,
        decoder: Decoder,
        *,
        remote: str,
        link: Link,
        vouched: str | None = None,
    ) -> None:
        self._intake = intake
        self._spec = spec
        self._remote = remote
        self._link = link
        self.decoder = decoder
        self._login: Login | None = None
        self._vouched = vouched
        self._binding: Binding | None = None
        self._generation = -1
        self._touched: set[Batch] = set()
        self._refusing = False  # something since the last durable reply was not taken
        self._answers: deque[Answer] = deque()
        self._closing = False
        self._taken = telemetry.FIXES.labels(spec.name, "taken")
        self._not_taken = telemetry.FIXES.labels(spec.name, "not-taken")
        self._transport = transport
        self.too_fast = False  # an identity is over its rate: what was read is taken, the next read waits
        self.known = vouched is not None  # the sender has said who it is
        self.late = False  # the bus did not take something in time: what was not taken may be brought again

    def feed(self, data: bytes) -> None:
        """Take in what the socket gave."""
        now_us = self._intake.now_us()
        self._take(self.decoder.feed(data, received_at_us=now_us), now_us)

    def end(self) -> None:
        """The sender is done; what is still due to it is sent, then the link is closed."""
        now_us = self._intake.now_us()
        self._take(self.decoder.end(received_at_us=now_us), now_us)
        self._closing = True
        self._send_ready()

    def _take(self, events: list[Event], now_us: int) -> None:
        if self._generation != self._intake.generation:
            self._resolve_login()
        fixes = kept = 0
        for event in events:
            if type(event) is Fix:
                fixes += 1
                kept += self._take_fix(event, now_us)
            else:
                self._take_other(event, now_us)
        if fixes:
            self.known = True
            self._taken.inc(kept)
            self._not_taken.inc(fixes - kept)

    def _take_fix(self, fix: Fix, now_us: int) -> bool:
        """Put one fix into its batch; return False when it is not taken. The hot path of the gateway."""
        identity = fix.identity
        if identity is None:
            binding = self._binding or self._intake.claim(
                f"{self._spec.name}@{self._remote.rpartition(':')[0]}"
            )
        else:
            binding = self._intake.bindings.get(identity) or self._intake.claim(identity)
        if binding.vehicle_id == ABSENT_ID:
            self._intake.quarantine.count_fix(binding.identity, self._spec.name, self._remote, fix, now_us)
            self._refusing = True
            return False
        second = now_us // 1_000_000
        if second != binding.fix_second:
            binding.fix_second, binding.fix_count = second, 0
        binding.fix_count += 1
        if binding.fix_count > MAX_FIXES_PER_S:
            if self._transport is Transport.UDP:
                self._refuse_flood(binding, now_us)
                return False
            self.too_fast = True
        at_us = fix.fixed_at_us
        if not binding.from_us <= at_us < binding.until_us and not binding.choose_window(at_us, now_us):
            if binding.contact_is_due(now_us):
                self._write_contact(binding, at_us, now_us)
            return True
        if fix.readings is not None:
            self._intake.readings.note_fix(binding.vehicle_id, at_us, now_us, fix.readings)
        batch = binding.batch
        if batch.closed:
            batch = binding.batch = self._intake.batches.open(binding.partition)
        speed, heading, alt, accuracy = fix.speed_mps, fix.heading_deg, fix.alt_m, fix.accuracy_m
        batch.rows.append(
            pack_position(
                at_us,
                now_us,
                fix.lat_deg,
                fix.lon_deg,
                NAN if speed is None else speed,
                NAN if heading is None else heading,
                NAN if alt is None else alt,
                NAN if accuracy is None else accuracy,
                binding.vehicle_id,
                binding.movement_id,
                binding.tracker_id,
                fix.flags | binding.flags,
            )
        )
        self._touched.add(batch)
        return True

    def _refuse_flood(self, binding: Binding, now_us: int) -> None:
        reason = f"more than {MAX_FIXES_PER_S} fixes in one second, expected fewer; they come again later"
        self._intake.quarantine.reject(self._spec.name, self._remote, binding.identity, b"", reason, now_us)
        self._refusing = True

    def _write_contact(self, binding: Binding, at_us: int, now_us: int) -> None:
        batch = self._intake.batches.open(binding.partition)
        batch.rows.append(
            pack_position(
                at_us, now_us, NAN, NAN, NAN, NAN, NAN, NAN, binding.vehicle_id, binding.movement_id,
                binding.tracker_id, binding.flags | int(Flag.CONTACT_ONLY),
            )
        )  # fmt: skip
        self._touched.add(batch)

    def _take_other(self, event: Event, now_us: int) -> None:
        match event:
            case Reply():
                self._answer(event)
            case Login():
                self._login = event
                self.known = True
                self._resolve_login()
            case DistressCall():
                self._take_distress(event, now_us)
            case Heartbeat():
                binding = self._binding if event.identity is None else self._intake.claim(event.identity)
                if binding is not None and binding.bound:
                    tracked = binding.choose_window(now_us, now_us)
                    if tracked and event.readings is not None:
                        self._intake.readings.note_contact(binding.vehicle_id, now_us, event.readings)
                    if binding.contact_is_due(now_us):
                        self._write_contact(binding, now_us, now_us)
            case Rejected():
                identity = None if self._login is None else self._login.identity
                self._intake.quarantine.reject(
                    self._spec.name, self._remote, identity, event.raw, event.reason, now_us
                )
            case Close():
                self._closing = True
                self._send_ready()

    def _resolve_login(self) -> None:
        self._generation = self._intake.generation
        if self._vouched is not None:
            self._binding = self._intake.vouch(self._vouched)
            return
        if self._login is None:
            return
        if self._login.secret is None:
            self._binding = self._intake.claim(self._login.identity)
            return
        self._binding = self._intake.prove(self._login.identity, self._login.secret)
        if self._binding is None:
            reason = (
                "the key is not the one of this tracker; expected the key shown when the tracker was added"
            )
            self._intake.quarantine.reject(
                self._spec.name, self._remote, self._login.identity, b"", reason, self._intake.now_us()
            )
            self._binding = Binding(self._login.identity, None, self._intake.directory, proved=False)

    def _take_distress(self, call: DistressCall, now_us: int) -> None:
        binding = self._binding if call.identity is None else self._intake.claim(call.identity)
        identity = f"{self._spec.name}@{self._remote}" if binding is None else binding.identity
        bound = binding is not None and binding.bound
        if binding is not None and bound:
            binding.choose_window(call.raised_at_us, now_us)
            if binding.movement_id == ABSENT_ID:  # a clock off by hours must not part a call from its convoy
                binding.choose_window(now_us, now_us)
        distress = Distress(
            identity=identity,
            kind=call.kind,
            raised_at=_utc(call.raised_at_us, now_us),
            received_at=_utc(now_us, now_us),
            tracker_id=TrackerId(binding.tracker_id) if binding is not None and bound else None,
            vehicle_id=VehicleId(binding.vehicle_id) if binding is not None and bound else None,
            movement_id=_movement(binding) if binding is not None and bound else None,
            lat_deg=call.lat_deg,
            lon_deg=call.lon_deg,
            silent=call.silent,
        )
        partition = binding.partition if binding is not None and bound else UNKNOWN_PARTITION
        self._touched.add(self._intake.call_for_help(distress, partition))

    def _answer(self, reply: Reply) -> None:
        waiting = [batch for batch in self._touched if not batch.durable] if reply.durable else []
        refused = reply.durable and self._refusing  # also when other lines were taken: an ack would cover all
        answer = Answer(reply.refused if refused else reply.data, ready=not waiting)
        self._answers.append(answer)
        if refused and reply.close_when_refused:
            self._closing = True
        if reply.durable:
            self._touched.clear()
            self._refusing = False
        if waiting:
            gate = Gate(lambda: self._open(answer))
            gate.remaining = len(waiting)
            for batch in waiting:
                batch.gates.append(gate)
            answer.timer = asyncio.get_running_loop().call_later(REPLY_WITHIN_S, self._give_up, answer, reply)
        else:
            self._send_ready()

    def _open(self, answer: Answer) -> None:
        if answer.timer is not None:
            answer.timer.cancel()
        if not answer.ready:
            answer.ready = True
            self._send_ready()

    def _give_up(self, answer: Answer, reply: Reply) -> None:
        """The bus took too long: say so; the device keeps its data and sends it again."""
        self.late = True
        answer.data, answer.ready = reply.refused, True
        if reply.close_when_refused:
            self._closing = True
        self._send_ready()

    def _send_ready(self) -> None:
        answers = self._answers
        while answers and answers[0].ready:
            data = answers.popleft().data
            if data:
                self._link.send(data)
        if self._closing and not answers:
            self._link.close()


def _utc(at_us: int, fallback_us: int) -> datetime:
    """Return the moment as UTC; the fallback when the device's time is beyond what a calendar holds."""
    try:
        return datetime.fromtimestamp(at_us / 1_000_000, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(fallback_us / 1_000_000, UTC)


def _movement(binding: Binding) -> MovementId | None:
    return None if binding.movement_id == ABSENT_ID else MovementId(binding.movement_id)

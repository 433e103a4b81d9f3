"""One partition as a fold: state and messages in, findings out; nothing here waits or sends.

Everything that a partition's state depends on comes through its one stream, clock ticks and plans included, so
last year's messages replay to the same findings.
"""

import struct
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
import numpy as np

from tapestry import movement, rules, track
from tapestry.app._quality import Quality
from tapestry.app._track_message import MessageKind, parse_positions, parse_track_message
from tapestry.app.ports import Message
from tapestry.geo import PolygonGrid
from tapestry.model import FORMATION, AlertEvent, Flag, MovementPlan, Passage

JUDGED = int(Flag.DUPLICATE | Flag.LATE | Flag.IMPOSSIBLE | Flag.BAD_TIME | Flag.DISPUTED)


class Outcome(msgspec.Struct):
    """What a run of messages gave."""

    events: list[AlertEvent] = []
    quality: list[Quality] = []
    passages: list[Passage] = []
    changed: set[int] = set()  # slots
    positions: int = 0
    formations: np.ndarray | None = None  # at the newest tick
    fences_version: int | None = None  # a fence set that has to be fetched before going on


class Partition:
    """The state of one partition and how messages change it."""

    def __init__(self) -> None:
        self.seq = 0  # newest message folded in
        self.track = track.new_state()
        self.rules = rules.new_state()
        self.passages = movement.PassageFold()
        self.fences_version = 0
        self._fence_names: Mapping[int, str] = {}

    def dump(self) -> bytes:
        """Return the checkpoint of this state."""
        tracks, judged = track.dump(self.track), rules.dump(self.rules)
        head = struct.pack("<QQII", self.seq, self.fences_version, len(tracks), len(judged))
        return head + tracks + judged + movement.dump_passages(self.passages)

    @classmethod
    def load(cls, checkpoint: bytes) -> "Partition":
        """Return the state that was dumped; its fences have to be set again.

        A checkpoint of a program that did not know of passages ends before them: they begin anew.
        """
        partition = cls()
        partition.seq, partition.fences_version, tracks, judged = struct.unpack_from("<QQII", checkpoint)
        start = struct.calcsize("<QQII")
        partition.track = track.load(checkpoint[start : start + tracks])
        partition.rules = rules.load(checkpoint[start + tracks : start + tracks + judged])
        passages = checkpoint[start + tracks + judged :]
        partition.passages = movement.load_passages(passages, partition.track.movement_plans)
        return partition

    def use_fences(self, grid: PolygonGrid | None, version: int, names: Mapping[int, str]) -> None:
        """From here on judge by this set of fences; `names` are by fence_id."""
        self._fence_names = names
        rules.set_fences(self.rules, grid, version)
        self.fences_version = version

    def fold(self, messages: Sequence[Message], *, leave_out: Collection[int] = ()) -> tuple[Outcome, int]:
        """Fold messages in, in order; return what they gave and how many were taken.

        Stops early at a change of fences, which the caller fetches and sets; messages at or below `seq`
        were seen before and are passed over, and so are those in `leave_out`.
        """
        outcome = Outcome()
        taken = 0
        run: list[tuple[Message, np.ndarray]] = []
        for message in messages:
            if message.seq > self.seq and message.seq not in leave_out:
                kind, body = parse_track_message(message.payload)
                if kind is MessageKind.POSITIONS:
                    run.append((message, parse_positions(body)))
                    taken += 1
                    continue
                self._step(run, outcome)
                run = []
                self._fold_other(kind, body, outcome)
                self.seq = message.seq
            taken += 1
            if outcome.fences_version is not None:
                break
        self._step(run, outcome)
        return outcome, taken

    def _fold_other(self, kind: MessageKind, body: bytes, outcome: Outcome) -> None:
        match kind:
            case MessageKind.TICK:
                self._tick(struct.unpack("<q", body)[0], outcome)
            case MessageKind.PLAN:
                plan = msgspec.json.decode(body, type=MovementPlan)
                index = track.set_plan(self.track, plan)
                rules.set_plan(self.rules, index, plan)
                newest = self.track.movement_plans[index]
                outcome.passages += self.passages.set_plan(index, newest)
                outcome.changed.update(range(len(self.track.tracks)))
            case MessageKind.FENCES:
                outcome.fences_version = msgspec.json.decode(body, type=dict[str, int])["version"]

    def _step(self, run: list[tuple[Message, np.ndarray]], outcome: Outcome) -> None:
        if not run:
            return
        rows = run[0][1] if len(run) == 1 else np.concatenate([batch for _, batch in run])
        tracked = track.step(self.track, rows)
        findings = rules.step(self.rules, tracked, self.track.plans)
        outcome.passages += self.passages.step(tracked)
        self.seq = run[-1][0].seq
        outcome.positions += len(rows)
        outcome.changed.update(np.unique(tracked["slot"]).tolist())
        if len(findings):
            received = rows["received_at_us"]
            for finding in findings:
                outcome.events.append(self._event(finding, int(received[finding["row"]])))
        if (tracked["flags"] & JUDGED).any():
            self._judge(run, tracked["flags"], outcome)

    def _judge(self, run: list[tuple[Message, np.ndarray]], flags: np.ndarray, outcome: Outcome) -> None:
        start = 0
        for message, batch in run:
            judged = flags[start : start + len(batch)] & JUDGED
            (rows,) = np.nonzero(judged)
            if len(rows):
                outcome.quality.append(Quality(message.seq, rows.tolist(), judged[rows].tolist()))
            start += len(batch)

    def _tick(self, now_us: int, outcome: Outcome) -> None:
        formations = self.formations(now_us)
        for finding in rules.tick(self.rules, self.track.tracks, self.track.plans, formations, now_us=now_us):
            outcome.events.append(self._event(finding, now_us))
        outcome.formations = formations

    def formations(self, now_us: int) -> np.ndarray:
        """Return the FORMATION rows of every convoy under way at `now_us`."""
        plans = self.track.plans
        active = (
            (plans["active_from_us"] <= now_us) & (now_us < plans["active_until_us"]) & ~plans["cancelled"]
        )
        parts = [track.formation(self.track, int(index), at_us=now_us) for index in np.nonzero(active)[0]]
        return np.concatenate(parts) if parts else np.empty(0, FORMATION)

    def under_way(self, now_us: int) -> bool:
        """Return whether ticks matter: a plan is active or was within the last minute, or an episode is open."""
        plans = self.track.plans
        lately_us = 60_000_000
        active = (plans["active_from_us"] <= now_us) & (now_us < plans["active_until_us"] + lately_us)
        return bool(active.any()) or self.rules.open_episodes > 0

    def _event(self, finding: np.void, received_at_us: int) -> AlertEvent:
        slot = int(finding["slot"])
        return rules.to_alert_event(
            finding,
            vehicle_id=int(self.track.tracks["vehicle_id"][slot]) if slot >= 0 else None,
            movement_id=int(self.track.plans["movement_id"][finding["plan"]])
            if finding["plan"] >= 0
            else None,
            received_at=datetime.fromtimestamp(received_at_us / 1_000_000, UTC),
            fence_name=self._fence_names.get(int(finding["fence_id"])),
        )

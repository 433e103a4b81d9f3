"""What was, and how a convoy stands: tracks, frames for the time slider, formations. Looks are logged."""

import math
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import numpy as np

from tapestry.access import COARSE_DELAY_US, HUB, Action, Principal
from tapestry.app._access import (
    DeskPorts,
    access_movement,
    access_vehicle,
    require,
    resource_of_plan,
    visible_positions,
)
from tapestry.app._directory import partition_of_movement
from tapestry.app._formation import Formation, formation_of
from tapestry.app._live_words import number_of, utc_of
from tapestry.app._refusals import Invalid, Missing
from tapestry.model import FORMATION, Flag, VehicleId

MAX_TRACK_ROWS: Final = 50_000
MAX_SPAN: Final = timedelta(days=31)
MAX_HISTORY_SPAN: Final = timedelta(hours=24)
MAX_FRAMES: Final = 1_000
MAX_CELLS: Final = 2_000_000  # frames × vehicles: about 40 MB of answer
LOOK_BACK: Final = timedelta(minutes=15)  # a fix older than this at its frame is not drawn
CELLS_AT_ONCE: Final = 400_000  # of one question to the store: at most 25 MB of rows
COARSE_DELAY: Final = timedelta(microseconds=COARSE_DELAY_US)
FORMATION_FRESH: Final = timedelta(seconds=15)  # the worker tells it every 5 s
FORMATION_WITHIN_S: Final = 2.0
NO_PLACE: Final = Flag.NO_FIX | Flag.CONTACT_ONLY | Flag.DUPLICATE | Flag.IMPOSSIBLE | Flag.BAD_TIME
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class TrackTable(msgspec.Struct, frozen=True, kw_only=True):
    """A vehicle's positions, oldest first."""

    columns: tuple[str, ...] = ("fixed_at", "lat_deg", "lon_deg", "speed_mps", "flags")
    rows: list[tuple[datetime | None, float | None, float | None, float | None, int]]


class HistoryFrame(msgspec.Struct, frozen=True, kw_only=True):
    """Where each vehicle was last known to be at one moment; null where nothing was known."""

    at: datetime
    lat_deg: list[float | None]
    lon_deg: list[float | None]
    fix_age_s: list[float | None]


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Frames for the time slider."""

    vehicle_ids: list[VehicleId]
    frames: list[HistoryFrame]


class Looks:
    """What people look up of the past and of a convoy."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    async def track(
        self, who: Principal, vehicle_id: int, *, since: datetime, until: datetime, limit: int
    ) -> TrackTable:
        """Return the positions of a vehicle that the person may see."""
        check_span(since, until, MAX_SPAN)
        known = access_vehicle(self._ports, who, vehicle_id)
        rows = await self._ports.store.track_of(
            known, since=since, until=until, limit=min(limit, MAX_TRACK_ROWS)
        )
        rows = visible_positions(self._ports, who, rows)
        details = {"from": since.isoformat(), "until": until.isoformat(), "count": len(rows)}
        await self._ports.entries.note(who.user_name, "view-track", f"vehicle/{vehicle_id}", details)
        table = zip(
            rows["fixed_at_us"].tolist(),
            rows["lat_deg"].tolist(),
            rows["lon_deg"].tolist(),
            rows["speed_mps"].tolist(),
            rows["flags"].tolist(),
            strict=True,
        )
        return TrackTable(
            rows=[
                (utc_of(at), number_of(lat, 6), number_of(lon, 6), number_of(speed, 2), flags)
                for at, lat, lon, speed, flags in table
            ]
        )

    async def frames(self, who: Principal, *, since: datetime, until: datetime, step_s: float) -> History:
        """Return where everything that the person may see was, every `step_s` seconds."""
        require(self._ports, who, Action.OPEN_LIVE_VIEW, HUB)
        check_span(since, until, MAX_HISTORY_SPAN)
        count = math.floor((until - since).total_seconds() / step_s) + 1 if step_s > 0 else 0
        if not 1 <= count <= MAX_FRAMES:
            raise Invalid(
                "bad-step",
                f"The step gives {count} frames; expected 1 to {MAX_FRAMES}.",
                "Choose another step.",
            )
        at_us = _us(since) + np.arange(count, dtype=np.int64) * round(step_s * 1_000_000)
        ids = [it for it in sorted(self._ports.live.directory.vehicles) if self._may_look_at(who, it)]
        if len(ids) * count > MAX_CELLS:
            raise Invalid(
                "too-much-history",
                f"{count} frames of {len(ids)} vehicles are more than {MAX_CELLS} places.",
                "Choose a longer step or a shorter span.",
            )
        cells = np.full((3, count, len(ids)), np.nan)
        many = max(1, CELLS_AT_ONCE // count)
        for start in range(0, len(ids), many):
            await self._fill(who, cells[:, :, start : start + many], ids[start : start + many], at_us)
        details = {"from": since.isoformat(), "until": until.isoformat(), "vehicles": len(ids)}
        await self._ports.entries.note(who.user_name, "view-history", "history", details)
        moved = np.nonzero(~np.isnan(cells[0]).all(axis=0))[0]
        return History(
            vehicle_ids=[VehicleId(ids[i]) for i in moved], frames=_frames(cells[:, :, moved], at_us)
        )

    async def formation(self, who: Principal, movement_id: int) -> Formation:
        """Return a convoy's order and spacing as the worker saw it last."""
        plan = await access_movement(self._ports, who, movement_id)
        require(self._ports, who, Action.VIEW_EXACT_PLACE, resource_of_plan(plan))
        await self._ports.entries.note(who.user_name, "view-formation", f"movement/{movement_id}")
        ids = frozenset(int(planned.vehicle_id) for planned in plan.vehicles)
        known = self._ports.live.formation(partition_of_movement(plan.movement_id), ids)
        if known is None or self._ports.now() - known[0] > FORMATION_FRESH:
            body = await self._ports.bus.ask("live.formations", b"", timeout_s=FORMATION_WITHIN_S)
            rows = np.frombuffer(body, FORMATION)
            known = self._ports.now(), rows[np.isin(rows["vehicle_id"], list(ids))]
        return formation_of(plan, *known)

    def _may_look_at(self, who: Principal, vehicle_id: int) -> bool:
        try:
            access_vehicle(self._ports, who, vehicle_id)
        except Missing:
            return False
        return True

    async def _fill(self, who: Principal, cells: np.ndarray, ids: list[int], at_us: np.ndarray) -> None:
        """Fill latitude, longitude and age by frame and vehicle.

        Somebody to whom the newest place of a step is not for seeing gets the one of the step before; so that
        a partner gets the newest of those old enough, the moment at which they end is asked for as well.
        """
        late = self._ports.now() - COARSE_DELAY
        moments = [_EPOCH + timedelta(microseconds=us) for us in at_us.tolist()]
        if moments[0] < late < moments[-1]:
            moments = sorted({*moments, late})
        rows = await self._ports.store.last_positions(
            [VehicleId(id_) for id_ in ids], at=moments, look_back=LOOK_BACK, no_place=NO_PLACE
        )
        rows = visible_positions(self._ports, who, rows)
        edges = np.searchsorted(rows["vehicle_id"], [*ids, ids[-1] + 1])
        for column in np.nonzero(np.diff(edges))[0].tolist():
            cells[:, :, column] = last_known(rows[edges[column] : edges[column + 1]], at_us)


def last_known(rows: np.ndarray, at_us: np.ndarray) -> np.ndarray:
    """Return latitude, longitude and age in seconds of the newest fix at each moment.

    Args:
        rows: POSITION rows of one vehicle by fixed_at.
        at_us: Moments, microseconds since 1970-01-01 UTC, rising.

    Returns:
        Shape (3, moments); NaN where there is no fix in the LOOK_BACK before the moment.
    """
    newest = np.searchsorted(rows["fixed_at_us"], at_us, side="right") - 1
    chosen = rows[np.maximum(newest, 0)]
    age_s = (at_us - chosen["fixed_at_us"]) / 1_000_000
    unknown = (newest < 0) | (age_s > LOOK_BACK.total_seconds())
    known: np.ndarray = np.stack([chosen["lat_deg"], chosen["lon_deg"], age_s])
    known[:, unknown] = np.nan
    return known


def _frames(cells: np.ndarray, at_us: np.ndarray) -> list[HistoryFrame]:
    frames = []
    for index, at in enumerate(at_us.tolist()):
        moment = utc_of(at)
        assert moment is not None
        lat_deg, lon_deg, fix_age_s = (
            _rounded(cells[part, index], digits) for part, digits in enumerate((6, 6, 1))
        )
        frames.append(HistoryFrame(at=moment, lat_deg=lat_deg, lon_deg=lon_deg, fix_age_s=fix_age_s))
    return frames


def _rounded(column: np.ndarray, digits: int) -> list[float | None]:
    """Return a column as numbers rounded to `digits`, None for NaN: `number_of` for a million numbers."""
    numbers = np.round(column, digits).astype(object)
    numbers[np.isnan(column)] = None
    rounded: list[float | None] = numbers.tolist()
    return rounded


def check_span(since: datetime, until: datetime, longest: timedelta) -> None:
    """Raise Invalid where a span ends before its start, or is too long to be looked at."""
    if not timedelta(0) <= until - since <= longest:
        raise Invalid(
            "bad-span",
            f"The span ends before its start, or is longer than {longest.total_seconds() / 3600:.0f} hours.",
            "Choose from and until anew.",
        )


def _us(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)

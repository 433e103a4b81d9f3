"""What holds for all rules: cuts and checkpoints change nothing, no number breaks them, starts and ends alternate."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.model import FORMATION, PLAN, TRACK, TRACKED, Checkpoint, Flag
from tapestry.rules import dump, load, new_state, set_fences, set_plan, step, tick, to_alert_event
from tapestry.rules._state import RuleState
from tests.rules.judged import judge
from tests.rules.rows import T0, S, fences, formation, movement_plan, plan, track

GRID = fences(f7=(33.0, 44.0), f3=(33.4, 44.4), f9=(34.9, 44.0))
PLANS = np.concatenate([plan(), plan(active_until_us=T0 + 300 * S)])
SLOTS = 3
ARRIVAL = st.fixed_dictionaries(
    {
        "at_s": st.integers(0, 600),
        "slot": st.integers(0, SLOTS - 1),
        "plan": st.sampled_from([0] * 8 + [1, -1]),
        "lat_deg": st.sampled_from([33.2, 33.5, 35.5]),
        "lon_deg": st.just(44.5),
        "offset_m": st.sampled_from([0.0, 450.0, 550.0, 700.0, np.nan]),
        "speed_mps": st.sampled_from([24.0, 27.0, 27.5, 28.0, np.nan]),
        "flags": st.sampled_from([0] * 9 + [int(Flag.DISPUTED), int(Flag.NO_FIX), int(Flag.IMPOSSIBLE)]),
    }
)
ANY_ORDER = st.lists(ARRIVAL, min_size=1, max_size=40, unique_by=lambda fix: (fix["at_s"], fix["slot"]))
ARRIVALS = ANY_ORDER | ANY_ORDER.map(lambda fixes: sorted(fixes, key=lambda fix: fix["at_s"]))


def fresh() -> RuleState:
    state = new_state()
    set_fences(state, GRID, 1)
    set_plan(state, 0, movement_plan(Checkpoint(name="fuel", lat_deg=33.5, lon_deg=44.5, halt_s=60.0)))
    return state


def reloaded(state: RuleState) -> RuleState:
    again = load(dump(state))
    assert dump(again) == dump(state)
    set_fences(again, GRID, 1)
    return again


def ticked(state: RuleState, at_s: int) -> np.ndarray:
    """Tick with a convoy whose state changes with the time, so that every rule has something to say."""
    now_us = T0 + at_s * S
    tracks = np.concatenate([track(contact_at_us=T0 + (at_s // 2) * S) for _ in range(SLOTS)])
    tracks["standing_since_us"][1] = T0 + S if at_s % 400 > 100 else -1
    tracks["lat_deg"][1] = 33.8
    tracks["disputed_since_us"][0] = T0 if at_s % 300 > 150 else -1
    rows = formation([np.nan, float(at_s % 77) * 40.0, float(at_s % 13) * 5.0])
    return tick(state, tracks, PLANS, rows, now_us=now_us)


def run(
    arrivals: list[dict[str, Any]], cuts: set[int], ticks: dict[int, int], reload_at: int = -1
) -> np.ndarray:
    """Return all findings of a drive cut before the rows in `cuts`, with ticks before some rows."""
    rows = judge(arrivals)
    state, found, start = fresh(), [], 0
    for end in range(1, len(rows) + 1):
        if end in cuts or end in ticks or end == len(rows) or end == reload_at:
            found.append(step(state, rows[start:end], PLANS))
            start = end
        if end in ticks:
            found.append(ticked(state, ticks[end]))
        if end == reload_at:
            state = reloaded(state)
    return np.concatenate(found)


@settings(max_examples=100, deadline=None)
@given(
    ARRIVALS,
    st.sets(st.integers(1, 40)),
    st.dictionaries(st.integers(1, 40), st.integers(0, 700), max_size=4),
)
def test_where_batches_are_cut_changes_nothing(
    arrivals: list[dict[str, Any]], cuts: set[int], ticks: dict[int, int]
) -> None:
    whole = run(arrivals, set(), ticks).tobytes()
    assert run(arrivals, cuts, ticks).tobytes() == whole
    assert run(arrivals, set(range(41)), ticks).tobytes() == whole  # each row a batch of its own


@settings(max_examples=100, deadline=None)
@given(ARRIVALS, st.integers(1, 40), st.dictionaries(st.integers(1, 40), st.integers(0, 700), max_size=4))
def test_a_checkpoint_anywhere_changes_nothing(
    arrivals: list[dict[str, Any]], reload_at: int, ticks: dict[int, int]
) -> None:
    assert run(arrivals, set(), ticks).tobytes() == run(arrivals, set(), ticks, reload_at).tobytes()


@settings(max_examples=100, deadline=None)
@given(ARRIVALS, st.dictionaries(st.integers(1, 40), st.integers(0, 700), max_size=6))
def test_an_episode_starts_once_then_ends_once_and_the_next_one_starts_after_it(
    arrivals: list[dict[str, Any]], ticks: dict[int, int]
) -> None:
    opened: dict[tuple[int, ...], int] = {}
    ended: set[tuple[int, ...]] = set()
    for found in run(arrivals, set(), dict(sorted(ticks.items()))):
        key = (int(found["rule"]), int(found["slot"]), int(found["fence_id"]))
        name = (*key, int(found["started_at_us"]))
        if found["ended"]:
            assert opened.pop(name if name in opened else key) == found["started_at_us"]
            ended.add(name)
        else:
            # What late data shows is told beside the episode that goes on; all else waits for the end of that.
            key = name if found["late"] else key
            assert key not in opened
            assert name not in ended or found["row"] < 0
            opened[key] = int(found["started_at_us"])


def test_findings_come_in_order_of_row_then_rule() -> None:
    arrivals = [
        {"at_s": 0, "lat_deg": 33.5, "lon_deg": 44.5, "offset_m": 900.0, "slot": slot} for slot in (0, 1)
    ]
    found = run(arrivals, set(), {})
    assert [(int(f["row"]), int(f["rule"]), int(f["fence_id"])) for f in found] == [
        (0, 3, -1), (0, 4, 3), (0, 4, 7), (1, 3, -1), (1, 4, 3), (1, 4, 7),
    ]  # fmt: skip


NUMBERS = [
    0,
    1,
    -1,
    2**31 - 1,
    -(2**31),
    2**62,
    2**63 - 1,
    -(2**63),
    np.nan,
    np.inf,
    -np.inf,
    1e300,
    33.5,
    500.0,
]


def filled(dtype: np.dtype[Any], rows: int, seed: int) -> np.ndarray:
    """Return rows of extreme numbers."""
    rng = np.random.default_rng(seed)
    out = np.zeros(rows, dtype)
    for name in dtype.names or ():
        kind, bits = dtype[name].kind, 8 * dtype[name].itemsize
        usable = [
            n
            for n in NUMBERS
            if kind == "f" or (n == n and abs(n) < 2**63 and -(2 ** (bits - 1)) <= n < 2 ** (bits - 1))
        ]
        if kind == "u":
            usable = [n for n in usable if n >= 0]
        if kind == "b":
            usable = [0, 1]
        with np.errstate(over="ignore", invalid="ignore"):
            out[name] = rng.choice(np.array(usable, np.float64 if kind == "f" else np.int64), rows)
    return out


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_number_breaks_a_rule(seed: int) -> None:
    from datetime import UTC, datetime

    state = fresh()
    tracked = filled(TRACKED, 20, seed)
    tracked["slot"] = np.arange(20) % 5 - 1
    plans, formations = filled(PLAN, 3, seed), filled(FORMATION, 9, seed)
    tracks = filled(TRACK, 4, seed)
    for now_us in (0, T0, 2**62):
        for found in (step(state, tracked, plans), tick(state, tracks, plans, formations, now_us=now_us)):
            for finding in found:
                to_alert_event(
                    finding, vehicle_id=1, movement_id=None, received_at=datetime.fromtimestamp(0, UTC)
                )
    reloaded(state)

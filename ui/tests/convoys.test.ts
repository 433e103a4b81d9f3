import { describe, expect, test } from "vitest";
import { convoyRows, loneVehicles, matches } from "../src/convoys/rows";
import { lengthOf, marchOf } from "../src/convoys/march";
import { gapState, gapsOf, progressAt, progressOf, runsOf } from "../src/convoys/spacing";
import { alongM, distanceM, progressM } from "../src/map/geometry";
import { draftOf, faultsOf, fieldOf, moved, momentOf, newDraft, planOfDraft } from "../src/pages/plan";
import { frameVehicles } from "../src/replay/frames";
import { alert, movement, vehicle } from "./made";

// One degree along the equator on a sphere of 6,371,008.8 m is 111,195.08 m.
const DEGREE_M = 111_195.08;
const ROUTE = [{ lat_deg: 0, lon_deg: 0 }, { lat_deg: 0, lon_deg: 1 }, { lat_deg: 1, lon_deg: 1 }];

describe("distances", () => {
  test("a degree of the equator is 111,195 m", () => {
    expect(distanceM(ROUTE[0]!, ROUTE[1]!)).toBeCloseTo(DEGREE_M, 1);
  });

  test("progress counts along the bends of the route, and is held at its ends", () => {
    const along = alongM(ROUTE);
    expect(progressM(ROUTE, along, { lat_deg: 0.5, lon_deg: 1.01 })).toBeCloseTo(1.5 * DEGREE_M, 0);
    expect(progressM(ROUTE, along, { lat_deg: 0, lon_deg: -3 })).toBe(0);
    expect(progressM([ROUTE[0]!], [0], ROUTE[0]!)).toBeNull();
  });
});

describe("spacing", () => {
  const limits = { spacing_min_m: 20, spacing_max_m: 400, straggler_m: 2000 };

  test("names what a gap means under the limits; a gap on a limit is within", () => {
    expect([19.9, 20, 400, 400.1, 2000, 2000.1, null].map((g) => gapState(g, limits))).toEqual([
      "closed-up", "within", "within", "stretched", "stretched", "straggler", "unknown",
    ]);
  });

  test("interpolates between fixes, and not over a hole of more than a minute", () => {
    const points = [{ at_ms: 0, progress_m: 100 }, { at_ms: 10_000, progress_m: 200 }, { at_ms: 100_000, progress_m: 900 }];
    expect([-1, 0, 5000, 10_000, 50_000, 100_001].map((at) => progressAt(points, at))).toEqual([null, 100, 150, 200, null, null]);
  });

  test("gives the gap at each fix of the vehicle behind", () => {
    const ahead = [{ at_ms: 0, progress_m: 500 }, { at_ms: 10_000, progress_m: 700 }];
    const behind = [{ at_ms: 5000, progress_m: 450 }, { at_ms: 20_000, progress_m: 600 }];
    expect(gapsOf(ahead, behind)).toEqual([{ at_ms: 5000, gap_m: 150 }]);
  });

  test("breaks the line at a hole", () => {
    const gaps = [0, 30_000, 95_000].map((at_ms) => ({ at_ms, gap_m: 1 }));
    expect(runsOf(gaps).map((run) => run.length)).toEqual([2, 1]);
  });

  test("reads a track by its column names and leaves out rows without a place", () => {
    const table = { columns: ["lat_deg", "lon_deg", "fixed_at"], rows: [[0, 0.5, "2026-11-23T00:00:10Z"], [null, null, "2026-11-23T00:00:20Z"], [0, 0, "2026-11-23T00:00:00Z"]] };
    const points = progressOf(table, ROUTE);
    expect(points.map((p) => p.at_ms)).toEqual([1_795_392_000_000, 1_795_392_010_000]);
    expect(points[1]?.progress_m).toBeCloseTo(DEGREE_M / 2, 0);
  });
});

describe("the order of march", () => {
  const planned = [1, 2, 3, 4].map((n) => ({ vehicle_id: n, callsign: `V${n}`, order: n, role: "cargo" }));
  const now = Date.parse("2026-11-23T01:05:00Z");
  const fix = (vehicle_id: number, progress_m: number, fixed_at: string) => [vehicle_id, vehicle({ vehicle_id, progress_m, fixed_at })] as const;

  test("comes from fresh fixes, then from the hub's dead reckoning, and leaves the rest without a place", () => {
    const vehicles = new Map([fix(1, 900, "2026-11-23T01:04:50Z"), fix(2, 1000, "2026-11-23T01:04:55Z"), fix(3, 100, "2026-11-23T01:02:00Z")]);
    const said = (vehicle_id: number, progress_m: number) => ({
      vehicle_id, callsign: "", planned_order: 0, actual_order: 1, progress_m, gap_ahead_m: 5, fix_age_s: 170, dead_reckoned: true,
    });
    const march = marchOf(planned, vehicles, { at: "", length_m: 0, rows: [said(1, 50), said(3, 700)] }, now);
    expect(march.map((r) => [r.vehicle_id, r.actual_order, r.gap_ahead_m, r.fix_age_s, r.dead_reckoned])).toEqual([
      [2, 1, null, 5, false], [1, 2, 100, 10, false], [3, 3, 200, 180, true], [4, null, null, null, false],
    ]);
    expect(lengthOf(march)).toBe(300);
    expect(lengthOf([])).toBeNull();
  });
});

describe("the convoy list", () => {
  const planned = [1, 2, 3].map((vehicle_id) => ({ vehicle_id, callsign: `V${vehicle_id}`, order: vehicle_id, role: "cargo" }));

  test("shows the newest fix, the oldest age, and who has none", () => {
    const vehicles = [
      vehicle({ vehicle_id: 2, movement_id: 1, order: 2, fixed_at: "2026-11-23T01:00:00Z" }),
      vehicle({ vehicle_id: 1, movement_id: 1, order: 1, fixed_at: "2026-11-23T00:59:00Z" }),
    ];
    const [row] = convoyRows([movement({ vehicles: planned })], vehicles, [], Date.parse("2026-11-23T01:00:05Z"));
    expect([row?.newest_fixed_at, row?.oldest_age_s, row?.silent]).toEqual(["2026-11-23T01:00:00Z", 65, 1]);
    expect(row?.vehicles.map((v) => v.vehicle_id)).toEqual([1, 2]);
  });

  test("puts the convoy in distress on top, and those off the road last", () => {
    const movements = [movement({ movement_id: 1, callsign: "A", status: "planned" }), movement({ movement_id: 2, callsign: "B" }), movement({ movement_id: 3, callsign: "C" })];
    const rows = convoyRows(movements, [], [alert({ movement_id: 3, severity: "emergency" })], 0);
    expect(rows.map((r) => r.movement.callsign)).toEqual(["C", "B", "A"]);
  });

  test("leaves out what is over, unless an open alert hangs on it", () => {
    const movements = [
      movement({ movement_id: 1, callsign: "A", status: "cancelled", vehicles: planned }),
      movement({ movement_id: 2, callsign: "B", status: "ended", vehicles: planned }),
    ];
    const rows = convoyRows(movements, [], [alert({ movement_id: 2 })], 0);
    expect(rows.map((r) => [r.movement.callsign, r.silent])).toEqual([["B", 0]]);
  });

  test("is found by a vehicle's callsign as well", () => {
    const [row] = convoyRows([movement({ vehicles: planned })], [], [], 0);
    expect([matches(row!, "v2"), matches(row!, "rafi"), matches(row!, "x9")]).toEqual([true, true, false]);
  });

  test("keeps vehicles outside any movement apart", () => {
    expect(loneVehicles([vehicle({ vehicle_id: 1, movement_id: 4 }), vehicle({ vehicle_id: 2 })]).map((v) => v.vehicle_id)).toEqual([2]);
  });
});

describe("the plan form", () => {
  const full = { ...newDraft(0), callsign: " BASALT 21 ", operator_id: 3, route: ROUTE, vehicles: [{ vehicle_id: 1, callsign: "V1", order: 1, role: "cargo" }] };

  test("starts with a window of 12 hours in UTC", () => {
    const draft = newDraft(Date.parse("2026-11-23T01:02:59Z"));
    expect([draft.from, draft.until]).toEqual(["2026-11-23T01:02", "2026-11-23T13:02"]);
    expect(momentOf(draft.from)).toBe("2026-11-23T01:02:00.000Z");
    expect([fieldOf(0), momentOf(""), momentOf("never")]).toEqual(["1970-01-01T00:00", null, null]);
  });

  test("says all that is missing at once", () => {
    expect(faultsOf(newDraft(0))).toEqual(["callsign", "operator", "route", "vehicles"]);
    expect(faultsOf({ ...full, until: full.from })).toEqual(["window"]);
    expect(faultsOf({ ...full, limits: { ...full.limits, spacing_min_m: 400 } })).toEqual(["limits"]);
    expect(faultsOf(full)).toEqual([]);
  });

  test("gives the hub a plan that reads back as the same draft", () => {
    const plan = planOfDraft(full);
    expect(plan.callsign).toBe("BASALT 21");
    expect(draftOf({ ...plan, movement_id: 9, version: 1, cancelled: false })).toEqual({ ...full, callsign: "BASALT 21" });
  });

  test("renumbers the column when a vehicle moves", () => {
    const two = [{ vehicle_id: 1, callsign: "V1", order: 1, role: "cargo" }, { vehicle_id: 2, callsign: "V2", order: 2, role: "cargo" }];
    expect(moved(two, 1, -1).map((v) => [v.vehicle_id, v.order])).toEqual([[2, 1], [1, 2]]);
    expect(moved(two, 0, -1)).toBe(two);
  });
});

describe("a frame of history", () => {
  test("has the vehicles with a place, with names and the fix time of the frame, never live data", () => {
    const frame = { at: "2026-11-23T01:00:00Z", lat_deg: [33, null], lon_deg: [44, null], fix_age_s: [90, null] };
    const planned = movement({ vehicles: [{ vehicle_id: 1, callsign: "V1", order: 4, role: "cargo" }] });
    const now = new Map([[1, vehicle({ vehicle_id: 1, callsign: "V1", speed_mps: 20, lat_deg: 1, lon_deg: 1 })]]);
    const shown = frameVehicles({ vehicle_ids: [1, 2], frames: [frame] }, frame, now, new Map([[1, planned]]));
    expect([...shown.values()]).toEqual([
      vehicle({ vehicle_id: 1, callsign: "V1", movement_id: 1, order: 4, lat_deg: 33, lon_deg: 44, fixed_at: "2026-11-23T00:58:30.000Z" }),
    ]);
  });
});

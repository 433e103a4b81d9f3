import { describe, expect, test } from "vitest";
import type { Alert } from "../src/api/types";
import { awaited, holds, isGrouped, listed, loose, waited } from "../src/distress/order";
import type { CaseView, DistressCase } from "../src/distress/types";

function view(case_id: number, changed: Partial<DistressCase> = {}): CaseView {
  const c: DistressCase = {
    case_id, version: 1, state: "raised", kind: "sos", storm: false, opened_at: "2026-03-01T12:00:00Z", raised_at: "2026-03-01T12:00:00Z",
    ladder_from: "2026-03-01T12:00:00Z", raise_count: 1, call_count: 1, last_call_at: "2026-03-01T12:00:00Z", vehicle_ids: [1], movement_id: null,
    identities: [], lat_deg: null, lon_deg: null, silent: false, unverified: false, acknowledged_at: null, acknowledged_by: "", verdict: null,
    verdict_at: null, verdict_by: "", verdict_reason: "", resolved_at: null, resolved_by: "", resolve_reason: "", calls: [], deliveries: [],
    steps: [], entries: [], ...changed,
  };
  return { case: c, convoy: "", callsigns: {}, allowed: [], next_step: null, next_at: null, clocks: {}, messages: [], desks: [] };
}

const call = (changed: Partial<Alert> = {}): Alert =>
  ({ alert_id: "d1", rule: "distress", acknowledged_at: null, closed_at: null, vehicle_id: 1, movement_id: null, facts: {}, ...changed }) as Alert;

describe("cases", () => {
  test("the gravest waits first, among equals the one that waits longest; one in hand comes after all of them", () => {
    const old = view(1, { kind: "delay" });
    const newer = view(2, { ladder_from: "2026-03-01T12:05:00Z" });
    const first = view(3);
    const taken = view(4, { state: "acknowledged" });
    expect(awaited([old, newer, first, taken]).map((v) => v.case.case_id)).toEqual([3, 2, 1]);
    expect(listed([taken, old, newer, first]).map((v) => v.case.case_id)).toEqual([3, 2, 1, 4]);
  });

  test("a silent call for help is as grave as any", () => {
    expect(awaited([view(1), view(2, { kind: "help", silent: true, ladder_from: "2026-03-01T11:00:00Z" })]).map((v) => v.case.case_id)).toEqual([2, 1]);
  });

  test("a call that a waiting case holds is not told twice; one that joined a case in hand is told", () => {
    expect(loose([call()], [view(1)])).toEqual([]);
    expect(loose([call()], [view(1, { state: "verifying" })])).toEqual([call()]);
    expect(loose([call({ vehicle_id: 9 })], [view(1)])).toEqual([call({ vehicle_id: 9 })]);
    expect(loose([call({ acknowledged_at: "x", vehicle_id: 9 })], [view(1)])).toEqual([]);
  });

  test("strangers belong to the storm, or to the case that names them", () => {
    const stranger = call({ vehicle_id: null, facts: { identity: "imei:9" } });
    expect(holds(view(1, { vehicle_ids: [], storm: true }).case, stranger)).toBe(true);
    expect(holds(view(1, { vehicle_ids: [], identities: ["imei:9"] }).case, stranger)).toBe(true);
    expect(holds(view(1, { vehicle_ids: [] }).case, stranger)).toBe(false);
    expect(holds(view(1, { vehicle_ids: [], movement_id: 7 }).case, call({ vehicle_id: 8, movement_id: 7 }))).toBe(true);
  });

  test("a stranger's call is grouped while the storm is open, unless it has a case of its own; a known vehicle's never is", () => {
    const stranger = call({ vehicle_id: null, facts: { identity: "imei:9" } });
    const storm = view(1, { vehicle_ids: [], storm: true });
    expect(isGrouped(stranger, [storm])).toBe(true);
    expect(isGrouped(stranger, [storm, view(2, { vehicle_ids: [], identities: ["imei:9"] })])).toBe(false);
    expect(isGrouped(stranger, [view(1, { vehicle_ids: [], storm: true, state: "resolved" })])).toBe(false);
    expect(isGrouped(call(), [storm])).toBe(false);
  });

  test("waiting is told to the second, and never below none", () => {
    expect([waited(65.9), waited(-3), waited(7500)]).toEqual(["1:05", "0:00", "2 h 05"]);
  });
});

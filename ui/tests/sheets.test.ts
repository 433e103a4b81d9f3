import { describe, expect, test } from "vitest";
import type { Checkpoint } from "../src/api/types";
import { commandOf, deedsOf, FORMS, needsVersion } from "../src/movements/commands";
import { kept, needles } from "../src/movements/list";
import { inOrder, keepable, legsOf, newRequest, sentRequest, spread, stepOf, timesRise } from "../src/movements/request";
import { sooner, stripOf } from "../src/movements/strip";
import type { RouteStatus, SheetSummary, SheetView } from "../src/movements/types";
import { readStatuses } from "../src/roads/status";
import { daysLeft, expiryOf } from "../src/roster/expiry";

const EQUATOR = [{ lat_deg: 0, lon_deg: 44 }, { lat_deg: 0, lon_deg: 46 }];
const at = (clock: string): string => `2026-11-23T${clock}:00.000Z`;
const checkpoint = (name: string, lon_deg: number, planned: string | null = null, halt_s = 0): Checkpoint => ({ name, lat_deg: 0, lon_deg, planned_at: planned, halt_s });

describe("what may be done to a sheet", () => {
  test("the usual next command stands first, grave ones apart, clearances on their board", () => {
    expect(deedsOf(["decide", "deny", "dissent", "request-clearance"], "deconflicted")).toEqual({ next: "decide-go", usual: ["dissent"], grave: ["decide-no-go", "deny"] });
  });

  test("a command that the hub does not allow is not shown", () => {
    expect(deedsOf([], "submitted")).toEqual({ next: null, usual: [], grave: [] });
  });

  test("go and no go are one command of the hub", () => {
    expect(commandOf("decide-no-go", { reason: "storm" })).toEqual({ type: "decide", go: false, reason: "storm" });
  });

  test("what was left empty is left out, a no is not", () => {
    expect(commandOf("try-contact", { means: "radio", answered: false, note: "" })).toEqual({ type: "try-contact", means: "radio", answered: false });
  });

  test("a decision goes with the version that was read, a note of what happened without", () => {
    expect([needsVersion({ type: "decide" }), needsVersion({ type: "pass-checkpoint" })]).toEqual([true, false]);
  });

  test("each command of the hub but the edit has its form", () => {
    const tags = ["submit", "review", "return", "deny", "deconflict", "dissent", "brief", "roll-call", "depart", "pass-checkpoint", "halt", "resume", "divert", "overdue", "lose-contact", "regain-contact", "try-contact", "in-contact", "offer-handover", "confirm-handover", "stop", "acknowledge-stop", "lift-stop", "arrive", "abort", "cancel", "close"];
    expect(tags.filter((tag) => !(tag in FORMS))).toEqual([]);
  });
});

describe("a request while it is made", () => {
  test("empty rows of contacts are not sent", () => {
    const draft = { ...newRequest(1), contacts: [{ means: "radio" as const, value: "CH 4" }, { means: "phone" as const, value: " " }] };
    expect(sentRequest(draft).contacts).toEqual([{ means: "radio", value: "CH 4" }]);
  });

  test("it can be kept once it has a callsign", () => {
    expect([keepable(newRequest(1)), keepable({ ...newRequest(1), callsign: "OAK 1" })]).toEqual([false, true]);
  });

  test("checkpoints stand in the order in which the route comes to them", () => {
    expect(inOrder(EQUATOR, [checkpoint("b", 45.5), checkpoint("a", 44.5)]).map((c) => c.name)).toEqual(["a", "b"]);
  });

  test("times are spread by distance, and a halt delays what comes after it", () => {
    const request = { route: EQUATOR, depart_at: at("06:00"), arrive_at: at("10:30"), checkpoints: [checkpoint("a", 44.5, null, 1800), checkpoint("b", 45)] };
    expect(spread(request).map((c) => c.planned_at)).toEqual([at("07:00"), at("08:30")]);
  });

  test("halts that outlast the trip change nothing", () => {
    const request = { route: EQUATOR, depart_at: at("06:00"), arrive_at: at("06:30"), checkpoints: [checkpoint("a", 45, null, 3600)] };
    expect(spread(request)).toEqual(request.checkpoints);
  });

  test("a time before the one before it is noticed", () => {
    const rises = (first: string, second: string): boolean =>
      timesRise({ depart_at: at("06:00"), arrive_at: at("10:00"), checkpoints: [checkpoint("a", 45, at(first)), checkpoint("b", 45.5, at(second))] });
    expect([rises("08:00", "07:00"), rises("07:00", "08:00")]).toEqual([false, true]);
  });

  test("places on the way make legs; a straight trip has none", () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => ({ name, lat_deg: 0, lon_deg: 44 }));
    expect([legsOf([a ?? null, b ?? null]).length, legsOf([a ?? null, b ?? null, c ?? null]).map((l) => l.end.name)]).toEqual([0, ["b", "c"]]);
  });

  test("a finding leads to the step where it can be mended", () => {
    expect(["crew.2", "vehicles.0", "depart_at", "emergency_plan"].map((field) => stepOf({ code: "x", blocks: false, field, facts: {} }))).toEqual(["crew", "vehicles", "who", "cargo"]);
  });
});

describe("the strip of a route", () => {
  const view = {
    sheet: { request: { ...newRequest(1), route: EQUATOR, checkpoints: [checkpoint("a", 44.5, at("07:00")), checkpoint("b", 45, at("08:00")), checkpoint("c", 45.5, at("09:00"))] }, departed_at: at("06:00"), arrived_at: null, passages: [{ checkpoint: 1, passed_at: at("08:30"), means: "radio", by: "watch", written_at: at("08:31") }] },
    passages: [{ checkpoint: 0, vehicle_id: 2, passed_at: at("07:10"), known_at: at("07:10"), uncertainty_s: 1 }, { checkpoint: 0, vehicle_id: 1, passed_at: at("07:05"), known_at: at("07:05"), uncertainty_s: 1 }],
    etas: [],
  } as unknown as SheetView;

  test("positions tell first and last vehicle; a person's word fills in where they are silent", () => {
    const rows = stripOf(view, Date.parse(at("08:40")));
    expect(rows.map((r) => [r.passed_at, r.last_at, r.said_by, r.status, r.late_s])).toEqual([
      [at("07:05"), at("07:10"), null, "passed", 300],
      [at("08:30"), null, "watch", "passed", 1800],
      [null, null, null, "next", null],
    ]);
  });

  test("the next checkpoint is late from its planned time on", () => {
    expect(stripOf(view, Date.parse(at("09:12")))[2]?.late_s).toBe(720);
  });

  test("lateness reads in hours and minutes with its sign", () => {
    expect([sooner(3900), sooner(-720), sooner(20)]).toEqual(["+1:05", "−0:12", null]);
  });
});

describe("lists", () => {
  const sheet = (callsign: string, more: Partial<SheetSummary>): SheetSummary => ({
    movement_id: 1, version: 1, state: "en-route", callsign, operator_id: 1, operator_name: "", origin: "", destination: "", depart_at: null, arrive_at: null, vehicles: 1, flags: 0, late: false, stop: false, centre: "", ...more,
  });

  test("those in danger stand first, then stopped and late ones", () => {
    const list = [sheet("a", {}), sheet("b", { late: true }), sheet("c", { state: "in-contact" }), sheet("d", { stop: true })];
    expect(kept(list, "open", []).map((s) => s.callsign)).toEqual(["c", "d", "b", "a"]);
  });

  test("every word has to be found", () => {
    expect(kept([sheet("OAK 1", { origin: "Basra" }), sheet("OAK 2", {})], "all", needles("oak bas")).map((s) => s.callsign)).toEqual(["OAK 1"]);
  });

  test("a road's status past its time reads as unknown; a withdrawn one is gone", () => {
    const one = { status_id: 1, name: "", line: [], control: "prohibited", threat: "red", reason: "", author: "", set_at: at("01:00"), valid_until: at("06:00"), withdrawn: false } as RouteStatus;
    expect(readStatuses([one, { ...one, withdrawn: true }], Date.parse(at("06:00"))).map((s) => [s.control, s.threat, s.stale])).toEqual([["unknown", "unknown", true]]);
  });

  test("a paper is over at its end and soon over as many days before as the hub warns", () => {
    const now = Date.parse(at("12:00"));
    const stands = (until: string): string => expiryOf(until, now, 30);
    expect([stands(at("12:00")), stands("2026-12-23T12:00:00Z"), stands("2026-12-23T12:00:01Z"), daysLeft("2026-12-23T12:00:00Z", now)]).toEqual(["over", "soon", "valid", 30]);
    expect(expiryOf("2026-12-23T12:00:00Z", now, 29)).toBe("valid");
  });
});

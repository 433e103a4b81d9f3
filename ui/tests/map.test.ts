import { describe, expect, test } from "vitest";
import { FLAG_BY_TEXT, FLAG_BY_VOICE, FLAG_DISPUTED } from "../src/api/types";
import { ageLine, alertFeatures, vehicleFeatures } from "../src/map/features";
import { mgrsText } from "../src/map/mgrs";
import { Tails } from "../src/map/tails";
import { readFence } from "../src/pages/fences";
import { shortcutOf } from "../src/shell/keys";
import { alert, movement, vehicle } from "./made";

const NOW = Date.parse("2026-11-23T01:00:00Z");
const words = { lastKnown: "last known", disputed: "position disputed", byText: "by text message", byVoice: "by voice" };
const scene = (vehicles: ReturnType<typeof vehicle>[]) => ({
  vehicles, movements: new Map([[1, movement({})]]), now_ms: NOW, selectedVehicle: null, selectedMovement: null, words,
  icon: (role: string, age: string) => `${role}|${age}`, ageStep_s: 1,
});

describe("a vehicle on the map", () => {
  test("tells its age in words, and says last known past five minutes", () => {
    expect([12, 90, 301, null].map((s) => ageLine(s, false, words, 1))).toEqual(["12 s", "90 s", "last known \u200e5 min", "–"]);
    expect(ageLine(12, true, words, 1)).toBe("12 s · position disputed");
  });

  test("rounds ages up where there are thousands: never younger than it is", () => {
    expect([1, 10, 11, 59, 61].map((s) => ageLine(s, false, words, 10))).toEqual(["10 s", "10 s", "20 s", "60 s", "61 s"]);
  });

  test("carries the picture of its age class, and lon before lat", () => {
    const at = { lat_deg: 33, lon_deg: 44 };
    const made = vehicleFeatures(
      scene([
        vehicle({ vehicle_id: 1, ...at, fixed_at: "2026-11-23T00:59:30Z" }),
        vehicle({ vehicle_id: 2, ...at, fixed_at: "2026-11-23T00:58:00Z" }),
        vehicle({ vehicle_id: 3, ...at, fixed_at: "2026-11-23T00:50:00Z", flags: FLAG_DISPUTED }),
        vehicle({ vehicle_id: 4 }),
      ]),
    ).vehicles.features;
    expect(made.map((f) => [f.properties?.["icon"], f.properties?.["age_class"], f.properties?.["disputed"]])).toEqual([
      ["cargo|fresh", "fresh", 0], ["cargo|stale", "stale", 0], ["cargo|lost", "lost", 1],
    ]);
    expect(made[0]?.geometry).toEqual({ type: "Point", coordinates: [44, 33] });
  });

  test("says that a person told where it is, by text message or by voice", () => {
    const at = { lat_deg: 33, lon_deg: 44, fixed_at: "2026-11-23T00:59:00Z", movement_id: 1 };
    const made = vehicleFeatures(scene([vehicle({ vehicle_id: 1, ...at, flags: FLAG_BY_TEXT }), vehicle({ vehicle_id: 2, ...at, flags: FLAG_BY_VOICE })]));
    expect(made.vehicles.features.map((f) => f.properties?.["age"])).toEqual(["60 s · by text message", "60 s · by voice"]);
    expect(made.convoys.features[0]?.properties?.["age"]).toBe("60 s · by text message");
  });

  test("a convoy stands where its foremost vehicle with a place is, with that vehicle's age", () => {
    const made = vehicleFeatures(
      scene([
        vehicle({ vehicle_id: 2, movement_id: 1, order: 2, lat_deg: 33, lon_deg: 44, fixed_at: "2026-11-23T00:59:00Z" }),
        vehicle({ vehicle_id: 3, movement_id: 1, order: 3, lat_deg: 32, lon_deg: 43, fixed_at: "2026-11-23T00:59:59Z" }),
        vehicle({ vehicle_id: 1, movement_id: 1, order: 1 }),
      ]),
    ).convoys.features;
    expect(made.map((f) => [f.properties?.["label"], f.properties?.["age"], f.geometry])).toEqual([
      ["BASALT 21", "60 s", { type: "Point", coordinates: [44, 33] }],
    ]);
  });
});

describe("alerts on the map", () => {
  test("stand at the vehicle now, else where it happened; closed ones and notices are left out", () => {
    const vehicles = new Map([[1, vehicle({ vehicle_id: 1, lat_deg: 33, lon_deg: 44 })]]);
    const place = { lat_deg: 30, lon_deg: 47 };
    const made = alertFeatures(
      [
        alert({ alert_id: "moves", vehicle_id: 1, ...place }),
        alert({ alert_id: "unknown tracker", severity: "emergency", ...place }),
        alert({ alert_id: "closed", closed_at: "2026-11-23T01:00:00Z", ...place }),
        alert({ alert_id: "notice", severity: "notice", ...place }),
      ],
      vehicles,
    ).features;
    expect(made.map((f) => [f.properties?.["alert_id"], (f.geometry as GeoJSON.Point).coordinates])).toEqual([
      ["moves", [44, 33]], ["unknown tracker", [47, 30]],
    ]);
  });
});

describe("tails", () => {
  test("keep a point each 10 s, forget after 15 min, and reach to the vehicle", () => {
    const tails = new Tails();
    const at = (s: number, lat_deg: number) => vehicle({ fixed_at: new Date(NOW + s * 1000).toISOString(), lat_deg, lon_deg: 44 });
    for (const [s, lat] of [[-1000, 30], [-20, 31], [-15, 31.5], [-10, 32], [0, 33]] as const) tails.note(at(s, lat));
    const lines = tails.features([at(3, 34)], NOW).features.map((f) => (f.geometry as GeoJSON.LineString).coordinates.map((c) => c[1]));
    expect(lines).toEqual([[31, 32, 33], [33, 34]]);
  });
});

describe("small things", () => {
  test("MGRS is spaced as it is read out; Baghdad as GEOTRANS has it, cut and not rounded", () => {
    expect(mgrsText(33.3406, 44.4009, 5)).toBe("38S MB 44250 89207");
    expect(mgrsText(33.3406, 44.4009, 3)).toBe("38S MB 442 892");
    expect(mgrsText(88, 0)).toBeNull();
  });

  test("a fence is read from a feature and from a flat record", () => {
    const geometry: GeoJSON.Polygon = { type: "Polygon", coordinates: [] };
    const fence = { fence_id: 4, name: "Taji", kind: "depot", geometry };
    expect(readFence({ id: 4, properties: { name: "Taji", kind: "depot" }, geometry })).toEqual(fence);
    expect(readFence(fence)).toEqual(fence);
  });
});

describe("shortcuts", () => {
  const pressed = (key: string, code: string, more = {}) => ({ key, code, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, typing: false, ...more });

  test("work by place on an Arabic layout", () => {
    expect(shortcutOf(pressed("ت", "KeyJ"))).toBe("j");
    expect(shortcutOf(pressed("ش", "KeyA"))).toBe("a");
    expect(shortcutOf(pressed("؟", "Slash", { shiftKey: true }))).toBe("?");
  });

  test("are off while typing, except Escape, and with control keys", () => {
    expect(shortcutOf(pressed("a", "KeyA", { typing: true }))).toBeNull();
    expect(shortcutOf(pressed("Escape", "Escape", { typing: true }))).toBe("Escape");
    expect(shortcutOf(pressed("a", "KeyA", { ctrlKey: true }))).toBeNull();
  });
});

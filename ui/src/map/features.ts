/** Vehicles, convoys, plans and alerts as GeoJSON for the map. Pure; coordinates become [lon, lat] only here. */

import { FLAG_BY_TEXT, FLAG_BY_VOICE, FLAG_DISPUTED, type Alert, type Movement, type MovementSummary, type Vehicle } from "../api/types";
import { ageClass, ageSeconds, ageText } from "../time/age";

export interface Words {
  lastKnown: string; // "last known"
  disputed: string; // "position disputed"
  byText: string; // "by text message"
  byVoice: string; // "by voice"
}

export interface Scene {
  vehicles: Iterable<Vehicle>;
  movements: ReadonlyMap<number, MovementSummary>;
  now_ms: number;
  selectedVehicle: number | null;
  selectedMovement: number | null;
  words: Words;
  /** Names a picture: symbolName of symbols.ts, passed in so that this file needs no canvas. */
  icon: (role: string, age: ReturnType<typeof ageClass>) => string;
  /** Ages are rounded up to this many seconds, so that thousands of labels do not change each second. */
  ageStep_s: number;
}

const LTR_MARK = "\u200e";

type Collection = GeoJSON.FeatureCollection<GeoJSON.Geometry>;

export function isDisputed(vehicle: Vehicle): boolean {
  return vehicle.disputed_since !== null || (vehicle.flags & FLAG_DISPUTED) !== 0;
}

/** Return how a person told the position, null when a device did. */
export function toldBy(vehicle: Vehicle): "text" | "voice" | null {
  if ((vehicle.flags & FLAG_BY_VOICE) !== 0) return "voice";
  return (vehicle.flags & FLAG_BY_TEXT) !== 0 ? "text" : null;
}

/** Return the age line with the way in which a person told the position. */
function toldLine(line: string, vehicle: Vehicle, words: Words): string {
  const by = toldBy(vehicle);
  return by === null ? line : `${line} · ${by === "text" ? words.byText : words.byVoice}`;
}

/** Return the age line of a label: "12 s", "last known 7 min", with the dispute in words. */
export function ageLine(age_s: number | null, disputed: boolean, words: Words, step_s: number): string {
  const rounded = age_s === null ? null : age_s < 60 ? Math.ceil(age_s / step_s) * step_s : age_s;
  const said = ageText(rounded);
  // The mark keeps "15 min" in one piece, left to right, behind Arabic letters.
  const line = ageClass(age_s) === "lost" ? `${words.lastKnown} ${LTR_MARK}${said}` : said;
  return disputed ? `${line} · ${words.disputed}` : line;
}

export function rolesOf(movements: ReadonlyMap<number, MovementSummary>): Map<number, string> {
  const roles = new Map<number, string>();
  for (const m of movements.values()) for (const v of m.vehicles) roles.set(v.vehicle_id, v.role);
  return roles;
}

/** Return the vehicles that have a place, and one point per convoy at its foremost vehicle. */
export function vehicleFeatures(scene: Scene): { vehicles: Collection; convoys: Collection } {
  const roles = rolesOf(scene.movements);
  const vehicles: GeoJSON.Feature[] = [];
  const leads = new Map<number, { order: number; vehicle: Vehicle }>();
  for (const v of scene.vehicles) {
    if (v.lat_deg === null || v.lon_deg === null) continue;
    vehicles.push(vehicleFeature(v, v.lat_deg, v.lon_deg, roles.get(v.vehicle_id) ?? "cargo", scene));
    if (v.movement_id === null) continue;
    const order = v.order ?? Number.MAX_SAFE_INTEGER;
    const held = leads.get(v.movement_id);
    if (!held || order < held.order) leads.set(v.movement_id, { order, vehicle: v });
  }
  const convoys = [...leads].map(([id, lead]) => convoyFeature(id, lead.vehicle, scene));
  return { vehicles: collection(vehicles), convoys: collection(convoys) };
}

function vehicleFeature(v: Vehicle, lat_deg: number, lon_deg: number, role: string, scene: Scene): GeoJSON.Feature {
  const age_s = ageSeconds(v.fixed_at, scene.now_ms);
  const age = ageClass(age_s);
  const disputed = isDisputed(v);
  const selected = v.vehicle_id === scene.selectedVehicle;
  return {
    type: "Feature",
    id: v.vehicle_id,
    properties: {
      id: v.vehicle_id,
      movement: v.movement_id,
      label: v.callsign,
      age: toldLine(ageLine(age_s, disputed, scene.words, scene.ageStep_s), v, scene.words),
      age_class: age === "none" ? "lost" : age,
      icon: scene.icon(role, age),
      solo: v.movement_id === null ? 1 : 0,
      selected: selected ? 1 : 0,
      disputed: disputed ? 1 : 0,
      // The lead on top of its column, the selected one on top of all.
      sort: selected ? 1000 : 500 - (v.order ?? 499),
      ...(v.heading_deg === null ? {} : { heading: v.heading_deg }),
    },
    geometry: { type: "Point", coordinates: [lon_deg, lat_deg] },
  };
}

function convoyFeature(movement_id: number, lead: Vehicle, scene: Scene): GeoJSON.Feature {
  const age_s = ageSeconds(lead.fixed_at, scene.now_ms);
  const age = ageClass(age_s);
  return {
    type: "Feature",
    id: movement_id,
    properties: {
      id: lead.vehicle_id,
      movement: movement_id,
      label: scene.movements.get(movement_id)?.callsign ?? lead.callsign,
      age: toldLine(ageLine(age_s, isDisputed(lead), scene.words, scene.ageStep_s), lead, scene.words),
      age_class: age === "none" ? "lost" : age,
      icon: scene.icon("convoy", age),
      selected: movement_id === scene.selectedMovement ? 1 : 0,
    },
    geometry: { type: "Point", coordinates: [lead.lon_deg ?? 0, lead.lat_deg ?? 0] },
  };
}

/** Return open alerts of emergency and warning rank; at the vehicle where it is now, else where it happened. */
export function alertFeatures(alerts: Iterable<Alert>, vehicles: ReadonlyMap<number, Vehicle>): Collection {
  const features: GeoJSON.Feature[] = [];
  for (const a of alerts) {
    if (a.closed_at !== null || a.severity === "notice") continue;
    if (a.ended_at !== null && a.severity !== "emergency") continue;
    const v = a.vehicle_id === null ? undefined : vehicles.get(a.vehicle_id);
    const lat_deg = v?.lat_deg ?? a.lat_deg;
    const lon_deg = v?.lon_deg ?? a.lon_deg;
    if (lat_deg === null || lon_deg === null) continue;
    features.push({
      type: "Feature",
      properties: { severity: a.severity, alert_id: a.alert_id },
      geometry: { type: "Point", coordinates: [lon_deg, lat_deg] },
    });
  }
  return collection(features);
}

export function planFeatures(plan: Movement | null, checkpointLabel: (index: number) => string): Collection {
  if (!plan) return collection([]);
  const route: GeoJSON.Feature = {
    type: "Feature",
    properties: { what: "route" },
    geometry: { type: "LineString", coordinates: plan.route.map((w) => [w.lon_deg, w.lat_deg]) },
  };
  const checkpoints = plan.checkpoints.map(
    (c, i): GeoJSON.Feature => ({
      type: "Feature",
      properties: { what: "checkpoint", label: checkpointLabel(i) },
      geometry: { type: "Point", coordinates: [c.lon_deg, c.lat_deg] },
    }),
  );
  return collection([route, ...checkpoints]);
}

export function collection(features: GeoJSON.Feature[]): Collection {
  return { type: "FeatureCollection", features };
}

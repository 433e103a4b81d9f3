/** Where each vehicle was in the last quarter of an hour, from the feed and, for those looked at, from the store. */

import type { TrackTable, Vehicle } from "../api/types";

export const TAIL_S = 900;
/** Points nearer in time than this add nothing to a line on the map and cost memory for 5,000 vehicles. */
const STEP_MS = 10_000;

interface TailPoint {
  at_ms: number;
  lat_deg: number;
  lon_deg: number;
}

export class Tails {
  private readonly points = new Map<number, TailPoint[]>();

  /** Note where a vehicle is now. */
  note(v: Vehicle): void {
    if (v.fixed_at === null || v.lat_deg === null || v.lon_deg === null) return;
    const at_ms = Date.parse(v.fixed_at);
    const tail = this.points.get(v.vehicle_id) ?? [];
    const last = tail.at(-1);
    if (last && at_ms - last.at_ms < STEP_MS) return;
    tail.push({ at_ms, lat_deg: v.lat_deg, lon_deg: v.lon_deg });
    while (tail.length > 0 && (tail[0] as TailPoint).at_ms < at_ms - TAIL_S * 1000) tail.shift();
    this.points.set(v.vehicle_id, tail);
  }

  /** Put the store's track under what the feed brought. Columns are looked up by name. */
  fill(vehicle_id: number, table: TrackTable): void {
    const at = table.columns.indexOf("fixed_at");
    const lat = table.columns.indexOf("lat_deg");
    const lon = table.columns.indexOf("lon_deg");
    const merged = new Map<number, TailPoint>();
    for (const row of table.rows) {
      const at_ms = Date.parse(String(row[at]));
      const lat_deg = row[lat];
      const lon_deg = row[lon];
      if (typeof lat_deg === "number" && typeof lon_deg === "number") merged.set(at_ms, { at_ms, lat_deg, lon_deg });
    }
    for (const p of this.points.get(vehicle_id) ?? []) merged.set(p.at_ms, p);
    this.points.set(vehicle_id, [...merged.values()].sort((a, b) => a.at_ms - b.at_ms));
  }

  /** Return the tails as lines of three parts, oldest (part 0, faintest) to newest (part 2), up to the vehicle. */
  features(vehicles: Iterable<Vehicle>, now_ms: number): GeoJSON.FeatureCollection {
    const features: GeoJSON.Feature[] = [];
    for (const v of vehicles) {
      const recent = (this.points.get(v.vehicle_id) ?? []).filter((p) => p.at_ms > now_ms - TAIL_S * 1000);
      const line = recent.map((p) => [p.lon_deg, p.lat_deg]);
      if (v.lat_deg !== null && v.lon_deg !== null) line.push([v.lon_deg, v.lat_deg]);
      const third = Math.ceil(line.length / 3);
      for (let part = 0; part < 3; part += 1) {
        const coordinates = line.slice(part * third, (part + 1) * third + 1);
        if (coordinates.length < 2) continue;
        features.push({ type: "Feature", properties: { part }, geometry: { type: "LineString", coordinates } });
      }
    }
    return { type: "FeatureCollection", features };
  }
}

/** A frame of history as vehicles, with the names that the roster and the plans know. Pure. */

import type { History, HistoryFrame, MovementSummary, Vehicle } from "../api/types";

/** Return the vehicles that had a place in a frame; what history does not hold (speed, heading) is absent. */
export function frameVehicles(
  history: History,
  frame: HistoryFrame,
  now: ReadonlyMap<number, Vehicle>,
  movements: ReadonlyMap<number, MovementSummary>,
): Map<number, Vehicle> {
  const planned = new Map<number, { callsign: string; order: number; movement_id: number }>();
  for (const m of movements.values()) {
    const was = Date.parse(frame.at);
    if (was < Date.parse(m.active_from) || was > Date.parse(m.active_until)) continue;
    for (const v of m.vehicles) planned.set(v.vehicle_id, { ...v, movement_id: m.movement_id });
  }
  const at_ms = Date.parse(frame.at);
  const vehicles = new Map<number, Vehicle>();
  history.vehicle_ids.forEach((vehicle_id, i) => {
    const lat_deg = frame.lat_deg[i] ?? null;
    const lon_deg = frame.lon_deg[i] ?? null;
    if (lat_deg === null || lon_deg === null) return;
    const plan = planned.get(vehicle_id);
    const age_s = frame.fix_age_s[i] ?? null;
    vehicles.set(vehicle_id, {
      vehicle_id,
      callsign: now.get(vehicle_id)?.callsign ?? plan?.callsign ?? `#${vehicle_id}`,
      movement_id: plan?.movement_id ?? null,
      fixed_at: age_s === null ? null : new Date(at_ms - age_s * 1000).toISOString(),
      received_at: null,
      contact_at: null,
      lat_deg,
      lon_deg,
      speed_mps: null,
      heading_deg: null,
      accuracy_m: null,
      source: null,
      flags: 0,
      progress_m: null,
      offset_m: null,
      order: plan?.order ?? null,
      standing_since: null,
      disputed_since: null,
    });
  });
  return vehicles;
}

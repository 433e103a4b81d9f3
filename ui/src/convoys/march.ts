/**
 * The order of march as it is now. Pure.
 *
 * A fresh fix of the feed is newer than any answer of the hub, so it comes first; for vehicles whose fix is stale the
 * hub's formation is used, which may be dead-reckoned and says so.
 */

import type { Formation, FormationRow, PlannedVehicle, Vehicle } from "../api/types";
import { ageClass, ageSeconds } from "../time/age";

/** Return the column by actual order, with gaps; vehicles without a known progress come last, without a place. */
export function marchOf(
  planned: PlannedVehicle[],
  vehicles: ReadonlyMap<number, Vehicle>,
  formation: Formation | null,
  now_ms: number,
): FormationRow[] {
  const answered = new Map(formation?.rows.map((r) => [r.vehicle_id, r]));
  const rows = planned.map((p): FormationRow => {
    const now = vehicles.get(p.vehicle_id);
    const said = answered.get(p.vehicle_id);
    const age_s = ageSeconds(now?.fixed_at ?? null, now_ms);
    const fresh = ageClass(age_s) === "fresh" && now?.progress_m != null;
    return {
      vehicle_id: p.vehicle_id,
      callsign: p.callsign,
      planned_order: p.order,
      actual_order: null,
      progress_m: fresh ? (now?.progress_m ?? null) : (said?.progress_m ?? null),
      gap_ahead_m: null,
      fix_age_s: age_s ?? said?.fix_age_s ?? null,
      dead_reckoned: !fresh && (said?.dead_reckoned ?? false),
    };
  });
  const placed = rows.filter((r) => r.progress_m !== null).sort((a, b) => (b.progress_m ?? 0) - (a.progress_m ?? 0));
  placed.forEach((row, i) => {
    row.actual_order = i + 1;
    const ahead = placed[i - 1];
    row.gap_ahead_m = ahead ? (ahead.progress_m ?? 0) - (row.progress_m ?? 0) : null;
  });
  return [...placed, ...rows.filter((r) => r.progress_m === null)];
}

/** Return the length of the column in metres, null with fewer than two vehicles in it. */
export function lengthOf(march: FormationRow[]): number | null {
  const at = march.map((r) => r.progress_m).filter((m) => m !== null);
  return at.length < 2 ? null : Math.max(...at) - Math.min(...at);
}

/** The convoy list as rows: each movement with its worst alert and the age of its newest and oldest fix. Pure. */

import { isOpen, worst } from "../alerts/order";
import type { Alert, MovementSummary, Vehicle } from "../api/types";
import { ageSeconds } from "../time/age";
import { isDisputed } from "../map/features";

export interface ConvoyRow {
  movement: MovementSummary;
  vehicles: Vehicle[]; // by planned order
  newest_fixed_at: string | null;
  oldest_age_s: number | null; // of the vehicles with a fix
  silent: number; // planned vehicles without any fix
  disputed: number;
  alerts: Alert[]; // open
  worst: Alert | null;
}

const RANK = { emergency: 0, warning: 1, notice: 2 } as const;

/** Statuses in which a convoy is not on the road: listed after those that are. */
const OFF_ROAD = new Set(["cancelled", "closed", "arrived", "ended", "over", "planned", "approved", "draft"]);

/** Statuses of what is over: it leaves the watch list, unless an open alert still hangs on it. */
const OVER = new Set(["cancelled", "closed", "ended"]);

export function convoyRows(
  movements: Iterable<MovementSummary>,
  vehicles: Iterable<Vehicle>,
  alerts: Iterable<Alert>,
  now_ms: number,
): ConvoyRow[] {
  const byMovement = grouped(vehicles, (v) => v.movement_id);
  const alertsOf = grouped([...alerts].filter(isOpen), (a) => a.movement_id);
  const rows = [...movements].map((movement): ConvoyRow => {
    const own = (byMovement.get(movement.movement_id) ?? []).sort((a, b) => (a.order ?? 1e9) - (b.order ?? 1e9));
    const fixed = own.map((v) => v.fixed_at).filter((at) => at !== null).sort();
    const open = alertsOf.get(movement.movement_id) ?? [];
    return {
      movement,
      vehicles: own,
      newest_fixed_at: fixed.at(-1) ?? null,
      oldest_age_s: ageSeconds(fixed[0] ?? null, now_ms),
      silent: OFF_ROAD.has(movement.status) ? 0 : Math.max(0, movement.vehicles.length - fixed.length),
      disputed: own.filter(isDisputed).length,
      alerts: open,
      worst: worst(open),
    };
  });
  return rows.filter((row) => row.alerts.length > 0 || !OVER.has(row.movement.status)).sort(compareRows);
}

/** Vehicles outside any movement that the hub shows. */
export function loneVehicles(vehicles: Iterable<Vehicle>): Vehicle[] {
  return [...vehicles].filter((v) => v.movement_id === null).sort((a, b) => (a.callsign < b.callsign ? -1 : 1));
}

function compareRows(a: ConvoyRow, b: ConvoyRow): number {
  const rank = (r: ConvoyRow): number => (r.worst === null ? 3 : RANK[r.worst.severity]);
  const off = (r: ConvoyRow): number => Number(OFF_ROAD.has(r.movement.status));
  return rank(a) - rank(b) || off(a) - off(b) || (a.movement.callsign < b.movement.callsign ? -1 : 1);
}

function grouped<T>(items: Iterable<T>, keyOf: (item: T) => number | null): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Return true when any of the words a person knows a convoy by contains the text. */
export function matches(row: ConvoyRow, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return true;
  const words = [row.movement.callsign, row.movement.operator_name, ...row.movement.vehicles.map((v) => v.callsign)];
  return words.some((w) => w.toLowerCase().includes(wanted));
}

/** Statuses of roads as they read now: past their time both axes are unknown. Pure. */

import type { RouteStatus } from "../movements/types";

export interface ReadStatus extends RouteStatus {
  stale: boolean;
}

export function readStatus(status: RouteStatus, now_ms: number): ReadStatus {
  const stale = Date.parse(status.valid_until) <= now_ms;
  return stale ? { ...status, control: "unknown", threat: "unknown", stale } : { ...status, stale };
}

const ORDER = ["black", "red", "amber", "unknown", "green"];

/** Return what is still said, the gravest first; what was withdrawn is left out. */
export function readStatuses(statuses: readonly RouteStatus[], now_ms: number): ReadStatus[] {
  return statuses
    .filter((s) => !s.withdrawn)
    .map((s) => readStatus(s, now_ms))
    .sort((a, b) => ORDER.indexOf(a.threat) - ORDER.indexOf(b.threat) || (a.set_at < b.set_at ? 1 : -1));
}

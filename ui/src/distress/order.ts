/** Which cases wait for a human, which calls are not in a case yet, and in which order all of them stand. Pure. */

import type { Alert } from "../api/types";
import type { CaseView, DistressCase } from "./types";

const GRAVITY: Record<string, number> = { sos: 4, contact: 4, help: 3, tamper: 2, delay: 1 };

export const isAwaited = (c: DistressCase): boolean => c.state === "raised" || c.state === "delivered";
export const isOpen = (c: DistressCase): boolean => c.state !== "resolved";
export const gravityOf = (c: DistressCase): number => (c.silent ? 4 : (GRAVITY[c.kind] ?? 0));

/** Return cases that nobody has acknowledged: the gravest first, among equals the one that waits longest. */
export function awaited(views: Iterable<CaseView>): CaseView[] {
  return [...views]
    .filter((v) => isAwaited(v.case))
    .sort((a, b) => gravityOf(b.case) - gravityOf(a.case) || Date.parse(a.case.ladder_from) - Date.parse(b.case.ladder_from));
}

/** Return all cases as the list shows them: those that wait, then those in hand, the newest first. */
export function listed(views: Iterable<CaseView>): CaseView[] {
  const all = [...views];
  const rest = all.filter((v) => !isAwaited(v.case)).sort((a, b) => b.case.case_id - a.case.case_id);
  return [...awaited(all), ...rest];
}

/** Return whether a call belongs to a case, as far as a list of cases tells. */
export function holds(c: DistressCase, alert: Alert): boolean {
  if (alert.vehicle_id !== null && c.vehicle_ids.includes(alert.vehicle_id)) return true;
  if (alert.movement_id !== null && c.movement_id === alert.movement_id) return true;
  const identity = alert.facts["identity"];
  return typeof identity === "string" && (c.storm || c.identities.includes(identity));
}

/** Return whether a call stands in the open group of a storm and in no case of its own: the queue shows the group for it. */
export function isGrouped(alert: Alert, views: CaseView[]): boolean {
  if (alert.rule !== "distress" || alert.vehicle_id !== null || alert.closed_at !== null) return false;
  const open = views.filter((v) => isOpen(v.case) && holds(v.case, alert)).map((v) => v.case);
  return open.length > 0 && open.every((c) => c.storm);
}

/** Return distress calls that nobody has acknowledged and that no waiting case shows: the hub has not stored them yet, or
 *  they joined a case that is in hand. */
export function loose(alerts: Iterable<Alert>, views: CaseView[]): Alert[] {
  const waiting = views.filter((v) => isAwaited(v.case));
  return [...alerts].filter(
    (a) => a.rule === "distress" && a.acknowledged_at === null && a.closed_at === null && !waiting.some((v) => holds(v.case, a)),
  );
}

/** Return seconds as "1:05", or "2 h 05" from an hour on. */
export function waited(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s >= 3600) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}`;
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

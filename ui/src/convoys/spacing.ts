/** Gaps between neighbours of a convoy over time, from each vehicle's track along the planned route. Pure. */

import type { LatLon, TrackTable } from "../api/types";
import { alongM, progressM } from "../map/geometry";

export interface ProgressPoint {
  at_ms: number;
  progress_m: number;
}

export interface GapPoint {
  at_ms: number;
  gap_m: number;
}

/** Past this between two fixes nothing is drawn between them: an interpolated gap would be a guess. */
export const HOLE_MS = 60_000;

/** Return a track as progress along a route, by time; rows without a place are left out. */
export function progressOf(table: TrackTable, route: LatLon[]): ProgressPoint[] {
  const along = alongM(route);
  const at = table.columns.indexOf("fixed_at");
  const lat = table.columns.indexOf("lat_deg");
  const lon = table.columns.indexOf("lon_deg");
  const points: ProgressPoint[] = [];
  for (const row of table.rows) {
    const lat_deg = row[lat];
    const lon_deg = row[lon];
    if (typeof lat_deg !== "number" || typeof lon_deg !== "number") continue;
    const progress_m = progressM(route, along, { lat_deg, lon_deg });
    if (progress_m !== null) points.push({ at_ms: Date.parse(String(row[at])), progress_m });
  }
  return points.sort((a, b) => a.at_ms - b.at_ms);
}

/** Return the progress at a moment between two fixes, null outside them or inside a hole. */
export function progressAt(points: ProgressPoint[], at_ms: number): number | null {
  const next = points.findIndex((p) => p.at_ms >= at_ms);
  if (next === -1) return null;
  const b = points[next] as ProgressPoint;
  if (b.at_ms === at_ms) return b.progress_m;
  const a = points[next - 1];
  if (!a || b.at_ms - a.at_ms > HOLE_MS) return null;
  return a.progress_m + ((at_ms - a.at_ms) / (b.at_ms - a.at_ms)) * (b.progress_m - a.progress_m);
}

/** Return the gap between two vehicles at each fix of the one behind; the gap is 0 or more, whoever leads. */
export function gapsOf(ahead: ProgressPoint[], behind: ProgressPoint[]): GapPoint[] {
  const gaps: GapPoint[] = [];
  for (const p of behind) {
    const there = progressAt(ahead, p.at_ms);
    if (there !== null) gaps.push({ at_ms: p.at_ms, gap_m: Math.abs(there - p.progress_m) });
  }
  return gaps;
}

export type GapState = "within" | "stretched" | "closed-up" | "straggler" | "unknown";

/** Return what a gap means under the plan's limits. */
export function gapState(
  gap_m: number | null,
  limits: { spacing_min_m: number; spacing_max_m: number; straggler_m: number },
): GapState {
  if (gap_m === null) return "unknown";
  if (gap_m > limits.straggler_m) return "straggler";
  if (gap_m > limits.spacing_max_m) return "stretched";
  if (gap_m < limits.spacing_min_m) return "closed-up";
  return "within";
}

/** Return the gaps as runs without holes, each to be drawn as one line. */
export function runsOf(gaps: GapPoint[]): GapPoint[][] {
  const runs: GapPoint[][] = [];
  for (const point of gaps) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last && point.at_ms - last.at_ms <= HOLE_MS) run.push(point);
    else runs.push([point]);
  }
  return runs;
}

/** The route as a strip: each checkpoint with what was planned, is expected and came to pass. Pure. */

import { alongM, progressM } from "../map/geometry";
import type { Eta, SheetView } from "./types";

export interface StripRow {
  index: number;
  name: string;
  km: number | null;
  planned_at: string | null;
  halt_s: number;
  eta: Eta | null;
  /** First and last vehicle by positions; a person's word when there are none. */
  passed_at: string | null;
  last_at: string | null;
  vehicles: number;
  said_by: string | null; // who reported it, when only a person did
  late_s: number | null; // against the plan; of the passage, else of the expected time, else of now
  status: "passed" | "next" | "ahead";
}

export function stripOf(view: SheetView, now_ms: number): StripRow[] {
  const { sheet, passages, etas } = view;
  const { route, checkpoints } = sheet.request;
  const along = alongM(route);
  const moving = sheet.departed_at !== null && sheet.arrived_at === null;
  const rows = checkpoints.map((c, index): StripRow => {
    const shown = passages.filter((p) => p.checkpoint === index).map((p) => p.passed_at).sort();
    const said = sheet.passages.findLast((p) => p.checkpoint === index) ?? null;
    const passed_at = shown[0] ?? said?.passed_at ?? null;
    const at_m = route.length > 1 ? progressM(route, along, c) : null;
    return {
      index, name: c.name, km: at_m === null ? null : at_m / 1000, planned_at: c.planned_at, halt_s: c.halt_s,
      eta: etas.find((e) => e.checkpoint === index) ?? null,
      passed_at, last_at: shown.at(-1) ?? null, vehicles: shown.length,
      said_by: shown.length === 0 && said ? said.by : null,
      late_s: null, status: passed_at === null ? "ahead" : "passed",
    };
  });
  const lastPassed = rows.findLastIndex((r) => r.status === "passed");
  const next = moving ? rows.find((r) => r.index > lastPassed) : undefined;
  if (next) next.status = "next";
  return rows.map((row) => ({ ...row, late_s: lateness(row, now_ms) }));
}

function lateness(row: StripRow, now_ms: number): number | null {
  if (row.planned_at === null) return null;
  const planned_ms = Date.parse(row.planned_at);
  if (row.passed_at !== null) return (Date.parse(row.passed_at) - planned_ms) / 1000;
  if (row.eta !== null) return (Date.parse(row.eta.at) - planned_ms) / 1000;
  return row.status === "next" && now_ms > planned_ms ? (now_ms - planned_ms) / 1000 : null;
}

/** Return "+1:05" or "−0:12", hours and minutes; null below a minute. */
export function sooner(late_s: number): string | null {
  const minutes = Math.round(Math.abs(late_s) / 60);
  if (minutes === 0) return null;
  return `${late_s > 0 ? "+" : "−"}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

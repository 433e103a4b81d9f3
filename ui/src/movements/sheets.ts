/** Calls about sheets, requests and stop orders. */

import { call, get, post } from "../api/client";
import type { LatLon } from "../api/types";
import { needsVersion, type Values } from "./commands";
import type { CheckView, MovementRequest, Sheet, SheetSummary, SheetView, StandingStop } from "./types";

export const sheetsOf = (state: "open" | "all"): Promise<SheetSummary[]> => get(`/api/sheets?state=${state}`);
export const sheetOf = (id: number): Promise<SheetView> => get(`/api/sheets/${id}`);
export const addSheet = (request: MovementRequest): Promise<Sheet> => post("/api/sheets", { request });
export const checkRequest = (request: MovementRequest): Promise<CheckView> => post("/api/sheets/check", { request });

export function giveCommand(sheet: Pick<Sheet, "movement_id" | "version">, command: Values): Promise<Sheet> {
  const version = needsVersion(command) ? { version: sheet.version } : {};
  return post(`/api/sheets/${sheet.movement_id}/commands`, { ...version, command });
}

export const standingStops = (): Promise<StandingStop[]> => get("/api/stop-orders");
export const orderStop = (order: { scope: string; reason: string; movement_id?: number; status_id?: number }): Promise<{ movement_ids: number[] }> =>
  post("/api/stop-orders", order);
export const liftStop = (stop_id: number, reason: string): Promise<unknown> => post(`/api/stop-orders/${stop_id}/lift`, { reason });

export interface Crossed {
  kind: "fence" | "status";
  subject_id: number;
  name: string;
  from_m: number;
  to_m: number;
  avoidable: boolean; // false: it was to be avoided, and no way goes around it
}

/** Incidents per 1,000 convoy-kilometres on a leg, with a 90 % interval; null: too little was driven there to say. */
export interface LegRate {
  from_name: string;
  to_name: string;
  from_m: number;
  to_m: number;
  per_1000_km: number | null;
  low_per_1000_km: number | null;
  high_per_1000_km: number | null;
}

export interface RouteOption {
  route: LatLon[];
  distance_m: number;
  duration_s: number;
  basis: unknown;
  shared_share?: number; // of its length in common with the first option
  off_road_m?: number;
  checkpoints?: unknown;
  crossings?: Crossed[];
  legs?: LegRate[];
  [other: string]: unknown;
}

export interface Wish {
  start: LatLon;
  via: LatLon[];
  end: LatLon;
  depart_at: string | null;
  avoid_fences: number[];
  avoid_statuses: boolean;
}

export const planRoutes = (wish: Wish): Promise<{ options: RouteOption[] }> => post("/api/routes/plan", wish);
export const stretchOf = (points: LatLon[]): Promise<LatLon[]> =>
  post<LatLon[] | { line: LatLon[] }>("/api/routes/stretch", { points }).then((a) => (Array.isArray(a) ? a : a.line));

/** Send a file as it is: the body is the file, not a form. */
export { upload } from "../api/client";
export { call };

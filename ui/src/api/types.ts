/** What the hub's HTTP API and live feed send. Times are RFC 3339 UTC; units are in the names. */

export type Role = "administrator" | "watch_officer" | "operator" | "partner";
export type Language = "en" | "ar" | "ckb";
export type Severity = "emergency" | "warning" | "notice";

export interface Me {
  user_name: string;
  role: Role;
  operator_id: number | null;
  csrf: string;
  language: Language;
  totp_enabled: boolean;
}

export interface Vehicle {
  vehicle_id: number;
  callsign: string;
  movement_id: number | null;
  fixed_at: string | null; // device's clock; null before the first fix
  received_at: string | null;
  contact_at: string | null;
  lat_deg: number | null;
  lon_deg: number | null;
  speed_mps: number | null;
  heading_deg: number | null;
  accuracy_m: number | null;
  source: string | null; // protocol/tracker
  flags: number;
  progress_m: number | null;
  offset_m: number | null;
  order: number | null;
  standing_since: string | null;
  disputed_since: string | null;
}

export interface Alert {
  alert_id: string;
  rule: string;
  severity: Severity;
  started_at: string;
  received_at: string;
  late: boolean;
  ended_at: string | null;
  vehicle_id: number | null;
  movement_id: number | null;
  lat_deg: number | null;
  lon_deg: number | null;
  facts: Record<string, number | string | boolean | null>;
  owner: string | null;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  snoozed_until: string | null;
  snooze_reason: string | null;
  closed_at: string | null;
  closed_by: string | null;
  close_reason: string | null;
}

export interface PlannedVehicle {
  vehicle_id: number;
  callsign: string;
  order: number;
  role: string;
}

export interface MovementSummary {
  movement_id: number;
  callsign: string;
  operator_id: number;
  operator_name: string;
  active_from: string;
  active_until: string;
  status: string;
  vehicles: PlannedVehicle[];
  version: number;
}

export interface LatLon {
  lat_deg: number;
  lon_deg: number;
}

export interface Checkpoint extends LatLon {
  name: string;
  planned_at: string | null;
  halt_s: number;
}

export interface PlanLimits {
  corridor_half_width_m: number;
  spacing_min_m: number;
  spacing_max_m: number;
  straggler_m: number;
  speed_limit_mps: number;
  silent_after_s: number;
  stopped_after_s: number;
}

export interface NewMovement extends PlanLimits {
  operator_id: number;
  callsign: string;
  route: LatLon[];
  vehicles: PlannedVehicle[];
  active_from: string;
  active_until: string;
  checkpoints: Checkpoint[];
}

export interface Movement extends NewMovement {
  movement_id: number;
  version: number;
  cancelled: boolean;
}

export interface FormationRow {
  vehicle_id: number;
  callsign: string;
  planned_order: number;
  actual_order: number | null;
  progress_m: number | null;
  gap_ahead_m: number | null;
  fix_age_s: number | null;
  dead_reckoned: boolean;
}

export interface Formation {
  at: string;
  rows: FormationRow[];
  length_m: number | null;
}

export interface Operator {
  operator_id: number;
  name: string;
}

export interface RosterVehicle {
  vehicle_id: number;
  operator_id: number;
  callsign: string;
  plate: string | null;
  kind: string | null;
  role: string;
  always_tracked: boolean;
}

export interface Tracker {
  tracker_id: number;
  identity: string;
  vehicle_id: number | null;
  authenticated: boolean;
}

export interface Quarantined {
  identity: string;
  protocol: string;
  remote: string;
  first_at: string;
  last_at: string;
  count: number;
  rejected_count: number;
  lat_deg: number | null;
  lon_deg: number | null;
}

export interface RejectedFrame {
  received_at: string;
  protocol: string;
  remote: string;
  reason: string;
  raw_hex: string;
  identity: string | null;
  rejected_id: number;
}

export interface RejectedGroup {
  protocol: string;
  shape: string; // of the reason: without what differs from frame to frame
  reason: string; // of the newest frame
  count: number;
  first_at: string;
  last_at: string;
  senders: string[]; // some of them: identities, else addresses without their ports
  sender_count: number;
}

export interface User {
  user_name: string;
  role: Role;
  operator_id: number | null;
  disabled: boolean;
  totp_enabled?: boolean;
  locked_until?: string | null;
}

export interface LogEntry {
  seq: number;
  at: string;
  actor: string;
  action: string;
  subject: string;
  details: Record<string, unknown>;
  leaf_hash: string;
}

export interface LogHead {
  size: number;
  root_hash: string;
  signed_at: string;
  signature: string;
  public_key: string;
}

export interface Fence {
  fence_id: number;
  name: string;
  kind: string;
  geometry: GeoJSON.Polygon;
}

export interface Place extends LatLon {
  name: string;
  name_ar: string | null;
  name_ckb: string | null;
  population: number | null;
  kind?: string | null;
}

export interface TrackTable {
  columns: string[];
  rows: (string | number | null)[][];
}

export interface History {
  vehicle_ids: number[];
  frames: HistoryFrame[];
}

export interface HistoryFrame {
  at: string;
  lat_deg: (number | null)[];
  lon_deg: (number | null)[];
  fix_age_s: (number | null)[];
}

export type LiveMessage =
  | { type: "hello"; epoch: string; version: number; server_time: string; whole: boolean }
  | { type: "vehicles"; version: number; rows: Vehicle[] }
  | { type: "alerts"; version: number; rows: Alert[] }
  | { type: "movements"; version: number; changed: number[] }
  | { type: "cases"; version: number; changed: number[] }
  | { type: "gone"; vehicle_ids: number[] }
  | { type: "beat"; version: number; server_time: string };

/** Bits of a position's flags that the console names; the numbers are the hub's (model Flag). */
export const FLAG_UNAUTHENTICATED = 1 << 9;
export const FLAG_BY_TEXT = 1 << 10;
export const FLAG_BY_VOICE = 1 << 11;
export const FLAG_LATE = 1 << 17;
export const FLAG_DISPUTED = 1 << 20;

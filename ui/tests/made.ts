/** Records for tests, whole, with only the told fields different. */
import type { Alert, MovementSummary, Vehicle } from "../src/api/types";

export const vehicle = (of: Partial<Vehicle>): Vehicle => ({
  vehicle_id: 1, callsign: "BAS-1", movement_id: null, fixed_at: null, received_at: null, contact_at: null, lat_deg: null,
  lon_deg: null, speed_mps: null, heading_deg: null, accuracy_m: null, source: null, flags: 0, progress_m: null,
  offset_m: null, order: null, standing_since: null, disputed_since: null, ...of,
});

export const alert = (of: Partial<Alert>): Alert => ({
  alert_id: "a", rule: "silent", severity: "warning", started_at: "2026-11-23T01:00:00Z", received_at: "2026-11-23T01:00:01Z",
  late: false, ended_at: null, vehicle_id: null, movement_id: null, lat_deg: null, lon_deg: null, facts: {}, owner: null,
  acknowledged_at: null, acknowledged_by: null, snoozed_until: null, snooze_reason: null, closed_at: null, closed_by: null,
  close_reason: null, ...of,
});

export const movement = (of: Partial<MovementSummary>): MovementSummary => ({
  movement_id: 1, callsign: "BASALT 21", operator_id: 1, operator_name: "Rafidain", active_from: "2026-11-23T00:00:00Z",
  active_until: "2026-11-23T12:00:00Z", status: "active", vehicles: [], version: 1, ...of,
});

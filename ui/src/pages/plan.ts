/** The movement form's draft and what may be wrong with it. Pure; the hub checks again. */

import type { Checkpoint, LatLon, Movement, NewMovement, PlanLimits, PlannedVehicle, RosterVehicle } from "../api/types";

export interface Draft {
  callsign: string;
  operator_id: number | null;
  from: string; // as a datetime-local field holds it, in UTC
  until: string;
  route: LatLon[];
  vehicles: PlannedVehicle[];
  checkpoints: Checkpoint[];
  limits: PlanLimits;
}

/** The hub's own defaults (model MovementPlan). */
export const DEFAULT_LIMITS: PlanLimits = {
  corridor_half_width_m: 500,
  spacing_min_m: 20,
  spacing_max_m: 400,
  straggler_m: 2000,
  speed_limit_mps: 27.8,
  silent_after_s: 120,
  stopped_after_s: 300,
};

/** Return what a datetime-local field shows for a moment, in UTC, to the minute. */
export function fieldOf(at_ms: number): string {
  return new Date(at_ms).toISOString().slice(0, 16);
}

/** Return RFC 3339 UTC of such a field; null when it is empty or no date. */
export function momentOf(field: string): string | null {
  const ms = Date.parse(`${field}Z`);
  return field === "" || Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

export function newDraft(now_ms: number): Draft {
  return {
    callsign: "",
    operator_id: null,
    from: fieldOf(now_ms),
    until: fieldOf(now_ms + 12 * 3_600_000),
    route: [],
    vehicles: [],
    checkpoints: [],
    limits: { ...DEFAULT_LIMITS },
  };
}

export function draftOf(plan: Movement): Draft {
  const { corridor_half_width_m, spacing_min_m, spacing_max_m, straggler_m, speed_limit_mps, silent_after_s, stopped_after_s } = plan;
  return {
    callsign: plan.callsign,
    operator_id: plan.operator_id,
    from: fieldOf(Date.parse(plan.active_from)),
    until: fieldOf(Date.parse(plan.active_until)),
    route: [...plan.route],
    vehicles: [...plan.vehicles].sort((a, b) => a.order - b.order),
    checkpoints: [...plan.checkpoints],
    limits: { corridor_half_width_m, spacing_min_m, spacing_max_m, straggler_m, speed_limit_mps, silent_after_s, stopped_after_s },
  };
}

export type DraftFault = "callsign" | "operator" | "window" | "route" | "vehicles" | "limits";

export function faultsOf(draft: Draft): DraftFault[] {
  const from = momentOf(draft.from);
  const until = momentOf(draft.until);
  const l = draft.limits;
  const faults: [DraftFault, boolean][] = [
    ["callsign", draft.callsign.trim() === ""],
    ["operator", draft.operator_id === null],
    ["window", from === null || until === null || from >= until],
    ["route", draft.route.length < 2],
    ["vehicles", draft.vehicles.length === 0],
    ["limits", Object.values(l).some((v) => !(v > 0)) || l.spacing_min_m >= l.spacing_max_m || l.spacing_max_m >= l.straggler_m],
  ];
  return faults.filter(([, wrong]) => wrong).map(([fault]) => fault);
}

/** Return the draft as the hub takes it; only for a draft without faults. */
export function planOfDraft(draft: Draft): NewMovement {
  return {
    callsign: draft.callsign.trim(),
    operator_id: draft.operator_id ?? 0,
    active_from: momentOf(draft.from) ?? "",
    active_until: momentOf(draft.until) ?? "",
    route: draft.route,
    vehicles: draft.vehicles,
    checkpoints: draft.checkpoints,
    ...draft.limits,
  };
}

export function withVehicle(vehicles: PlannedVehicle[], added: RosterVehicle): PlannedVehicle[] {
  return renumbered([...vehicles, { vehicle_id: added.vehicle_id, callsign: added.callsign, order: 0, role: added.role }]);
}

export function moved(vehicles: PlannedVehicle[], index: number, by: 1 | -1): PlannedVehicle[] {
  const other = index + by;
  const next = [...vehicles];
  const [a, b] = [next[index], next[other]];
  if (!a || !b) return vehicles;
  next[index] = b;
  next[other] = a;
  return renumbered(next);
}

export function renumbered(vehicles: PlannedVehicle[]): PlannedVehicle[] {
  return vehicles.map((v, i) => ({ ...v, order: i + 1 }));
}

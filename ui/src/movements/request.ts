/** The request while it is made: empty ones, times along the way, which step a finding belongs to. Pure. */

import type { Checkpoint, LatLon } from "../api/types";
import { alongM, progressM } from "../map/geometry";
import type { Finding, Leg, MovementRequest, NamedPlace } from "./types";

export const STEPS = ["who", "route", "vehicles", "crew", "cargo", "review"] as const;
export type Step = (typeof STEPS)[number];

export function newRequest(operator_id: number, depart_at: string | null = null): MovementRequest {
  return {
    operator_id,
    callsign: "",
    commander_id: null,
    contacts: [{ means: "radio", value: "" }, { means: "phone", value: "" }],
    origin: null,
    destination: null,
    depart_at,
    arrive_at: null,
    legs: [],
    route: [],
    checkpoints: [],
    alternates: [],
    vehicles: [],
    crew: [],
    passengers: 0,
    escort: { kind: "none", vehicles: 0, callsign: "", contact: "" },
    cargo_class: "general",
    cargo_note: "",
    permits: [],
    emergency_plan: "",
    recognition_signal: "",
    frequencies: "",
    actions_on_contact: "",
    releasable_to: [],
  };
}

/** Return the request as the hub takes it: rows of contacts that were left empty are left out, emptied numbers are 0. */
export function sentRequest(draft: MovementRequest): MovementRequest {
  const whole = (n: number | null): number => Math.max(0, Math.round(n ?? 0)); // an emptied number field holds null
  return {
    ...draft,
    callsign: draft.callsign.trim(),
    contacts: draft.contacts.filter((c) => c.value.trim() !== ""),
    passengers: whole(draft.passengers),
    escort: { ...draft.escort, vehicles: whole(draft.escort.vehicles) },
  };
}

/** A draft can be kept on the hub as soon as somebody and something is named. */
export function keepable(draft: MovementRequest): boolean {
  return draft.operator_id > 0 && draft.callsign.trim() !== "";
}

const STEP_OF: Record<string, Step> = {
  operator_id: "who", callsign: "who", depart_at: "who", arrive_at: "who", commander_id: "crew", contacts: "crew", crew: "crew",
  origin: "route", destination: "route", route: "route", legs: "route", checkpoints: "route", alternates: "route",
  vehicles: "vehicles", passengers: "crew",
};

/** Return the step where a finding can be mended. */
export function stepOf(finding: Finding): Step {
  return STEP_OF[finding.field.split(".")[0] ?? ""] ?? "cargo";
}

/** Return checkpoints in the order in which the route comes to them; without a route as they stand. */
export function inOrder(route: LatLon[], checkpoints: Checkpoint[]): Checkpoint[] {
  if (route.length < 2) return checkpoints;
  const along = alongM(route);
  const placed = checkpoints.map((c) => ({ c, at_m: progressM(route, along, c) ?? 0 }));
  return placed.sort((a, b) => a.at_m - b.at_m).map((p) => p.c);
}

/**
 * Return checkpoints with planned times spread by distance between departure and arrival, halts kept on top.
 * Nothing changes when either time or the route is missing, or when the halts take longer than the whole trip.
 */
export function spread(request: Pick<MovementRequest, "route" | "checkpoints" | "depart_at" | "arrive_at">): Checkpoint[] {
  const { route, checkpoints, depart_at, arrive_at } = request;
  if (route.length < 2 || depart_at === null || arrive_at === null) return checkpoints;
  const along = alongM(route);
  const whole_m = along.at(-1) ?? 0;
  const halts_ms = checkpoints.reduce((sum, c) => sum + c.halt_s * 1000, 0);
  const moving_ms = Date.parse(arrive_at) - Date.parse(depart_at) - halts_ms;
  if (whole_m === 0 || !(moving_ms > 0)) return checkpoints;
  let stood_ms = 0;
  return checkpoints.map((c) => {
    const at_m = progressM(route, along, c) ?? 0;
    const at_ms = Date.parse(depart_at) + moving_ms * (at_m / whole_m) + stood_ms;
    stood_ms += c.halt_s * 1000;
    return { ...c, planned_at: new Date(Math.round(at_ms / 60_000) * 60_000).toISOString() };
  });
}

/** Return the legs between the places that were chosen; one leg needs no list. */
export function legsOf(places: (NamedPlace | null)[]): Leg[] {
  const chosen = places.filter((p) => p !== null);
  if (chosen.length < 3) return [];
  return chosen.slice(1).map((end, i) => ({ start: chosen[i] as NamedPlace, end, depart_at: null, arrive_at: null }));
}

/** Return whether planned times rise along the order of checkpoints, from departure to arrival. */
export function timesRise(request: Pick<MovementRequest, "checkpoints" | "depart_at" | "arrive_at">): boolean {
  const times = [request.depart_at, ...request.checkpoints.map((c) => c.planned_at), request.arrive_at].filter((x) => x !== null).map((x) => Date.parse(x));
  return times.every((at, i) => i === 0 || at >= (times[i - 1] ?? 0));
}

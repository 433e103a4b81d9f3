/** The live picture as the views see it: plain maps plus counters that say "look again", at most a few times a second. */

import { get } from "../api/client";
import type { Alert, Movement, MovementSummary, Vehicle } from "../api/types";
import { setServerTime } from "../time/clock.svelte";
import { Link } from "./link";
import { Picture } from "./picture";

/** Views are told at most this often, however fast the feed is; the eye gains nothing past 5 Hz. */
const TELL_EVERY_MS = 200;

const picture = new Picture();
const seen = $state({
  vehicles: 0, // counters: bumped when the maps changed
  alerts: 0,
  movements: 0,
  up: false,
  everUp: false,
  lost_at_ms: null as number | null, // local clock of the last message before the link was lost
});
let movements = $state.raw<Map<number, MovementSummary>>(new Map());
let plans = $state.raw<Map<number, Movement>>(new Map());
let onAlerts: ((alerts: Alert[]) => void) | null = null;
let onCases: ((changed: number[]) => void) | null = null;
let toldVehicles = false;
let telling: ReturnType<typeof setTimeout> | null = null;

function tellSoon(): void {
  telling ??= setTimeout(() => {
    telling = null;
    seen.vehicles += 1;
    toldVehicles = false;
  }, TELL_EVERY_MS);
}

const link = new Link({
  cursor: () => picture.cursor,
  up() {
    seen.up = true;
    seen.everUp = true;
    seen.lost_at_ms = null;
    onCases?.([]);
    seen.movements += 1; // whatever changed while the link was down was not told
    void refreshMovements();
  },
  down(last_heard_ms) {
    seen.up = false;
    seen.lost_at_ms ??= last_heard_ms ?? Date.now();
    // An ended session closes the link as well: ask, so that the login comes up instead of endless retries.
    void get("/api/me").catch((fault: { status?: number }) => {
      if (fault.status === 401) sessionGone?.();
    });
  },
  message(message) {
    const changed = picture.apply(message);
    if (changed.server_time !== null) setServerTime(changed.server_time);
    if (changed.vehicles) toldVehicles = true;
    if (changed.alerts.length > 0 || (message.type === "hello" && message.whole)) {
      // Alerts do not wait for the next telling.
      seen.alerts += 1;
      onAlerts?.(changed.alerts);
    }
    if (changed.cases.length > 0) onCases?.(changed.cases);
    if (changed.movements.length > 0) {
      seen.movements += 1;
      void refreshMovements(changed.movements);
    }
    if (toldVehicles) tellSoon();
  },
});

let sessionGone: (() => void) | null = null;

export function startLive(act: {
  alerts: (alerts: Alert[]) => void;
  /** Distress cases that changed; an empty list when any may have, because the link was down. */
  cases: (changed: number[]) => void;
  sessionGone: () => void;
}): void {
  onAlerts = act.alerts;
  onCases = act.cases;
  sessionGone = act.sessionGone;
  link.start();
  addEventListener("online", () => link.retryNow());
}

export function stopLive(): void {
  link.stop();
}

/** Fetch the list of movements again, and the plans among `changed` that were already looked at. */
export async function refreshMovements(changed: number[] = []): Promise<void> {
  const list = await get<MovementSummary[]>("/api/movements").catch(() => null);
  if (list) movements = new Map(list.map((m) => [m.movement_id, m]));
  for (const id of changed) if (plans.has(id)) await fetchPlan(id).catch(() => null);
}

async function fetchPlan(movement_id: number): Promise<Movement> {
  const plan = await get<Movement>(`/api/movements/${movement_id}`);
  plans = new Map(plans).set(movement_id, plan);
  return plan;
}

/** Return the plan of a movement, fetched once and kept until the feed says that it changed. */
export async function planOf(movement_id: number): Promise<Movement> {
  return plans.get(movement_id) ?? (await fetchPlan(movement_id));
}

/** Return the plan if it is here already; reactive. */
export function planIfHere(movement_id: number | null): Movement | null {
  return movement_id === null ? null : (plans.get(movement_id) ?? null);
}

/** Replace an alert by the hub's answer to a decision, without waiting for the feed. */
export function putAlert(alert: Alert): void {
  picture.alerts.set(alert.alert_id, alert);
  seen.alerts += 1;
}

export const live = {
  /** Vehicles by id; reactive through the counter. */
  get vehicles(): ReadonlyMap<number, Vehicle> {
    void seen.vehicles;
    return picture.vehicles;
  },
  get vehicleTicks(): number {
    return seen.vehicles;
  },
  get alerts(): ReadonlyMap<string, Alert> {
    void seen.alerts;
    return picture.alerts;
  },
  get movements(): ReadonlyMap<number, MovementSummary> {
    return movements;
  },
  /** Rises whenever the hub told of changed movements: plans, sheets, statuses of roads, stop orders. */
  get movementTicks(): number {
    return seen.movements;
  },
  get up(): boolean {
    return seen.up;
  },
  get everUp(): boolean {
    return seen.everUp;
  },
  get lost_at_ms(): number | null {
    return seen.lost_at_ms;
  },
};

/** An alert in words: what it is, about whom, and the measured value beside its limit. */

import type { Alert } from "../api/types";
import { t, tOr } from "../i18n/i18n.svelte";
import { live } from "../live/live.svelte";
import { ageText } from "../time/age";
import { isSilent } from "./order";

export function ruleWords(alert: Alert): string {
  if (alert.rule === "distress") {
    const kind = alert.facts["kind"];
    const words = typeof kind === "string" ? tOr(`distress-${kind}`, t("rule-distress")) : t("rule-distress");
    return isSilent(alert) ? t("distress-silent", { what: words }) : words;
  }
  return tOr(`rule-${alert.rule}`, alert.rule);
}

/** Return the callsign of the vehicle, or its number when the roster has none here; null without a vehicle. */
export function vehicleName(vehicle_id: number | null, movement_id: number | null): string | null {
  if (vehicle_id === null) return null;
  const here = live.vehicles.get(vehicle_id)?.callsign;
  if (here) return here;
  const planned = movement_id === null ? undefined : live.movements.get(movement_id);
  return planned?.vehicles.find((v) => v.vehicle_id === vehicle_id)?.callsign ?? `#${vehicle_id}`;
}

export function movementName(movement_id: number | null): string | null {
  return movement_id === null ? null : (live.movements.get(movement_id)?.callsign ?? `#${movement_id}`);
}

/** Return a quantity written for people, by the unit its name ends in; null for what is no quantity. */
export function quantity(name: string, value: unknown): string | null {
  if (typeof value !== "number") return null;
  if (name.endsWith("_mps")) return `${Math.round(value * 3.6)} km/h`;
  if (name.endsWith("_m")) return value >= 10_000 ? `${(value / 1000).toFixed(1)} km` : `${Math.round(value)} m`;
  if (name.endsWith("_s")) return ageText(value);
  if (name.endsWith("_deg")) return `${Math.round(value)}°`;
  return null;
}

/** Return the facts as "measured (limit …)" pieces, for example ["112 km/h", "limit 100 km/h"]. */
export function factWords(alert: Alert): string[] {
  const pieces: string[] = [];
  for (const [name, value] of Object.entries(alert.facts)) {
    const said = quantity(name, value);
    if (said !== null) {
      const key = name.startsWith("limit_") ? "fact-limit" : `fact-${name.replace(/_(mps|m|s|deg)$/, "").replaceAll("_", "-")}`;
      pieces.push(tOr(key, said, { value: said }));
    } else if (name === "fence" || name === "name" || name === "fence_name") pieces.push(String(value));
    else if (name === "identity") pieces.push(String(value));
  }
  return pieces;
}

export function wordsOf(alert: Alert): string {
  return [
    ruleWords(alert),
    vehicleName(alert.vehicle_id, alert.movement_id) ?? "",
    movementName(alert.movement_id) ?? "",
    alert.owner ?? "",
    ...factWords(alert),
  ].join(" ");
}

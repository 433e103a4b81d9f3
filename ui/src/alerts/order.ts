/** In which order alerts are shown, and which of them a filter leaves. Pure. */

import type { Alert, Severity } from "../api/types";

export type Show = "open" | "mine" | "snoozed" | "closed";

export interface AlertFilter {
  show: Show;
  severities: ReadonlySet<Severity>;
  text: string;
}

const RANK: Record<Severity, number> = { emergency: 0, warning: 1, notice: 2 };

export function isOpen(alert: Alert): boolean {
  return alert.closed_at === null;
}

export function isSnoozed(alert: Alert, now_ms: number): boolean {
  return isOpen(alert) && alert.snoozed_until !== null && Date.parse(alert.snoozed_until) > now_ms;
}

/** A call for help stays on top whether or not its severity was lowered (a "delay" button is still a call). */
export function isDistress(alert: Alert): boolean {
  return alert.rule === "distress";
}

/** A silent call must not be heard at the desk, in case the line to the cab is open. */
export function isSilent(alert: Alert): boolean {
  const said = alert.facts["silent"];
  return said === true || said === 1 || said === "true" || said === "yes" || said === "1";
}

/** Return below 0 when `a` comes first: distress, then severity, unacknowledged, newest start; id breaks ties. */
export function compareAlerts(a: Alert, b: Alert): number {
  return (
    Number(isDistress(b)) - Number(isDistress(a)) ||
    RANK[a.severity] - RANK[b.severity] ||
    Number(a.acknowledged_at !== null) - Number(b.acknowledged_at !== null) ||
    Date.parse(b.started_at) - Date.parse(a.started_at) ||
    (a.alert_id < b.alert_id ? -1 : 1)
  );
}

function shown(alert: Alert, show: Show, me: string, now_ms: number): boolean {
  if (show === "closed") return !isOpen(alert);
  if (!isOpen(alert)) return false;
  if (show === "snoozed") return isSnoozed(alert, now_ms);
  if (show === "mine") return alert.owner === me;
  // A distress call cannot be put out of sight by snoozing: snoozing stops its reminders, never its row.
  return isDistress(alert) || !isSnoozed(alert, now_ms);
}

/** Return the alerts that a filter leaves, in order. `wordsOf` gives the text that a search looks in. */
export function queueOf(
  alerts: Iterable<Alert>,
  filter: AlertFilter,
  who: { me: string; now_ms: number; wordsOf: (alert: Alert) => string },
): Alert[] {
  const wanted = filter.text.trim().toLowerCase();
  return [...alerts]
    .filter(
      (a) =>
        shown(a, filter.show, who.me, who.now_ms) &&
        filter.severities.has(a.severity) &&
        (wanted === "" || who.wordsOf(a).toLowerCase().includes(wanted)),
    )
    .sort(compareAlerts);
}

/** Return the distress calls that must sound: open, loud, and acknowledged by nobody. */
export function sounding(alerts: Iterable<Alert>): Alert[] {
  return [...alerts].filter(
    (a) => isDistress(a) && isOpen(a) && a.acknowledged_at === null && a.severity === "emergency" && !isSilent(a),
  );
}

/** Return the alert of the highest rank, null of none. */
export function worst(alerts: Alert[]): Alert | null {
  return alerts.reduce<Alert | null>((top, a) => (top === null || compareAlerts(a, top) < 0 ? a : top), null);
}

/** The alert queue as the desk works it: filter, selection, and what a new alert makes heard and read out. */

import { get } from "../api/client";
import type { Alert, Severity } from "../api/types";
import { cases } from "../distress/cases.svelte";
import { awaited, isGrouped } from "../distress/order";
import type { CaseView } from "../distress/types";
import { session } from "../session/session.svelte";
import { live, putAlert } from "../live/live.svelte";
import { hubNow, ticking } from "../time/clock.svelte";
import { t } from "../i18n/i18n.svelte";
import { type AlertFilter, isOpen, isSilent, queueOf, type Show, sounding } from "./order";
import { setDistressSounding, soundWarning } from "./sound.svelte";
import { movementName, ruleWords, vehicleName, wordsOf } from "./words";

const ALL: Severity[] = ["emergency", "warning", "notice"];

const state = $state({
  show: "open" as Show,
  text: "",
  severities: [...ALL] as Severity[],
  movement_id: null as number | null,
  selected: null as string | null,
  said: "", // for the live region
});
const announced = new Set<string>();

export const queue = {
  get show(): Show {
    return state.show;
  },
  set show(show: Show) {
    state.show = show;
    if (show === "closed") void loadClosed();
  },
  get text(): string {
    return state.text;
  },
  set text(text: string) {
    state.text = text;
  },
  get selected(): string | null {
    return state.selected;
  },
  set selected(alert_id: string | null) {
    state.selected = alert_id;
  },
  get said(): string {
    return state.said;
  },
  has(severity: Severity): boolean {
    return state.severities.includes(severity);
  },
  toggle(severity: Severity): void {
    const left = state.severities.includes(severity)
      ? state.severities.filter((s) => s !== severity)
      : [...state.severities, severity];
    // Emergencies cannot be filtered away.
    state.severities = left.includes("emergency") ? left : ["emergency", ...left];
  },
};

/** Return the alerts to show, in order. Snoozes end by the clock, so this follows the ticking. */
export function shownAlerts(): Alert[] {
  const filter: AlertFilter = { show: state.show, severities: new Set(state.severities), text: state.text };
  const views = [...cases.all.values()];
  const storms = views.some((v) => v.case.storm);
  const alone = storms ? [...live.alerts.values()].filter((a) => !isGrouped(a, views)) : live.alerts.values();
  return queueOf(alone, filter, { me: session.me?.user_name ?? "", now_ms: ticking(), wordsOf });
}

/** Return the open groups of a storm: one line stands for all their calls. */
export function openStorms(): CaseView[] {
  return [...cases.all.values()].filter((v) => v.case.storm);
}

export function openAlertsOf(movement_id: number): Alert[] {
  return [...live.alerts.values()].filter((a) => a.movement_id === movement_id && isOpen(a));
}

/** Move the selection by one in the shown queue; return the selected alert. */
export function moveSelection(by: 1 | -1): Alert | null {
  const shown = shownAlerts();
  if (shown.length === 0) return null;
  const at = shown.findIndex((a) => a.alert_id === state.selected);
  const next = at === -1 ? (by === 1 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by));
  state.selected = shown[next]?.alert_id ?? null;
  return shown[next] ?? null;
}

export function selectedAlert(): Alert | null {
  return state.selected === null ? null : (live.alerts.get(state.selected) ?? null);
}

/** Take note of alerts the feed brought: sound, and words for people who do not see the screen. */
export function hearAlerts(alerts: Alert[]): void {
  rehear();
  const fresh = alerts.filter((a) => isOpen(a) && a.acknowledged_at === null && !announced.has(a.alert_id));
  for (const alert of alerts) announced.add(alert.alert_id);
  if (fresh.length === 0) return;
  const soon = fresh.filter((a) => hubNow() - Date.parse(a.received_at) < 120_000);
  if (soon.some((a) => a.severity === "warning")) soundWarning();
  const top = soon.filter((a) => !isSilent(a)).slice(0, 3);
  if (top.length === 0) return;
  state.said = top
    .map((a) => t("alert-said", {
      what: ruleWords(a),
      who: vehicleName(a.vehicle_id, a.movement_id) ?? "–",
      convoy: movementName(a.movement_id) ?? "–",
    }))
    .join(" ");
}

/** Run after any change to an alert or a case, so that the sound stops when a named person has it. */
export function rehear(): void {
  setDistressSounding(sounding(live.alerts.values()).length > 0 || awaited(cases.all.values()).length > 0);
}

async function loadClosed(): Promise<void> {
  const all = await get<Alert[]>("/api/alerts?state=all&limit=200").catch(() => []);
  for (const alert of all) if (!live.alerts.has(alert.alert_id)) putAlert(alert);
}

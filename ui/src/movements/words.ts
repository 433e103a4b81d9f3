/** Words and tones of sheets: states, findings, times. */

import { t, tOr } from "../i18n/i18n.svelte";
import { dtgShort, dtgZulu } from "../time/dtg";
import type { Finding, MovementState, Notice } from "./types";

export type Tone = "quiet" | "work" | "go" | "move" | "wait" | "grave" | "done";

const TONES: Record<MovementState, Tone> = {
  draft: "quiet", submitted: "work", "under-review": "work", deconflicted: "work", returned: "wait", denied: "done", approved: "go",
  briefed: "go", departed: "move", "en-route": "move", halted: "wait", diverted: "move", overdue: "wait", "lost-contact": "grave",
  "in-contact": "grave", arrived: "go", aborted: "done", cancelled: "done", closed: "done",
};

export const toneOf = (state: MovementState): Tone => TONES[state] ?? "quiet";
export const stateWords = (state: string): string => tOr(`sheet-state-${state}`, state);

/** Return a finding in words; what the hub saw and expected stands behind it when there are no words for the code. */
export function findingWords(finding: Finding): string {
  const facts = Object.fromEntries(Object.entries(finding.facts).map(([name, value]) => [name, shownFact(name, value)]));
  const words = tOr(`sheet-finding-${finding.code}`, finding.code);
  const field = finding.code === "field-missing" ? tOr(`sheet-part-${finding.field.replaceAll("_", "-")}`, finding.field) : null;
  const behind = Object.entries(facts).map(([name, value]) => `${tOr(`sheet-fact-${name.replaceAll("_", "-")}`, name)} ${value}`);
  return [field === null ? words : `${words} ${field}`, behind.join(" · ")].filter((x) => x !== "").join(" – ");
}

export function noticeWords(notice: Notice): string {
  const name = notice.facts["name"] ?? notice.facts["kind"] ?? "";
  return [tOr(`sheet-notice-${notice.code}`, notice.code), String(name)].filter((x) => x !== "").join(": ");
}

function shownFact(name: string, value: string | number): string {
  if (typeof value === "number") return String(Math.round(value * 10) / 10);
  return /_at$|until$|_from$/.test(name) && !Number.isNaN(Date.parse(value)) ? dtgZulu(new Date(value)) : value;
}

export const dtg = (at: string | null): string => (at === null ? "–" : dtgZulu(new Date(at)));
export const shortTime = (at: string | null, now_ms: number): string => (at === null ? "–" : dtgShort(new Date(at), new Date(now_ms)));

/** Return hours and minutes of a length of time: "6 h 05". */
export function lasting(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return t("sheet-lasting", { hours: Math.floor(minutes / 60), minutes: String(minutes % 60).padStart(2, "0") });
}

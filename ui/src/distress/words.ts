/** Words of cases: what happened, who calls, how a call came. */

import { t, tOr } from "../i18n/i18n.svelte";
import type { CaseCall, CaseView } from "./types";

export const kindWords = (kind: string): string => tOr(`distress-${kind}`, kind);
export const stateWords = (state: string): string => tOr(`case-state-${state}`, state);
export const stepWords = (step: string): string => tOr(`case-step-${step}`, step);
export const channelWords = (channel: string): string => tOr(`case-channel-${channel}`, channel);

/** Return who calls: the convoy and its vehicles, a storm of strangers, or what is claimed. */
export function whoWords(view: CaseView): string {
  const c = view.case;
  const names = Object.values(view.callsigns).join(", ");
  if (c.storm) return t("case-storm");
  if (view.convoy !== "") return names === "" ? view.convoy : `${view.convoy}: ${names}`;
  if (names !== "") return names;
  return c.identities[0] ?? t("case-unknown-caller");
}

/** Return what has to be said of a call besides its kind. */
export function callNotes(call: CaseCall, view: CaseView): string[] {
  const notes: string[] = [];
  if (call.standing !== "known") notes.push(t(`case-standing-${call.standing}`));
  if (call.silent) notes.push(t("case-silent"));
  const clock = view.clocks[call.alert_id];
  if (clock) notes.push(t(`case-clock-${clock.clock}`, { off: offWords(clock.off_s) }));
  return notes;
}

export function offWords(off_s: number): string {
  const minutes = Math.round(off_s / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

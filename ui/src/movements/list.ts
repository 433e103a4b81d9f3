/** Which sheets a list shows. Pure. */

import type { MovementState, SheetSummary } from "./types";

export type Which = "open" | "asked" | "moving" | "marked" | "all";

const ASKED = new Set<MovementState>(["submitted", "under-review", "deconflicted", "returned"]);
const MOVING = new Set<MovementState>(["departed", "en-route", "halted", "diverted", "overdue", "lost-contact", "in-contact"]);
const GRAVE: MovementState[] = ["in-contact", "lost-contact", "overdue"];

export const isMoving = (state: MovementState): boolean => MOVING.has(state);

export function needles(wanted: string): string[] {
  return wanted.toLowerCase().split(/\s+/).filter((w) => w !== "");
}

/** Return the sheets of a list that match every word, those in danger first, then late ones, then as the hub sent them. */
export function kept(sheets: readonly SheetSummary[], which: Which, words: string[]): SheetSummary[] {
  const rank = (s: SheetSummary): number => {
    const grave = GRAVE.indexOf(s.state);
    return grave >= 0 ? grave : s.stop ? 3 : s.late ? 4 : 5;
  };
  return sheets
    .filter((s) => belongs(s, which))
    .filter((s) => {
      const text = `${s.callsign} ${s.operator_name} ${s.origin} ${s.destination} ${s.centre}`.toLowerCase();
      return words.every((w) => text.includes(w));
    })
    .map((s, i) => ({ s, i }))
    .sort((a, b) => rank(a.s) - rank(b.s) || a.i - b.i)
    .map((x) => x.s);
}

function belongs(s: SheetSummary, which: Which): boolean {
  if (which === "asked") return ASKED.has(s.state);
  if (which === "moving") return MOVING.has(s.state);
  if (which === "marked") return s.late || s.stop || s.flags > 0 || GRAVE.includes(s.state);
  return true;
}

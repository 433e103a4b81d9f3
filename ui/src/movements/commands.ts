/** What may be done to a sheet, and what each deed asks for: one table. The hub says which are allowed. Pure. */

import type { MovementState } from "./types";

export type FieldKind = "text" | "area" | "means" | "yes" | "count" | "hours" | "moment" | "checkpoint" | "roll" | "authority" | "centre" | "outcome" | "way";

export interface Field {
  name: string;
  kind: FieldKind;
  needed: boolean;
}

const field = (name: string, kind: FieldKind, needed = true): Field => ({ name, kind, needed });
const why = field("reason", "area");

/** Fields by command, in the order of the flow; `edit` has its own page. */
export const FORMS: Readonly<Record<string, Field[]>> = {
  submit: [],
  review: [],
  deconflict: [field("note", "area", false)],
  "decide-go": [why],
  "decide-no-go": [why],
  brief: [field("read_back_by", "text")],
  "roll-call": [field("roll", "roll"), field("people", "count", false), field("note", "text", false)],
  depart: [field("at", "moment", false)],
  "pass-checkpoint": [field("checkpoint", "checkpoint"), field("means", "means"), field("at", "moment", false)],
  halt: [why, field("at", "moment", false)],
  resume: [field("at", "moment", false)],
  arrive: [field("confirmed_by", "text"), field("at", "moment", false)],
  close: [field("outcome", "outcome"), field("authority", "authority", false), field("hours_lost", "hours", false), field("reason", "area", false)],
  "try-contact": [field("means", "means"), field("answered", "yes"), field("note", "text", false)],
  "regain-contact": [field("means", "means"), field("note", "text", false)],
  "offer-handover": [field("to_centre", "centre")],
  "confirm-handover": [field("means", "means")],
  divert: [field("route", "way"), why],
  overdue: [why],
  "lose-contact": [why],
  "in-contact": [why],
  "acknowledge-stop": [],
  "lift-stop": [why],
  stop: [why],
  dissent: [field("text", "area")],
  return: [why],
  deny: [why, field("authority", "authority", false)],
  abort: [why],
  cancel: [why],
  "request-clearance": [field("authority", "authority"), field("note", "text", false)],
  "acknowledge-clearance": [field("authority", "authority"), field("receipt", "text")],
  "grant-clearance": [field("authority", "authority"), field("receipt", "text"), field("note", "text", false)],
  "object-clearance": [field("authority", "authority"), field("note", "area"), field("receipt", "text", false)],
};

/** Given on the clearances board, not in the row of buttons. */
const ON_BOARD = new Set(["request-clearance", "acknowledge-clearance", "grant-clearance", "object-clearance"]);

/** Deeds that end or endanger something: they stand apart and in another colour. */
export const GRAVE = new Set(["deny", "decide-no-go", "cancel", "abort", "stop", "in-contact", "lose-contact", "overdue", "return"]);

/** What usually comes next from a state. */
const NEXT: Partial<Record<MovementState, string>> = {
  draft: "submit",
  returned: "submit",
  submitted: "review",
  "under-review": "deconflict",
  deconflicted: "decide-go",
  approved: "brief",
  briefed: "depart",
  departed: "pass-checkpoint",
  "en-route": "pass-checkpoint",
  halted: "resume",
  diverted: "pass-checkpoint",
  overdue: "try-contact",
  "lost-contact": "regain-contact",
  "in-contact": "try-contact",
  arrived: "close",
  denied: "close",
  cancelled: "close",
  aborted: "close",
};

export interface Deeds {
  next: string | null;
  usual: string[];
  grave: string[];
}

/** Return the allowed commands as the page shows them: the usual next one, the others by the flow, the grave ones. */
export function deedsOf(allowed: readonly string[], state: MovementState): Deeds {
  const may = new Set(allowed.flatMap((tag) => (tag === "decide" ? ["decide-go", "decide-no-go"] : [tag])));
  const shown = Object.keys(FORMS).filter((tag) => may.has(tag) && !ON_BOARD.has(tag));
  const wanted = NEXT[state] ?? null;
  const next = wanted !== null && may.has(wanted) ? wanted : null;
  const others = shown.filter((tag) => tag !== next);
  return { next, usual: others.filter((tag) => !GRAVE.has(tag)), grave: others.filter((tag) => GRAVE.has(tag)) };
}

export type Values = Record<string, unknown>;

/** Return the command as the hub takes it; what was left empty is left out. */
export function commandOf(tag: string, values: Values): Values {
  const said = Object.fromEntries(Object.entries(values).filter(([, v]) => v !== "" && v !== null && v !== undefined));
  if (tag === "decide-go" || tag === "decide-no-go") return { type: "decide", go: tag === "decide-go", ...said };
  return { type: tag, ...said };
}

/** Commands decided on a version that was read; the others are notes of what happened. */
const ON_VERSION = new Set(["edit", "submit", "review", "return", "deny", "deconflict", "decide", "divert", "cancel", "close"]);

export function needsVersion(command: Values): boolean {
  return ON_VERSION.has(String(command["type"]));
}

/** Records of the watch as the hub tells them. */

export interface OpenItem {
  kind: string;
  item_id: string;
  text: string;
  since: string | null;
  note: string;
}

export interface Turn {
  user_name: string;
  taken_at: string;
  before: string;
  reason: string;
  hand_over_id: number | null;
}

export interface Shift {
  user_name: string;
  begins_at: string;
  ends_at: string;
  lead: boolean;
  planned_by: string;
}

export interface HandOver {
  number: number;
  sheet: { outgoing: string; closed_at: string; items: OpenItem[]; note: string; ticked: string[]; state: "closed" | "signed"; incoming: string; signed_at: string | null };
  unticked: string[];
  opened_since: OpenItem[];
}

export interface TurnView {
  turn: Turn | null;
  until: string | null;
  overrun: boolean;
  order_waits: boolean;
}

export interface WatchView extends Omit<TurnView, "order_waits"> {
  at: string;
  shifts: { number: number; shift: Shift }[];
  officers: string[];
  hand_over: HandOver | null;
  open: OpenItem[];
}

export interface WatchEntry {
  key: string;
  at: string;
  happened_at: string;
  who: string;
  what: string;
  about: string;
  text: string;
  details: Record<string, unknown>;
  seq: number | null;
  corrects: number | null;
  corrected_by: number | null;
}

export interface TaskView {
  number: number;
  overdue: boolean;
  task: { text: string; owner: string; due_at: string; about: string; state: "open" | "done" | "dropped"; steps: { at: string; by: string; command: string; owner: string; reason: string }[] };
}

export interface LineView {
  number: number;
  next_at: string;
  missed: number;
  heard_at: string | null;
  line: { callsign: string; net: string; means: string; about: string };
}

export interface RollView {
  number: number;
  complete: boolean;
  roll: { scope: string; called_at: string; called_by: string; lines: { about: string; name: string; answer: "present" | "absent" | "unknown" | null; at: string | null; by: string; note: string }[] };
}

export interface ContactView {
  at: string;
  lines: LineView[];
  rolls: RollView[];
  numbers: { name: string; kind: string; text: string; contacts: { means: string; value: string }[] }[];
}

export interface ReadinessView {
  at: string;
  centres: { number: number | null; name: string; own: boolean; up: boolean; since: string | null; heard_at: string | null; behind: number; on_watch: string; on_watch_since: string | null }[];
  teams: { team_id: number; name: string; readiness: string; resting_until: string | null; place_at: string | null; tasked: boolean; note: string }[];
  vehicles: number;
  heard: number;
  silent: number;
  overdue_tasks: number;
  missed_checks: number;
  waiting_messages: number;
}

export interface BriefNumber {
  name: string;
  value: number;
  unit: string;
  keys: string[];
  before: number | null;
  few: boolean;
}

export interface Brief {
  kind: "sitrep" | "intsum" | "hand-over";
  since: string;
  until: string;
  as_at: string;
  sections: { name: string; numbers: BriefNumber[]; lines: { at: string | null; text: string; keys: string[] }[] }[];
  unknown: string[];
}

export interface BriefView {
  number: number;
  corrected_by: number | null;
  issued: { brief: Brief; assessment: string; remarks: string; issued_by: string; issued_at: string; sha256: string; corrects: number | null };
}

/** Distress cases as the hub sends them. */

export type CaseState = "raised" | "delivered" | "acknowledged" | "verifying" | "confirmed" | "false" | "test" | "responding" | "resolved";

export interface CaseCall {
  alert_id: string;
  identity: string;
  channel: string;
  standing: "known" | "unverified" | "wiped";
  kind: string;
  raised_at: string; // device's clock
  received_at: string; // hub's clock
  vehicle_id: number | null;
  movement_id: number | null;
  lat_deg: number | null;
  lon_deg: number | null;
  silent: boolean;
}

export interface CaseDelivery {
  desk: string;
  reason: string;
  due_at: string;
  told_at: string | null;
  shown_at: string | null;
  shown_by: string;
}

export interface LadderStep {
  raise_count: number;
  step: string;
  round: number;
  due_at: string;
  taken_at: string;
  desks: string[];
  contacts: number;
}

export interface CaseEntry {
  at: string;
  by: string;
  what: string;
  state: CaseState;
  note: string;
  check: string;
  result: string;
}

export interface DistressCase {
  case_id: number;
  version: number;
  state: CaseState;
  kind: string;
  storm: boolean;
  opened_at: string;
  raised_at: string;
  ladder_from: string;
  raise_count: number;
  call_count: number;
  last_call_at: string;
  vehicle_ids: number[];
  movement_id: number | null;
  identities: string[];
  lat_deg: number | null;
  lon_deg: number | null;
  silent: boolean;
  unverified: boolean;
  acknowledged_at: string | null;
  acknowledged_by: string;
  verdict: CaseState | null;
  verdict_at: string | null;
  verdict_by: string;
  verdict_reason: string;
  resolved_at: string | null;
  resolved_by: string;
  resolve_reason: string;
  calls: CaseCall[];
  deliveries: CaseDelivery[];
  steps: LadderStep[];
  entries: CaseEntry[];
}

export interface OutMessage {
  message_id: number;
  desk: string;
  recipient: string;
  means: string;
  address: string;
  state: "held" | "waiting" | "sent" | "given-up" | "stopped";
  created_at: string;
  next_try_at: string | null;
  attempts: number;
  last_error: string;
  tried_at: string | null;
  sent_at: string | null;
}

export interface CaseView {
  case: DistressCase;
  convoy: string;
  callsigns: Record<string, string>;
  allowed: string[];
  next_step: string | null;
  next_at: string | null;
  clocks: Record<string, { clock: "ahead" | "late-or-behind"; off_s: number }>;
  messages: OutMessage[];
  desks: string[];
}

export interface InboundText {
  text_id: number;
  received_at: string;
  sender: string;
  text: string;
  kind: string;
  known: boolean;
  alert_id: string | null;
  note: string;
  posrep: PosRep | null;
}

/** What was read of a message as a report of a position; `read` means that it is on the map. */
export interface PosRep {
  code: string;
  lat_deg: number | null;
  lon_deg: number | null;
  accuracy_m: number | null;
  fixed_at: string | null;
  place: string;
  when: string;
  unread: string;
}

export interface CaseRates {
  raised: number;
  confirmed: number;
  false: number;
  test: number;
  undecided: number;
  confirmed_share: number | null;
  acknowledged: number;
  within_minute: number;
  wait_median_s: number | null;
  wait_p95_s: number | null;
}

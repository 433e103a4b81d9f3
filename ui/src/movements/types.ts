/** Tracking sheets, requests, roads and papers as the hub's API sends them. Times are RFC 3339 UTC. */

import type { Checkpoint, LatLon, PlannedVehicle } from "../api/types";

export const STATES = [
  "draft", "submitted", "under-review", "deconflicted", "returned", "denied", "approved", "briefed", "departed", "en-route",
  "halted", "diverted", "overdue", "lost-contact", "in-contact", "arrived", "aborted", "cancelled", "closed",
] as const;
export type MovementState = (typeof STATES)[number];

export const MEANS = ["radio", "phone", "satellite-phone", "sms", "app", "tracker", "other"] as const;
export type ContactMeans = (typeof MEANS)[number];
export const CREW_ROLES = ["commander", "driver", "co-driver", "escort", "medic", "passenger", "other"] as const;
export const CARGO = [
  "general", "food", "water", "medical", "fuel", "construction", "vehicles", "ammunition", "hazardous", "passengers", "empty", "other",
] as const;
export const ESCORTS = ["none", "own", "contracted", "police", "army", "other"] as const;
export const OUTCOMES = ["facilitated", "impeded", "delayed", "denied", "cancelled"] as const;

export interface NamedPlace extends LatLon {
  name: string;
}

export interface Contact {
  means: ContactMeans;
  value: string;
}

export interface Leg {
  start: NamedPlace;
  end: NamedPlace;
  depart_at: string | null;
  arrive_at: string | null;
}

export interface CrewMember {
  person_id: number;
  vehicle_id: number;
  role: string;
}

export interface MovementRequest {
  operator_id: number;
  callsign: string;
  commander_id: number | null;
  contacts: Contact[];
  origin: NamedPlace | null;
  destination: NamedPlace | null;
  depart_at: string | null;
  arrive_at: string | null;
  legs: Leg[];
  route: LatLon[];
  checkpoints: Checkpoint[];
  alternates: { name: string; route: LatLon[] }[];
  vehicles: PlannedVehicle[];
  crew: CrewMember[];
  passengers: number;
  escort: { kind: string; vehicles: number; callsign: string; contact: string };
  cargo_class: string;
  cargo_note: string;
  permits: number[];
  emergency_plan: string;
  recognition_signal: string;
  frequencies: string;
  actions_on_contact: string;
  releasable_to: string[];
}

export interface Finding {
  code: string;
  blocks: boolean;
  field: string;
  facts: Record<string, string | number>;
}

export interface Clearance {
  authority: string;
  why: string;
  state: "needed" | "requested" | "acknowledged" | "cleared" | "objected";
  requested_at: string | null;
  acknowledged_at: string | null;
  decided_at: string | null;
  receipt: string;
  note: string;
  by: string;
}

export interface Transition {
  at: string;
  by: string;
  command: string;
  before: MovementState;
  after: MovementState;
  reason: string;
}

export interface StopOrder {
  at: string;
  by: string;
  reason: string;
  scope: string;
  acknowledged_at: string | null;
  acknowledged_by: string;
  receipts?: { at: string; by: string }[]; // who of the convoy read it
}

export interface Sheet {
  movement_id: number;
  version: number;
  operator_id: number;
  state: MovementState;
  request: MovementRequest;
  created_at: string;
  created_by: string;
  submitted_at: string | null;
  findings: Finding[];
  clearances: Clearance[];
  decision: { at: string; by: string; go: boolean; reason: string } | null;
  dissents: { at: string; by: string; text: string }[];
  plan_version: number;
  read_back: { at: string; by: string; read_back_by: string } | null;
  roll_calls: { at: string; by: string; present: number[]; missing: number[]; people: number | null; note: string }[];
  departed_at: string | null;
  passages: { checkpoint: number; passed_at: string; means: ContactMeans; by: string; written_at: string }[];
  halts: { began_at: string; reason: string; by: string; ended_at: string | null }[];
  centre: string;
  handovers: {
    from_centre: string; to_centre: string; offered_at: string; offered_by: string;
    confirmed_at: string | null; confirmed_by: string; contact_by: ContactMeans | null;
  }[];
  contacts: { at: string; by: string; means: ContactMeans; answered: boolean; note: string }[];
  stop: StopOrder | null;
  arrived_at: string | null;
  arrived_by: string;
  outcome: { kind: string; reason: string; authority: string; hours_lost: number } | null;
  history: Transition[];
}

export interface SheetSummary {
  movement_id: number;
  version: number;
  state: MovementState;
  callsign: string;
  operator_id: number;
  operator_name: string;
  origin: string;
  destination: string;
  depart_at: string | null;
  arrive_at: string | null;
  vehicles: number;
  flags: number;
  late: boolean;
  stop: boolean;
  centre: string;
  next_checkpoint?: string;
  next_at?: string | null;
}

export interface Passage {
  checkpoint: number;
  vehicle_id: number;
  passed_at: string;
  known_at: string;
  uncertainty_s: number;
}

export interface Meeting {
  movement_id: number;
  callsign?: string;
  lat_deg: number;
  lon_deg: number;
  begins_at: string;
  ends_at: string;
  distance_m: number;
}

export interface Eta {
  checkpoint: number;
  at: string;
  earliest: string;
  latest: string;
  basis: string;
}

export interface Notice {
  notice_id: number;
  at: string;
  code: string;
  facts: Record<string, string | number>;
}

export interface SheetView {
  sheet: Sheet;
  allowed: string[];
  findings: Finding[];
  passages: Passage[];
  meetings: Meeting[];
  statuses: RouteStatus[];
  etas: Eta[];
  notices: Notice[];
  plan_version: number;
  late: boolean;
}

export interface CheckView {
  findings: Finding[];
  clearances: Clearance[];
  meetings: Meeting[];
}

export const CONTROLS = ["open", "supervised", "dispatch", "reserved", "prohibited", "unknown"] as const;
export const THREATS = ["green", "amber", "red", "black", "unknown"] as const;

export interface RouteStatus {
  status_id: number;
  name: string;
  line: LatLon[];
  control: (typeof CONTROLS)[number];
  threat: (typeof THREATS)[number];
  reason: string;
  author: string;
  set_at: string;
  valid_until: string;
  withdrawn: boolean;
}

export interface StandingStop {
  stop_id: number;
  scope: "movement" | "route" | "everything";
  reason: string;
  by: string;
  at: string;
  movement_id: number | null;
  status_id: number | null;
  lifted_at: string | null;
}

export interface Person {
  person_id: number;
  operator_id: number;
  name: string;
  role: string;
  languages: string[];
  contacts: Contact[];
  active: boolean;
}

export interface Permit {
  permit_id: number;
  operator_id: number;
  subject: "operator" | "vehicle" | "person";
  vehicle_id: number | null;
  person_id: number | null;
  kind: string;
  number: string;
  issued_by: string;
  valid_from: string | null;
  valid_until: string;
  scan: number | null;
}

export interface AccessRow {
  month: string;
  authority: string;
  facilitated: number;
  impeded: number;
  delayed: number;
  denied: number;
  cancelled: number;
  hours_lost: number;
}

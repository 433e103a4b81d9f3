/** What the hub says of teams, taskings and evacuations: see docs/api.md. */

import type { NamedPlace } from "../movements/types";

export const CAPABILITIES = ["security", "medic", "ambulance", "air", "recovery", "eod", "fire"] as const;
export const READINESS = ["ready", "not-ready", "off"] as const;
export const PRECEDENCES = ["urgent", "urgent-surgical", "priority", "routine", "convenience"] as const;
export const EQUIPMENT = ["none", "hoist", "extraction", "ventilator"] as const;
export const SECURITY = ["no-enemy", "possible-enemy", "enemy-in-area", "escort-required"] as const;
export const MARKINGS = ["panels", "pyrotechnic", "smoke", "none", "other"] as const;

export interface Contact {
  means: string;
  value: string;
}

export interface TeamBody {
  name: string;
  post: NamedPlace;
  capabilities: string[];
  readiness: string;
  ready_in_min: number;
  rest_until: string | null;
  governorates: string[];
  area: [number, number][];
  contacts: Contact[];
  vehicle_id: number | null;
  shares_position: boolean;
  recognition: string;
  language: string;
  note: string;
}

export interface Team extends TeamBody {
  team_id: number;
  version: number;
}

export interface TeamView {
  team: Team;
  position: { lat_deg: number; lon_deg: number; fixed_at: string; source: string } | null;
  position_age_s: number | null;
  stale: boolean;
  tasking_id: number | null;
  tasking_state: string | null;
}

export interface TeamBoard {
  now: string;
  stale_min: number;
  teams: TeamView[];
  governorates: string[];
}

export interface Reason {
  code: string;
  facts: Record<string, string | number>;
}

export interface Candidate {
  rank: number;
  team_id: number;
  tier: number;
  lat_deg: number;
  lon_deg: number;
  basis: string;
  position_age_s: number | null;
  travel_s: number;
  travel_basis: string;
  arrive_s: number;
  reasons_for: Reason[];
  reasons_against: Reason[];
}

export interface Proposal {
  made_at: string;
  candidates: Candidate[];
  names: Record<string, string>;
}

export interface TaskingStep {
  at: string;
  by: string;
  command: string;
  state: string;
  reason: string;
  said_at: string | null;
}

export interface Tasking {
  tasking_id: number;
  version: number;
  team_id: number;
  state: string;
  place: NamedPlace;
  what: string;
  recognition: string;
  friendly: string;
  ordered_by: string;
  ordered_at: string;
  unanswered_at: string;
  case_id: number | null;
  movement_id: number | null;
  medevac_id: number | null;
  against: string[];
  told_unanswered_at: string | null;
  texts: { number: string; state: string; tries: number; error: string; sent_at: string | null }[];
  steps: TaskingStep[];
}

export interface TaskingView {
  tasking: Tasking;
  team_name: string;
  text: string;
  commands: string[];
  unanswered: boolean;
}

export interface Mist {
  mechanism: string;
  injuries: string;
  signs: string;
  treatment: string;
  label: string;
}

export interface NineLine {
  lat_deg: number;
  lon_deg: number;
  place_name: string;
  frequency: string;
  callsign: string;
  precedence: Record<string, number>;
  equipment: string[];
  lying: number;
  walking: number;
  security: string | null;
  marking: string | null;
  marking_colour: string;
  nationality: Record<string, number> | null;
  terrain: string | null;
}

export interface MedevacView {
  medevac: {
    medevac_id: number;
    version: number;
    state: string;
    nine: NineLine;
    mist: Mist[];
    notified_at: string;
    notified_by: string;
    case_id: number | null;
    movement_id: number | null;
    hospital: string;
    due_at: string | null;
    hand_over_due_at: string | null;
    why_late: string;
    steps: { at: string; by: string; command: string; state: string; reason: string }[];
  };
  clocks: { name: string; due_at: string | null; reached_at: string | null; missed: boolean }[];
  commands: string[];
  texts: Record<string, string>;
}

/** What a page is opened with: the place and the voice of a case. */
export interface Asked {
  place: NamedPlace | null;
  case_id: number | null;
  movement_id: number | null;
  medevac_id: number | null;
  callsign: string;
  frequency: string;
}

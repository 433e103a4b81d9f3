/** The settings of movements, as far as the console reads them; the rest is shown as the hub sends it. */

export interface Authority {
  name: string;
  area: { governorates: string[]; rings: number[][][] };
  from_hour: number;
  until_hour: number;
  contact: string;
}

export interface Centre {
  name: string;
  area: { governorates: string[]; rings: number[][][] };
  contact: string;
}

export interface MovementSettings {
  notice_hours: number;
  notice_other_authority_hours: number;
  duty_hours: number;
  tracker_silent_hours: number;
  least_contact_means: number;
  required_fields: string[];
  overdue: Record<string, number>;
  four_eyes: boolean;
  retention: Record<string, number>;
  authorities: Authority[];
  centres: Centre[];
  [other: string]: unknown;
}

export interface SettingsView {
  version: number;
  settings: MovementSettings;
  set_at: string | null;
  set_by: string | null;
}

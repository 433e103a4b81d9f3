/** What devices say beside the place, as a watch officer reads it: SI units as the hub has them, shown in usual ones. */

export interface Reading {
  name: string;
  value: number | boolean;
  at: string | null;
}

const fixed = (value: number, digits: number): string => value.toFixed(digits);

/** Return a number with its unit; the hub's name ends in the unit that it has. */
export function readingText(name: string, value: number): string {
  if (name.endsWith("_ratio")) return `${Math.round(value * 100)} %`;
  if (name === "odometer_m") return `${fixed(value / 1000, 1)} km`;
  if (name === "engine_s") return `${fixed(value / 3600, 1)} h`;
  if (name === "fuel_m3") return `${fixed(value * 1000, 0)} l`;
  if (name.endsWith("_dbm")) return `${fixed(value, 0)} dBm`;
  if (name.endsWith("_v")) return `${fixed(value, 1)} V`;
  if (name.endsWith("_c")) return `${fixed(value, 0)} °C`;
  if (name.endsWith("_s")) return `${fixed(value, 0)} s`;
  return Number.isInteger(value) ? String(value) : fixed(value, 1);
}

/** Grid references as the field reads them out: "38S MB 44123 88456". */

import { forward } from "mgrs";

/** Return the MGRS reference to `digits` digits each way (5 is 1 m), spaced; null outside 80° S to 84° N. */
export function mgrsText(lat_deg: number, lon_deg: number, digits = 5): string | null {
  if (!(lat_deg >= -80 && lat_deg <= 84) || !(lon_deg >= -180 && lon_deg <= 180)) return null;
  const whole = forward([lon_deg, lat_deg], digits);
  const parts = /^(\d{1,2}[A-Z])([A-Z]{2})(\d*)$/.exec(whole);
  if (!parts) return whole;
  const [, zone, square, numbers = ""] = parts;
  return `${zone} ${square} ${numbers.slice(0, digits)} ${numbers.slice(digits)}`.trim();
}

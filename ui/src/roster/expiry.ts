/** How near a paper's end is. Pure. */

const DAY_MS = 86_400_000;
/** As the hub warns until its settings say otherwise (permit_warning_days). */
export const SHIPPED_DAYS = 30;

export type Expiry = "over" | "soon" | "valid";

/** Return how a paper that ends at `valid_until` stands at a moment, warned of `warn_days` before. */
export function expiryOf(valid_until: string, at_ms: number, warn_days: number): Expiry {
  const left_ms = Date.parse(valid_until) - at_ms;
  return left_ms <= 0 ? "over" : left_ms <= warn_days * DAY_MS ? "soon" : "valid";
}

/** Return whole days until the end; negative when it is past. */
export function daysLeft(valid_until: string, at_ms: number): number {
  return Math.floor((Date.parse(valid_until) - at_ms) / DAY_MS);
}

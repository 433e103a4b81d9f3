/** How old a fix is and what that means on the screen: a stale dot never looks live. */

/** Up to here a fix is drawn as live; the hub's aim is 10 s, trackers commonly send each 10 to 30 s. */
export const FRESH_UNTIL_S = 60;
/** Up to here it is drawn hollow and fading; past it only "last known" is claimed. */
export const STALE_UNTIL_S = 300;

export type AgeClass = "fresh" | "stale" | "lost" | "none";

/** Return the age class of a fix; an age of null is no fix at all. A fix from the future (a fast clock) is fresh. */
export function ageClass(age_s: number | null): AgeClass {
  if (age_s === null || Number.isNaN(age_s)) return "none";
  if (age_s <= FRESH_UNTIL_S) return "fresh";
  if (age_s <= STALE_UNTIL_S) return "stale";
  return "lost";
}

/** Return seconds from a moment to `now_ms`, never below 0; null when there is no moment. */
export function ageSeconds(at: string | null, now_ms: number): number | null {
  if (at === null) return null;
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return null;
  return Math.max(0, (now_ms - ms) / 1000);
}

/** Return an age in at most two units: "8 s", "3 min", "2 h 05", "4 d". Latin digits; units are SI or accepted with it. */
export function ageText(age_s: number | null): string {
  if (age_s === null) return "–";
  const s = Math.floor(age_s);
  if (s < 100) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}`;
  return `${Math.floor(s / 86_400)} d`;
}

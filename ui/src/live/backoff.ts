/** How long to wait before the next try: exponential with full jitter, so that a thousand consoles do not knock at once. */

export const FIRST_WAIT_MS = 500;
export const LONGEST_WAIT_MS = 15_000;
/** Never below this, or jitter near 0 would make a tight loop. */
export const SHORTEST_WAIT_MS = 200;

/** Return milliseconds before try number `attempt` (0 is the first after a loss); `random` is in [0, 1). */
export function waitBefore(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 16));
  return Math.max(SHORTEST_WAIT_MS, Math.round(ceiling * random));
}

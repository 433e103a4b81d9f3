/** The console's clock: the hub's time, ticking once a second; the local machine's clock is not trusted for ages. */

let offset_ms = 0;
const face = $state({ now_ms: Date.now() });

/** Note the hub's time as it came in; the offset follows it. */
export function setServerTime(server_time: string): void {
  const ms = Date.parse(server_time);
  if (!Number.isNaN(ms)) offset_ms = ms - Date.now();
}

/** Return the hub's time now, in milliseconds; not reactive. */
export function hubNow(): number {
  return Date.now() + offset_ms;
}

/** Return the hub's time as of the last whole tick; reactive. */
export function ticking(): number {
  return face.now_ms;
}

export function startClock(): void {
  setInterval(() => (face.now_ms = hubNow()), 1000);
}

/** Where a thing of the watch is shown: from its kind and number, or from the key of an entry. Pure. */

const PAGES: Record<string, (id: string) => string> = {
  case: (id) => `/distress/${id}`,
  movement: (id) => `/sheets/${id}`,
  alert: () => "/",
  tasking: () => "/dispatch",
  team: () => "/dispatch",
  medevac: () => "/medevac",
  "stop-order": () => "/sheets",
  "route-status": () => "/roads",
  task: () => "/tasks",
  check: () => "/contact",
  contact: () => "/contact",
  "roll-call": () => "/contact",
  link: () => "/readiness",
  "hand-over": () => "/watch",
  shift: () => "/watch",
  brief: (id) => `/briefs/${id}`,
  log: (id) => `/watch-log?entry=${id}`,
};

/** Return the page of "kind/id", null when nothing shows it. */
export function pageOf(about: string): string | null {
  const at = about.indexOf("/");
  if (at < 0) return null;
  return PAGES[about.slice(0, at)]?.(about.slice(at + 1)) ?? null;
}

/** Return a telephone link for what people wrote as a number, null when it is none. */
export function callOf(value: string): string | null {
  const plain = value.replace(/[\s().-]/g, "");
  return /^\+?\d{5,15}$/.test(plain) ? `tel:${plain}` : null;
}

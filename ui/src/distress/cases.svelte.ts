/** The open cases of this console: asked again when the hub says that one changed, and every now and then. */

import { get, post } from "../api/client";
import { session } from "../session/session.svelte";
import type { CaseView } from "./types";

/** A change that was told while the link was down is found at the latest after this. */
const AGAIN_EVERY_MS = 20_000;

let views = $state.raw<Map<number, CaseView>>(new Map());
let timer: ReturnType<typeof setInterval> | null = null;
const shown = new Set<string>();
const seen = $state({ ticks: 0 });

export const cases = {
  get all(): ReadonlyMap<number, CaseView> {
    return views;
  },
  /** Rises with every change that the hub told of. */
  get ticks(): number {
    return seen.ticks;
  },
};

export function startCases(): void {
  timer ??= setInterval(() => void refreshCases(), AGAIN_EVERY_MS);
  void refreshCases();
}

export function stopCases(): void {
  if (timer !== null) clearInterval(timer);
  timer = null;
  views = new Map();
  shown.clear();
}

function put(view: CaseView): void {
  const next = new Map(views);
  if (view.case.state === "resolved") next.delete(view.case.case_id);
  else next.set(view.case.case_id, view);
  views = next;
}

/** Ask for every open case again; a failure leaves what is here. */
export async function refreshCases(): Promise<void> {
  if (session.me === null) return;
  const list = await get<CaseView[]>("/api/cases").catch(() => null);
  if (list) views = new Map(list.map((v) => [v.case.case_id, v]));
}

/** The hub told that these changed. */
export async function casesChanged(changed: number[]): Promise<void> {
  if (changed.length === 0 || changed.length > 5) await refreshCases();
  else for (const id of changed) await get<CaseView>(`/api/cases/${id}`).then(put, () => refreshCases());
  seen.ticks += 1;
}

export const fetchCase = (case_id: number): Promise<CaseView> => get<CaseView>(`/api/cases/${case_id}`);

/** Do something to a case; the hub's answer replaces it at once. */
export async function command(case_id: number, what: Record<string, unknown>): Promise<CaseView> {
  const view = await post<CaseView>(`/api/cases/${case_id}/commands`, { command: what });
  put(view);
  seen.ticks += 1;
  return view;
}

/** Say once for each raising that this screen shows a case: the receipt of its desk. */
export async function sayShown(view: CaseView): Promise<void> {
  const open = view.desks.length === 0 || view.case.deliveries.some((d) => view.desks.includes(d.desk) && d.shown_at === null);
  const key = `${view.case.case_id}/${view.case.raise_count}/${view.desks.join()}`;
  if (!open || view.desks.length === 0 || shown.has(key) || document.visibilityState !== "visible") return;
  shown.add(key);
  await post<CaseView>(`/api/cases/${view.case.case_id}/shown`).then(put, () => shown.delete(key));
}

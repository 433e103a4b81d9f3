/** What a person decides about an alert, sent to the hub; the answer replaces the alert at once. */

import { post } from "../api/client";
import type { Alert } from "../api/types";
import { putAlert } from "../live/live.svelte";

async function decide(alert_id: string, what: string, body: unknown): Promise<void> {
  const answer = await post<Alert | null>(`/api/alerts/${encodeURIComponent(alert_id)}/${what}`, body);
  if (answer?.alert_id) putAlert(answer);
}

export const acknowledge = (alert_id: string): Promise<void> => decide(alert_id, "acknowledge", {});
export const take = (alert_id: string): Promise<void> => decide(alert_id, "take", {});
export const close = (alert_id: string, reason: string): Promise<void> => decide(alert_id, "close", { reason });
export const snooze = (alert_id: string, until: Date, reason: string): Promise<void> =>
  decide(alert_id, "snooze", { until: until.toISOString(), reason });

/** What the convoy page follows: the formation, asked for now and then, and the tracks behind the spacing chart. */

import { get } from "../api/client";
import type { Formation, Movement, TrackTable } from "../api/types";
import { live } from "../live/live.svelte";
import { faultWords } from "../api/fault";
import { hubNow } from "../time/clock.svelte";
import { type ProgressPoint, progressOf } from "./spacing";

export const CHART_MS = 15 * 60_000;
/** The feed gives fresh vehicles each second; the hub is asked for the rest only now and then: each look is logged. */
const ASK_EVERY_MS = 60_000;
const SAMPLE_EVERY_MS = 5000;

/** Follow one convoy until stopped; `tracks` and `formation` are reactive. */
export class ConvoyWatch {
  formation = $state.raw<Formation | null>(null);
  tracks = $state.raw<ReadonlyMap<number, ProgressPoint[]>>(new Map());
  fault = $state<string | null>(null);
  private readonly timers: ReturnType<typeof setInterval>[];

  constructor(private readonly plan: Movement) {
    void this.fill();
    void this.ask();
    this.timers = [setInterval(() => void this.ask(), ASK_EVERY_MS), setInterval(() => this.extend(), SAMPLE_EVERY_MS)];
  }

  stop(): void {
    this.timers.forEach(clearInterval);
  }

  private async ask(): Promise<void> {
    try {
      this.formation = await get<Formation>(`/api/movements/${this.plan.movement_id}/formation`);
      this.fault = null;
    } catch (err) {
      this.fault = faultWords(err);
    }
  }

  private async fill(): Promise<void> {
    const until = hubNow();
    const span = `from=${new Date(until - CHART_MS).toISOString()}&until=${new Date(until).toISOString()}&limit=2000`;
    const tracks = new Map<number, ProgressPoint[]>();
    for (const v of this.plan.vehicles) {
      const table = await get<TrackTable>(`/api/vehicles/${v.vehicle_id}/track?${span}`).catch(() => null);
      if (table) tracks.set(v.vehicle_id, progressOf(table, this.plan.route));
    }
    this.tracks = tracks;
  }

  /** Add the newest fixes of the feed, and drop what has left the chart. */
  private extend(): void {
    const oldest = hubNow() - CHART_MS;
    const next = new Map(this.tracks);
    for (const planned of this.plan.vehicles) {
      const v = live.vehicles.get(planned.vehicle_id);
      const points = (next.get(planned.vehicle_id) ?? []).filter((p) => p.at_ms >= oldest);
      const at_ms = v?.fixed_at ? Date.parse(v.fixed_at) : null;
      if (v?.progress_m != null && at_ms !== null && at_ms > (points.at(-1)?.at_ms ?? 0)) {
        points.push({ at_ms, progress_m: v.progress_m });
      }
      next.set(planned.vehicle_id, points);
    }
    this.tracks = next;
  }
}

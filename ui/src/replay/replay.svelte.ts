/** The time slider: frames of the past, played on the map. The live picture goes on beside it untouched. */

import { get } from "../api/client";
import type { History, Vehicle } from "../api/types";
import { live } from "../live/live.svelte";
import { faultWords } from "../api/fault";
import { hubNow } from "../time/clock.svelte";
import { frameVehicles } from "./frames";

/** About this many frames for any span: fine enough to follow a convoy, small enough for a slow link. */
const FRAMES = 180;
const TICK_MS = 250;

const state = $state({
  on: false,
  loading: false,
  failed: null as string | null,
  hours: 1,
  frame: 0,
  playing: false,
  speed: 60,
});
let history = $state.raw<History | null>(null);
let timer: ReturnType<typeof setInterval> | null = null;
let owed = 0; // parts of a frame that playing has not shown yet

const at_ms = (): number => Date.parse(history?.frames[state.frame]?.at ?? "") || hubNow();

const empty: ReadonlyMap<number, Vehicle> = new Map();

export const replay = {
  get on(): boolean {
    return state.on;
  },
  get loading(): boolean {
    return state.loading;
  },
  get failed(): string | null {
    return state.failed;
  },
  get hours(): number {
    return state.hours;
  },
  get playing(): boolean {
    return state.playing;
  },
  get speed(): number {
    return state.speed;
  },
  set speed(speed: number) {
    state.speed = speed;
  },
  get frames(): number {
    return history?.frames.length ?? 0;
  },
  get frame(): number {
    return state.frame;
  },
  set frame(frame: number) {
    state.frame = Math.min(Math.max(0, frame), Math.max(0, replay.frames - 1));
  },
  get at_ms(): number {
    return at_ms();
  },
  get vehicles(): ReadonlyMap<number, Vehicle> {
    const frame = history?.frames[state.frame];
    if (!history || !frame) return empty;
    return frameVehicles(history, frame, live.vehicles, live.movements);
  },
};

/** Load the last `hours` and stand at their end, paused. */
export async function openReplay(hours: number): Promise<void> {
  state.on = true;
  state.loading = true;
  state.failed = null;
  state.hours = hours;
  pause();
  const until = hubNow();
  const from = until - hours * 3_600_000;
  const step_s = Math.max(10, Math.round((hours * 3600) / FRAMES));
  try {
    history = await get<History>(
      `/api/history?from=${new Date(from).toISOString()}&until=${new Date(until).toISOString()}&step_s=${step_s}`,
    );
    state.frame = Math.max(0, history.frames.length - 1);
  } catch (fault) {
    history = null;
    state.failed = faultWords(fault);
  }
  state.loading = false;
}

export function play(): void {
  if (replay.frames === 0) return;
  if (state.frame >= replay.frames - 1) state.frame = 0;
  state.playing = true;
  owed = 0;
  timer ??= setInterval(step, TICK_MS);
}

export function pause(): void {
  state.playing = false;
  if (timer !== null) clearInterval(timer);
  timer = null;
}

export function backToLive(): void {
  pause();
  state.on = false;
  history = null;
}

function step(): void {
  const frames = history?.frames ?? [];
  const here = Date.parse(frames[state.frame]?.at ?? "");
  const next = Date.parse(frames[state.frame + 1]?.at ?? "");
  if (Number.isNaN(next)) return pause();
  owed += (TICK_MS * state.speed) / Math.max(1, next - here);
  const whole = Math.floor(owed);
  owed -= whole;
  if (whole > 0) state.frame = Math.min(frames.length - 1, state.frame + whole);
}

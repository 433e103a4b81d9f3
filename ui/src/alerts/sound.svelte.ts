/** Sounds made here with WebAudio, no files: a distress call has its own, and repeats until somebody acknowledges. */

const REPEAT_MS = 4000;
export const MUTE_S = 60;

const state = $state({ muted_until_ms: 0, blocked: false });
let audio: AudioContext | null = null;
let repeating: ReturnType<typeof setInterval> | null = null;
let wanted = false;

export const sound = {
  get muted_until_ms(): number {
    return state.muted_until_ms;
  },
  /** True while the browser keeps the page silent until a person touches it. */
  get blocked(): boolean {
    return state.blocked;
  },
};

function context(): AudioContext | null {
  try {
    audio ??= new AudioContext();
  } catch {
    return null;
  }
  if (audio.state === "suspended") void audio.resume().catch(() => null);
  state.blocked = audio.state !== "running";
  audio.onstatechange = () => (state.blocked = audio !== null && audio.state !== "running");
  return audio;
}

function tone(from: AudioContext, hz: number, start_s: number, length_s: number, level: number): void {
  const at = from.currentTime + start_s;
  const wave = from.createOscillator();
  const gain = from.createGain();
  wave.type = "square";
  wave.frequency.value = hz;
  // Ramps of 10 ms: a hard edge clicks and tires the ear.
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(level, at + 0.01);
  gain.gain.setValueAtTime(level, at + length_s - 0.01);
  gain.gain.linearRampToValueAtTime(0, at + length_s);
  wave.connect(gain).connect(from.destination);
  wave.start(at);
  wave.stop(at + length_s);
}

function muted(): boolean {
  return Date.now() < state.muted_until_ms;
}

/** Two tones in turn, three times: told apart from a warning without looking. */
function soundDistress(): void {
  const from = context();
  if (!from || muted()) return;
  for (let i = 0; i < 3; i += 1) {
    tone(from, 960, i * 0.5, 0.22, 0.16);
    tone(from, 720, i * 0.5 + 0.24, 0.22, 0.16);
  }
}

export function soundWarning(): void {
  const from = context();
  if (!from || muted()) return;
  tone(from, 520, 0, 0.12, 0.07);
  tone(from, 520, 0.2, 0.12, 0.07);
}

/** Say whether any distress call is waiting to be acknowledged; the sound follows. */
export function setDistressSounding(on: boolean): void {
  if (on === wanted) return;
  wanted = on;
  if (repeating !== null) clearInterval(repeating);
  repeating = null;
  if (!on) return;
  soundDistress();
  repeating = setInterval(soundDistress, REPEAT_MS);
}

export function mute(): void {
  state.muted_until_ms = Date.now() + MUTE_S * 1000;
}

export function unmute(): void {
  state.muted_until_ms = 0;
}

/** Called on a person's touch: browsers let a page sound only after one. */
export function allowSound(): void {
  context();
}

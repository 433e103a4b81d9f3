/** How long the phone waits before it asks again, and whether it lets the hub hold its question. Pure. */

const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;
const PLAIN_EVERY_MS = 8_000;
const HELD_AT_LEAST_MS = 5_000; // "nothing new" sooner than this means that the hub has no place to hold us
const CUT_AFTER_MS = 3_000;
const CUTS = 2; // so many held questions cut off in a row: something on the way does not let them live
const PLAIN_FOR_MS = 300_000;
const AFTER_NEWS_MS = 200;

export class Pace {
  #failures = 0;
  #cuts = 0;
  #plainUntil = 0;

  constructor(private readonly random: () => number = Math.random) {}

  /** Whether the next question may be held. After a failure it may not: its answer says that the link is back. */
  mayHold(now: number): boolean {
    return this.#failures === 0 && now >= this.#plainUntil;
  }

  /** Return how long to wait after an answer. */
  answered(held: boolean, same: boolean, took_ms: number, now: number): number {
    this.#failures = 0;
    if (held && took_ms >= HELD_AT_LEAST_MS) this.#cuts = 0;
    if (now < this.#plainUntil || (same && took_ms < HELD_AT_LEAST_MS)) return this.#spread(PLAIN_EVERY_MS);
    return same ? 0 : AFTER_NEWS_MS;
  }

  /** Return how long to wait after there was no answer. */
  failed(held: boolean, took_ms: number, now: number): number {
    if (held && took_ms >= CUT_AFTER_MS && ++this.#cuts >= CUTS) {
      this.#plainUntil = now + PLAIN_FOR_MS;
      this.#cuts = 0;
    }
    const wait_ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    return this.#spread(wait_ms);
  }

  /** A convoy's phones come back into the network together: half to one and a half times as long. */
  #spread(wait_ms: number): number {
    return Math.round(wait_ms * (0.5 + this.random()));
  }
}

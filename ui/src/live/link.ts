/** The live link: one WebSocket, reopened with the cursor until stopped. A silent socket counts as lost. */

import type { LiveMessage } from "../api/types";
import { waitBefore } from "./backoff";

/** The hub beats every 5 s; two missed beats and some travel time mean that the link is dead. */
export const SILENT_AFTER_MS = 12_000;

export interface LinkEvents {
  cursor(): string | null;
  message(message: LiveMessage): void;
  up(): void;
  /** The link went down; `last_heard_ms` is when the last message came, null if none ever did. */
  down(last_heard_ms: number | null): void;
}

export interface Surroundings {
  open(cursor: string | null): WebSocket;
  now_ms(): number;
  random(): number;
  later(act: () => void, ms: number): ReturnType<typeof setTimeout>;
  cancel(timer: ReturnType<typeof setTimeout>): void;
}

export const browserSurroundings: Surroundings = {
  open(cursor) {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const query = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    return new WebSocket(`${scheme}//${location.host}/api/live${query}`);
  },
  now_ms: () => Date.now(),
  random: () => Math.random(),
  later: (act, ms) => setTimeout(act, ms),
  cancel: (timer) => clearTimeout(timer),
};

export class Link {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private heard_ms: number | null = null;
  private stopped = true;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private watch: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly events: LinkEvents,
    private readonly around: Surroundings = browserSurroundings,
  ) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.clearTimers();
    this.socket?.close();
    this.socket = null;
  }

  /** Try at once, for example when the browser says that the network is back. */
  retryNow(): void {
    if (this.stopped || this.socket !== null) return;
    this.attempt = 0;
    this.clearTimers();
    this.connect();
  }

  private connect(): void {
    const socket = this.around.open(this.events.cursor());
    this.socket = socket;
    this.watchSilence(socket);
    socket.onmessage = (event: MessageEvent<string>) => {
      if (socket !== this.socket) return;
      const message = JSON.parse(event.data) as LiveMessage;
      this.heard_ms = this.around.now_ms();
      this.watchSilence(socket);
      if (message.type === "hello") {
        this.attempt = 0;
        this.events.up();
      }
      this.events.message(message);
    };
    socket.onclose = () => this.lose(socket);
    socket.onerror = () => this.lose(socket);
  }

  private lose(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.socket = null;
    this.clearTimers();
    socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
    if (this.stopped) return;
    this.events.down(this.heard_ms);
    const wait_ms = waitBefore(this.attempt, this.around.random());
    this.attempt += 1;
    this.retry = this.around.later(() => this.connect(), wait_ms);
  }

  private watchSilence(socket: WebSocket): void {
    if (this.watch !== null) this.around.cancel(this.watch);
    this.watch = this.around.later(() => this.lose(socket), SILENT_AFTER_MS);
  }

  private clearTimers(): void {
    if (this.retry !== null) this.around.cancel(this.retry);
    if (this.watch !== null) this.around.cancel(this.watch);
    this.retry = this.watch = null;
  }
}

/** Who has the watch, for the head of every page: asked for every 20 s and after every change here. */

import { get } from "../api/client";
import { mayDecide, session } from "../session/session.svelte";
import type { TurnView } from "./types";

const EVERY_MS = 20_000;

export const turn = $state<{ view: TurnView | null }>({ view: null });

let timer: ReturnType<typeof setInterval> | null = null;

export async function askTurn(): Promise<void> {
  if (session.me === null || !mayDecide()) return;
  try {
    turn.view = await get<TurnView>("/api/watch/turn");
  } catch {
    turn.view = null; // not known is shown as nothing, never as somebody who may not be there
  }
}

export function followTurn(): () => void {
  void askTurn();
  timer ??= setInterval(() => void askTurn(), EVERY_MS);
  return () => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
}

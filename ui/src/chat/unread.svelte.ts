/** Messages of TAK devices that this person has not read: for the mark in the bar. */

import { get } from "../api/client";
import { live } from "../live/live.svelte";
import { session } from "../session/session.svelte";
import type { Unread } from "./types";

export const unread = $state<{ rooms: Unread[] }>({ rooms: [] });

/** Rises when somebody asks to be shown what is unread: the page's messages come into view. */
export const asked = $state({ ticks: 0 });

export async function askUnread(): Promise<void> {
  if (session.me === null || session.me.role === "partner") return;
  try {
    unread.rooms = await get<Unread[]>("/api/chat/unread");
  } catch {
    unread.rooms = []; // not known is shown as nothing
  }
}

/** Ask again whenever the hub told that something of a movement or of the watch changed. */
export function followUnread(): void {
  void live.movementTicks;
  void askUnread();
}

/** Return the page on which a room is read. */
export const pageOfRoom = (movement_id: number | null): string => (movement_id === null ? "/contact" : `/convoy/${movement_id}`);

/** How far a message has come, told for all devices that it is for. */

import type { ChatMessage, ChatReceipt } from "./types";

export type Step = "lapsed" | "waiting" | "handed" | "delivered" | "read";

/** A device that comes later than that is not told any more; as the hub has it. */
const KEPT_FOR_MS = 24 * 3_600_000;

/** Return how far a message has come to one device. */
export function stepOf(receipt: ChatReceipt | undefined, late = false): Step {
  if (receipt?.read_at) return "read";
  if (receipt?.delivered_at) return "delivered";
  if (receipt?.handed_at) return "handed";
  return late ? "lapsed" : "waiting";
}

/** Return the devices that a message is for, with how far it has come to each: those in the room, and those that had it. */
export function stepsOf(message: ChatMessage, devices: readonly string[], now_ms: number): { device: string; step: Step }[] {
  const meant = message.to_device ? [message.to_device] : devices;
  const late = now_ms - Date.parse(message.received_at) >= KEPT_FOR_MS;
  const names = new Set([...meant, ...message.receipts.map((it) => it.device_name)]);
  return [...names].sort().map((device) => ({ device, step: stepOf(message.receipts.find((it) => it.device_name === device), late) }));
}

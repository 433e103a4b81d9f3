/** Rejected frames as an administrator looks at them: those of one protocol and one reason are one row. */

import type { RejectedFrame } from "../api/types";

/** What kind of reason it is; its words are in the reader's language, the sentence itself in English. */
export type Kind = "checksum" | "place" | "time" | "key" | "rate" | "cut" | "long" | "flood" | "protocol" | "sealed" | "other";

const KINDS: [Kind, RegExp][] = [
  ["checksum", /\b(checksum|crc|lrc|xor)\b/i],
  ["sealed", /\bsealed\b/i],
  ["key", /\b(key is not|has a key|bound to no vehicle|token|certificate|secret)\b/i],
  ["rate", /fixes in one second|too (fast|often)/i],
  ["flood", /frames rejected on this connection/i],
  ["cut", /ended inside|ends inside|cut short|datagram ended/i],
  ["long", /longer than|more than \d+ (bytes|signs|characters)|expected at most/i],
  ["place", /\b(latitude|longitude|lat|lon|degrees|minutes as|position|place|side)\b/i],
  ["time", /\b(date|time|timestamp|calendar|1970)\b/i],
  ["protocol", /no protocol that is known|method [A-Z]+|XML|JSON|ServiceEnvelope|login|imei|packet should begin|expected a (line|frame|packet|message)/i],
];

export function kindOf(reason: string): Kind {
  return KINDS.find(([, pattern]) => pattern.test(reason))?.[0] ?? "other";
}

/** Return a reason without what differs from frame to frame: numbers, and what was seen in quotes. */
export function shapeOf(reason: string): string {
  return reason
    .replaceAll(/b?'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "…")
    .replaceAll(/0x[0-9a-f]+|-?\d+(?:\.\d+)?/gi, "…");
}

export interface Group {
  key: string;
  protocol: string;
  kind: Kind;
  reason: string; // of the newest frame
  frames: RejectedFrame[]; // the newest first
  senders: string[]; // identities, else addresses without their ports
}

export const senderOf = (frame: RejectedFrame): string => frame.identity ?? frame.remote.replace(/:\d+$/, "");

/** Return frames by protocol and shape of reason, the group heard last first. */
export function groupsOf(frames: readonly RejectedFrame[], wanted: { protocol: string; text: string }): Group[] {
  const groups = new Map<string, Group>();
  const text = wanted.text.trim().toLowerCase();
  for (const frame of frames) {
    if (wanted.protocol && frame.protocol !== wanted.protocol) continue;
    if (text && !`${frame.identity ?? ""} ${frame.remote} ${frame.reason}`.toLowerCase().includes(text)) continue;
    const key = `${frame.protocol} ${shapeOf(frame.reason)}`;
    const group = groups.get(key);
    if (group) group.frames.push(frame);
    else groups.set(key, { key, protocol: frame.protocol, kind: kindOf(frame.reason), reason: frame.reason, frames: [frame], senders: [] });
  }
  for (const group of groups.values()) group.senders = [...new Set(group.frames.map(senderOf))].sort();
  return [...groups.values()];
}

/** Return bytes as people compare them: hexadecimal in pairs. */
export const hexOf = (raw_hex: string): string => raw_hex.replaceAll(/(..)(?=.)/g, "$1 ");

/** Return bytes as text, with a dot for what cannot be shown. */
export function textOf(raw_hex: string): string {
  let text = "";
  for (let at = 0; at + 1 < raw_hex.length; at += 2) {
    const byte = parseInt(raw_hex.slice(at, at + 2), 16);
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
  }
  return text;
}

/** Protocols that `tapestry decode` does not know by themselves. */
const NOT_DECODED = new Set(["mqtt", "auto"]);

/** Return the command that reads a frame field by field; null where there is nothing to read. */
export function commandOf(frame: RejectedFrame): string | null {
  if (frame.raw_hex === "" || NOT_DECODED.has(frame.protocol)) return null;
  return `tapestry decode ${frame.protocol} ${frame.raw_hex}`;
}

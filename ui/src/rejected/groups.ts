/** Rejected frames as an administrator looks at them: the hub tells those of one protocol and one reason as one row. */

import type { RejectedFrame, RejectedGroup } from "../api/types";

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

/** What is asked for; everything, if all is empty. */
export interface Wanted {
  protocol: string;
  text: string;
}

const asked = (wanted: Record<string, string | number>): string =>
  new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== "").map(([name, value]) => [name, String(value)])).toString();

/** Return the path that frames stand together at. */
export const groupsPath = (wanted: Wanted): string => `/api/rejected/groups?${asked({ ...wanted, text: wanted.text.trim() })}`;

/** Return the path of a group's frames, those before a rejected_id. */
export const framesPath = (wanted: Wanted, group: RejectedGroup, limit: number, before?: number): string =>
  `/api/rejected?${asked({ protocol: group.protocol, shape: group.shape, text: wanted.text.trim(), limit, before: before ?? "" })}`;

export const keyOf = (group: RejectedGroup): string => `${group.protocol} ${group.shape}`;

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

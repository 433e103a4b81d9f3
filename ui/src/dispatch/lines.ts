/** The nine lines as they are typed: a few letters and digits for each. */

import { toPoint } from "mgrs";
import type { NamedPlace } from "../movements/types";
import { type Asked, PRECEDENCES } from "./types";

const LETTERS = "abcde";

/** Return how many patients of each precedence "2a 1c" says; a letter alone is one; null when it says anything else. */
export function readPrecedence(text: string): Record<string, number> | null {
  const found = readCounts(text, LETTERS);
  if (found === null) return null;
  return Object.fromEntries([...found].map(([letter, count]) => [PRECEDENCES[LETTERS.indexOf(letter)] as string, count]));
}

/** Return lying and walking patients of "2l 1a": litter and ambulatory, as on the radio; w for walking is understood too. */
export function readPatients(text: string): { lying: number; walking: number } | null {
  const found = readCounts(text, "law");
  if (found === null) return null;
  return { lying: found.get("l") ?? 0, walking: (found.get("a") ?? 0) + (found.get("w") ?? 0) };
}

function readCounts(text: string, letters: string): Map<string, number> | null {
  const plain = text.toLowerCase().replace(/[\s,;+]+/g, "");
  if (plain === "" || !new RegExp(`^(?:\\d{0,3}[${letters}]|[${letters}]\\d{1,3})+$`).test(plain)) return null;
  const counts = new Map<string, number>();
  const before = /^\d/.test(plain) || !/\d/.test(plain);
  const pattern = before ? new RegExp(`(\\d{0,3})([${letters}])`, "g") : new RegExp(`([${letters}])(\\d{0,3})`, "g");
  for (const part of plain.matchAll(pattern)) {
    const [digits, letter] = before ? [part[1], part[2]] : [part[2], part[1]];
    counts.set(letter as string, (counts.get(letter as string) ?? 0) + (digits ? Number(digits) : 1));
  }
  return counts;
}

/** Return the place that "33.3, 44.4" or a grid reference names; null when it names none. */
export function readSite(text: string): { lat_deg: number; lon_deg: number } | null {
  const degrees = /^\s*(-?\d{1,2}(?:\.\d+)?)[\s,]+(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(text);
  if (degrees) {
    const [lat_deg, lon_deg] = [Number(degrees[1]), Number(degrees[2])];
    return Math.abs(lat_deg) <= 90 && Math.abs(lon_deg) <= 180 ? { lat_deg, lon_deg } : null;
  }
  const grid = text.replace(/\s+/g, "").toUpperCase();
  if (!/^\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z]{2}(\d\d){1,5}$/.test(grid)) return null;
  try {
    const [lon_deg, lat_deg] = toPoint(grid);
    return { lat_deg, lon_deg };
  } catch {
    return null;
  }
}

/** Return what an address such as /dispatch?lat=33.3&lon=44.4&case=7 asks for. */
export function readAsked(search: string): Asked {
  const query = new URLSearchParams(search);
  const number = (name: string): number | null => (/^\d{1,9}$/.test(query.get(name) ?? "") ? Number(query.get(name)) : null);
  const site = readSite(`${query.get("lat") ?? ""}, ${query.get("lon") ?? ""}`);
  const name = (query.get("place") ?? "").slice(0, 100);
  const place: NamedPlace | null = site && { name: name || "–", ...site };
  return {
    place,
    case_id: number("case"),
    movement_id: number("movement"),
    medevac_id: number("medevac"),
    callsign: (query.get("callsign") ?? "").slice(0, 100),
    frequency: (query.get("frequency") ?? "").slice(0, 100),
  };
}

/** Return minutes and seconds since a moment, signed: "12:05", "-3:10" before it. */
export function clockText(from_ms: number, to_ms: number): string {
  const seconds = Math.floor(Math.abs(to_ms - from_ms) / 1000);
  const sign = to_ms < from_ms ? "-" : "";
  const hours = Math.floor(seconds / 3600);
  const rest = `${String(Math.floor(seconds / 60) % 60).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  return `${sign}${hours > 0 ? `${hours}:` : ""}${rest}`;
}

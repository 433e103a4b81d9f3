/** Date-time groups as the field writes them: DDHHMMZ MON YY. Always Latin letters and digits, left to right. */

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

interface Parts {
  year: number;
  month: number; // 1..12
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const two = (n: number): string => String(n).padStart(2, "0");

function utcParts(at: Date): Parts {
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Return the wall-clock parts of a moment in an IANA time zone. */
export function zoneParts(at: Date, zone: string): Parts {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      calendar: "gregory",
      numberingSystem: "latn",
    });
    formats.set(zone, format);
  }
  const of = Object.fromEntries(format.formatToParts(at).map((p) => [p.type, Number(p.value)]));
  return {
    year: of["year"] ?? NaN,
    month: of["month"] ?? NaN,
    day: of["day"] ?? NaN,
    hour: of["hour"] ?? NaN,
    minute: of["minute"] ?? NaN,
    second: of["second"] ?? NaN,
  };
}

/** Return the military zone letter of a whole-hour offset (Z, A..M without J, N..Y), null for other offsets. */
export function zoneLetter(offset_min: number): string | null {
  if (offset_min % 60 !== 0) return null;
  const hours = offset_min / 60;
  if (hours === 0) return "Z";
  if (hours >= 1 && hours <= 12) return "ABCDEFGHIKLM"[hours - 1] ?? null;
  if (hours <= -1 && hours >= -12) return "NOPQRSTUVWXY"[-hours - 1] ?? null;
  return null;
}

/** Return how many minutes a zone's wall clock is ahead of UTC at that moment. */
export function offsetMinutes(at: Date, zone: string): number {
  const p = zoneParts(at, zone);
  const wall = Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second);
  return Math.round((wall - Math.floor(at.getTime() / 1000) * 1000) / 60000);
}

function written(p: Parts, letter: string): string {
  return `${two(p.day)}${two(p.hour)}${two(p.minute)}${letter} ${MONTHS[p.month - 1]} ${two(p.year % 100)}`;
}

/** Return the Zulu date-time group, "231305Z NOV 26". */
export function dtgZulu(at: Date): string {
  return written(utcParts(at), "Z");
}

/** Return the local date-time group with its zone letter, "231605C NOV 26"; J (local) where the zone has none. */
export function dtgLocal(at: Date, zone: string): string {
  return written(zoneParts(at, zone), zoneLetter(offsetMinutes(at, zone)) ?? "J");
}

/** Return "13:05:09" of a moment in a zone ("UTC" for Zulu). */
export function clockTime(at: Date, zone: string): string {
  const p = zone === "UTC" ? utcParts(at) : zoneParts(at, zone);
  return `${two(p.hour)}:${two(p.minute)}:${two(p.second)}`;
}

/** Return the short form for a dense row, "1305Z", with the day before it when it is another day than `now`'s. */
export function dtgShort(at: Date, now: Date): string {
  const p = utcParts(at);
  const day = p.day === now.getUTCDate() && Math.abs(now.getTime() - at.getTime()) < 86_400_000 ? "" : two(p.day);
  return `${day}${two(p.hour)}${two(p.minute)}Z`;
}

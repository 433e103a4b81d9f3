import { describe, expect, test } from "vitest";
import { ageClass, ageSeconds, ageText } from "../src/time/age";
import { clockTime, dtgLocal, dtgShort, dtgZulu, offsetMinutes, zoneLetter } from "../src/time/dtg";

describe("the age of a fix", () => {
  test("is fresh up to 60 s, stale up to 300 s, and lost after", () => {
    expect([0, 60, 60.001, 300, 300.001].map(ageClass)).toEqual(["fresh", "fresh", "stale", "stale", "lost"]);
  });

  test("without a fix is none, never fresh", () => {
    expect(ageClass(null)).toBe("none");
    expect(ageClass(Number.NaN)).toBe("none");
  });

  test("counts from the device's time, and a clock that runs ahead gives 0", () => {
    const now = Date.parse("2026-11-23T01:00:30Z");
    expect(ageSeconds("2026-11-23T01:00:00Z", now)).toBe(30);
    expect(ageSeconds("2026-11-23T01:00:31Z", now)).toBe(0);
    expect(ageSeconds(null, now)).toBeNull();
    expect(ageSeconds("yesterday", now)).toBeNull();
  });

  test("is written in at most two units", () => {
    expect([0, 8.9, 99, 100, 3599, 3600, 7500, 86_400, 400_000].map(ageText)).toEqual([
      "0 s", "8 s", "99 s", "1 min", "59 min", "1 h 00", "2 h 05", "1 d", "4 d",
    ]);
    expect(ageText(null)).toBe("–");
  });
});

describe("date-time groups", () => {
  const at = new Date("2026-11-23T21:05:09Z");

  test("Zulu is day, hour, minute, Z, month, year", () => {
    expect(dtgZulu(at)).toBe("232105Z NOV 26");
  });

  test("Baghdad is Charlie, three hours ahead, over midnight too", () => {
    expect(dtgLocal(at, "Asia/Baghdad")).toBe("240005C NOV 26");
    expect(dtgLocal(new Date("2026-12-31T22:30:00Z"), "Asia/Baghdad")).toBe("010130C JAN 27");
  });

  test("a zone with half hours has no letter and is written J", () => {
    expect(dtgLocal(at, "Asia/Tehran")).toBe("240035J NOV 26");
    expect(offsetMinutes(at, "Asia/Tehran")).toBe(210);
  });

  test("zone letters leave J out", () => {
    expect([0, 60, 180, 540, 600, 720, -60, -720, 90].map(zoneLetter)).toEqual(["Z", "A", "C", "I", "K", "M", "N", "Y", null]);
  });

  test("the short form names the day only when it is another", () => {
    expect(dtgShort(at, new Date("2026-11-23T23:00:00Z"))).toBe("2105Z");
    expect(dtgShort(at, new Date("2026-11-24T01:00:00Z"))).toBe("232105Z");
  });

  test("the clock shows seconds", () => {
    expect(clockTime(at, "UTC")).toBe("21:05:09");
    expect(clockTime(at, "Asia/Baghdad")).toBe("00:05:09");
  });
});

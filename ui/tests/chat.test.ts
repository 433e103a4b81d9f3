/** How far a message has come, as the console tells it. */

import { describe, expect, test } from "vitest";
import { stepOf, stepsOf } from "../src/chat/steps";
import type { ChatMessage, ChatReceipt } from "../src/chat/types";

const AT = "2026-03-01T12:00:00Z";
const SOON_MS = Date.parse(AT) + 60_000;
const receipt = (device_name: string, more: Partial<ChatReceipt> = {}): ChatReceipt => ({ device_name, handed_at: null, delivered_at: null, read_at: null, ...more });
const message = (more: Partial<ChatMessage> = {}): ChatMessage => ({
  message_id: 1, movement_id: 1, from_device: "", to_device: "", user_name: "wafa", callsign: "WATCH", room: "", body: "Wait.",
  sent_at: AT, received_at: AT, lat_deg: null, lon_deg: null, receipts: [], ...more,
});

describe("how far a message has come", () => {
  test("the furthest step counts, and nothing heard is waiting", () => {
    expect(stepOf(undefined)).toBe("waiting");
    expect(stepOf(receipt("a", { handed_at: AT }))).toBe("handed");
    expect(stepOf(receipt("a", { handed_at: AT, delivered_at: AT }))).toBe("delivered");
    expect(stepOf(receipt("a", { read_at: AT }))).toBe("read");
  });

  test("a message to all is told for every device in the room, and for one that had it and left", () => {
    const said = message({ receipts: [receipt("gone", { delivered_at: AT }), receipt("b", { handed_at: AT })] });
    expect(stepsOf(said, ["b", "a"], SOON_MS)).toEqual([
      { device: "a", step: "waiting" },
      { device: "b", step: "handed" },
      { device: "gone", step: "delivered" },
    ]);
  });

  test("a message to one device is told for that one alone", () => {
    expect(stepsOf(message({ to_device: "b" }), ["a", "b"], SOON_MS)).toEqual([{ device: "b", step: "waiting" }]);
  });

  test("who did not come within a day is not reached, and who had it by then was", () => {
    const said = message({ receipts: [receipt("b", { handed_at: AT })] });
    const steps = (hours: number) => stepsOf(said, ["a", "b"], Date.parse(AT) + hours * 3_600_000).map((it) => it.step);
    expect(steps(23.9)).toEqual(["waiting", "handed"]);
    expect(steps(24)).toEqual(["lapsed", "handed"]);
  });
});

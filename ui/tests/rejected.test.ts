/** Rejected frames: what is asked of the hub, and how they are told. */

import { describe, expect, test } from "vitest";
import type { RejectedFrame, RejectedGroup } from "../src/api/types";
import { commandOf, framesPath, groupsPath, hexOf, kindOf, textOf } from "../src/rejected/groups";

const frame = (more: Partial<RejectedFrame> = {}): RejectedFrame => ({
  received_at: "2026-03-01T12:00:00Z", protocol: "gt06", remote: "10.0.0.7:40001", identity: null,
  reason: "CRC 0x12ab, expected 0x34cd over 12 bytes", raw_hex: "7878", rejected_id: 1, ...more,
});
const group: RejectedGroup = {
  protocol: "gt06", shape: "CRC …", reason: "CRC 1", count: 3, first_at: "2026-03-01T11:00:00Z", last_at: "2026-03-01T12:00:00Z",
  senders: ["10.0.0.7"], sender_count: 1,
};

describe("rejected frames", () => {
  test("what is asked for stands in the paths, nothing else", () => {
    expect(groupsPath({ protocol: "", text: "  " })).toBe("/api/rejected/groups?");
    expect(groupsPath({ protocol: "h02", text: " a&b " })).toBe("/api/rejected/groups?protocol=h02&text=a%26b");
    expect(framesPath({ protocol: "", text: "" }, group, 20)).toBe("/api/rejected?protocol=gt06&shape=CRC+%E2%80%A6&limit=20");
    expect(framesPath({ protocol: "", text: "x" }, group, 20, 7)).toBe("/api/rejected?protocol=gt06&shape=CRC+%E2%80%A6&text=x&limit=20&before=7");
  });

  test.each([
    ["CRC 0x1, expected 0x2 over 3 bytes", "checksum"],
    ["checksum 12, expected 13", "checksum"],
    ["latitude 91.0, expected -90 to 90 degrees", "place"],
    ["time is '99', expected hhmmss", "time"],
    ["the key is not the one of this tracker; expected the key shown when the tracker was added", "key"],
    ["more than 1000 fixes in one second, expected fewer; they come again later", "rate"],
    ["the connection ended inside a packet, after 3 bytes of it", "cut"],
    ["longer than 82 bytes, expected a sentence of at most 82", "long"],
    ["64 frames rejected on this connection; check the device's protocol and port", "flood"],
    ["message is sealed and no secret of its sender is known here", "sealed"],
    ["first bytes of no protocol that is known; expected those of one on the page of protocols", "protocol"],
    ["something new", "other"],
  ])("%s is of the kind %s", (reason, kind) => {
    expect(kindOf(reason)).toBe(kind);
  });

  test("bytes are told as hexadecimal and as text", () => {
    expect(hexOf("2a4851ff")).toBe("2a 48 51 ff");
    expect(textOf("2a4851ff0d")).toBe("*HQ··");
  });

  test("a frame comes with the command that reads it, where one can", () => {
    expect(commandOf(frame())).toBe("tapestry decode gt06 7878");
    expect(commandOf(frame({ raw_hex: "" }))).toBeNull();
    expect(commandOf(frame({ protocol: "mqtt" }))).toBeNull();
  });
});

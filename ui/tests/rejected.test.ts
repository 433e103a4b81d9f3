/** Rejected frames as one row for each reason. */

import { describe, expect, test } from "vitest";
import type { RejectedFrame } from "../src/api/types";
import { commandOf, groupsOf, hexOf, kindOf, shapeOf, textOf } from "../src/rejected/groups";

const ALL = { protocol: "", text: "" };
const frame = (more: Partial<RejectedFrame> = {}): RejectedFrame => ({
  received_at: "2026-03-01T12:00:00Z", protocol: "gt06", remote: "10.0.0.7:40001", identity: null,
  reason: "CRC 0x12ab, expected 0x34cd over 12 bytes", raw_hex: "7878", ...more,
});

describe("rejected frames", () => {
  test("those that differ in numbers alone are one group, the newest sentence stands for it", () => {
    const groups = groupsOf([frame(), frame({ reason: "CRC 0x0001, expected 0xffff over 7 bytes", remote: "10.0.0.7:40002" }), frame({ protocol: "h02" })], ALL);
    expect(groups.map((g) => [g.protocol, g.frames.length, g.senders])).toEqual([
      ["gt06", 2, ["10.0.0.7"]],
      ["h02", 1, ["10.0.0.7"]],
    ]);
    expect(groups[0]?.reason).toBe("CRC 0x12ab, expected 0x34cd over 12 bytes");
  });

  test("what was seen, in quotes, does not part a group, what was expected does", () => {
    expect(shapeOf("imei '12', expected 15 digits")).toBe(shapeOf("imei '98\\'7', expected 15 digits"));
    expect(shapeOf("imei '12', expected 15 digits")).not.toBe(shapeOf("speed '12', expected 15 digits"));
  });

  test("protocol and words choose", () => {
    const frames = [frame({ identity: "imei:1" }), frame({ protocol: "h02", reason: "time is '99', expected hhmmss" })];
    expect(groupsOf(frames, { protocol: "h02", text: "" })).toHaveLength(1);
    expect(groupsOf(frames, { protocol: "", text: "IMEI:1" })[0]?.senders).toEqual(["imei:1"]);
    expect(groupsOf(frames, { protocol: "h02", text: "crc" })).toEqual([]);
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

import { describe, expect, it } from "vitest";
import { inOrder, isLoopback, type TakDevice } from "../src/tak/types";

const device = (device_id: number, name: string, state: TakDevice["state"]): TakDevice => ({
  device_id, name, state, form: "enrol", vehicle_id: null, user_name: null, created_at: "2026-03-01T12:00:00Z", created_by: "wafa",
  token_expires_at: "2026-03-02T12:00:00Z", serial: null, fingerprint_sha256: null, issued_at: null, expires_at: null, revoked_at: null, revoked_by: "",
});

describe("TAK devices", () => {
  it("has those in use first, by name, and what is over last, the newest first", () => {
    const given = [device(1, "B", "revoked"), device(2, "C", "waiting"), device(3, "A", "enrolled"), device(4, "D", "expired"), device(5, "E", "ended")];
    expect(inOrder(given).map((it) => it.name)).toEqual(["A", "C", "E", "D", "B"]);
    expect(given.map((it) => it.device_id)).toEqual([1, 2, 3, 4, 5]);
  });
  it("knows which addresses devices elsewhere cannot reach", () => {
    expect(["127.0.0.1", "127.1.2.3", "localhost", "::1"].map(isLoopback)).toEqual([true, true, true, true]);
    expect(["192.0.2.7", "hub.example", "10.0.0.1", "localhost.example"].map(isLoopback)).toEqual([false, false, false, false]);
  });
});

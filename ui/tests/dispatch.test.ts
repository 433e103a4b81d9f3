import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { clockText, readAsked, readPatients, readPrecedence, readSite } from "../src/dispatch/lines";
import { CAPABILITIES, EQUIPMENT, MARKINGS, READINESS, SECURITY } from "../src/dispatch/types";
import { ALL } from "../src/team/words.svelte";

describe("the nine lines as they are typed", () => {
  it("reads patients by precedence in any order, a letter alone as one", () => {
    expect(readPrecedence("2a1c")).toEqual({ urgent: 2, priority: 1 });
    expect(readPrecedence(" A 3 B 2")).toEqual({ urgent: 3, "urgent-surgical": 2 });
    expect(readPrecedence("e")).toEqual({ convenience: 1 });
    expect(readPrecedence("a a")).toEqual({ urgent: 2 });
  });
  it("takes nothing for a number that it does not understand", () => {
    for (const text of ["", "2", "2x", "a-1", "1a2", "9999a", "two"]) expect(readPrecedence(text)).toBeNull();
    for (const text of ["", "3", "l?", "2b"]) expect(readPatients(text)).toBeNull();
  });
  it("reads lying and walking", () => {
    expect(readPatients("2l 1a")).toEqual({ lying: 2, walking: 1 });
    expect(readPatients("L3")).toEqual({ lying: 3, walking: 0 });
    expect(readPatients("1w2a")).toEqual({ lying: 0, walking: 3 });
  });
});

describe("a site", () => {
  it("is degrees or a grid reference", () => {
    expect(readSite("33.3, 44.4")).toEqual({ lat_deg: 33.3, lon_deg: 44.4 });
    const grid = readSite("38S MB 44140 84706");
    expect(grid?.lat_deg).toBeCloseTo(33.3, 3);
    expect(grid?.lon_deg).toBeCloseTo(44.4, 3);
  });
  it("is nothing when it cannot be one", () => {
    for (const text of ["", "Baghdad", "91, 44", "33.3", "38I MB 1 1", "38SMB123", "99XAA11"]) expect(readSite(text)).toBeNull();
  });
});

it("an address brings place, case and voice along, and nothing that is no number", () => {
  expect(readAsked("?lat=33.3&lon=44.4&place=Km%2012&case=7&medevac=x&callsign=WOLF&frequency=42.5")).toEqual({
    place: { name: "Km 12", lat_deg: 33.3, lon_deg: 44.4 }, case_id: 7, movement_id: null, medevac_id: null, callsign: "WOLF", frequency: "42.5",
  });
  expect(readAsked("").place).toBeNull();
});

it("clocks count up, and down with a sign", () => {
  expect([clockText(0, 65_000), clockText(0, 3_661_000), clockText(65_000, 0)]).toEqual(["01:05", "1:01:01", "-01:05"]);
});

it("the team's page has all words in three languages", () => {
  expect(Object.keys(ALL.ar).sort()).toEqual(Object.keys(ALL.en).sort());
  expect(Object.keys(ALL.ckb).sort()).toEqual(Object.keys(ALL.en).sort());
});

it("every word that the hub sends has words in the console", () => {
  const known = readFileSync(new URL("../src/lang/en.ftl", import.meta.url), "utf8");
  const against = ["not-ready", "off", "resting", "already-tasked", "no-capability", "position-unknown", "position-stale", "no-contact-means", "outside-area", "no-road-known"];
  const states = ["requested", "relayed", "accepted", "declined", "launched", "on-scene", "complete", "cancelled"];
  const commands = ["relay", "accept", "decline", "launch", "arrive", "complete", "cancel"];
  const keys = [
    ...[...against, "ready", "in-area", "can-do", "position-fresh"].map((it) => `dispatch-reason-${it}`),
    ...states.map((it) => `tasking-state-${it}`), ...commands.flatMap((it) => [`tasking-do-${it}`, `tasking-did-${it}`]),
    ...["waiting", "sent", "given-up"].map((it) => `tasking-text-${it}`), ...CAPABILITIES.map((it) => `dispatch-can-${it}`), ...READINESS.map((it) => `dispatch-ready-${it}`),
    ...["road", "straight-line", "air"].map((it) => `dispatch-way-${it}`), ...["position", "post"].map((it) => `dispatch-from-${it}`),
    ...["notified", "dispatched", "at-patient", "to-hospital", "handed-over", "closed", "cancelled"].map((it) => `medevac-state-${it}`),
    ...["dispatch", "at-patient", "depart", "hand-over", "close", "cancel"].map((it) => `medevac-do-${it}`), ...["at-patient", "handed-over"].map((it) => `medevac-clock-${it}`),
    ...EQUIPMENT.map((it) => `medevac-equipment-${it}`), ...SECURITY.map((it) => `medevac-security-${it}`), ...MARKINGS.map((it) => `medevac-marking-${it}`),
  ];
  expect(keys.filter((key) => !known.includes(`\n${key} =`))).toEqual([]);
});

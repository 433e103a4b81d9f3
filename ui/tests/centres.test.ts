import { expect, test } from "vitest";
import { behindOf, type CentreLink, cutOf } from "../src/centres/centres.svelte";

const link = (up: boolean, behind = 0): CentreLink => ({
  centre: { number: 1, name: "basra" },
  up,
  since: "2026-03-01T12:00:00Z",
  heard_at: null,
  behind,
});
const own = { number: 0, name: "baghdad" };

test("only links over which nobody is heard are shown as cut", () => {
  expect(cutOf({ own, links: [link(true), link(false)] })).toEqual([link(false)]);
});

test("a link that is up and has much to come is shown as catching up; a few messages are not", () => {
  expect(behindOf({ own, links: [link(true, 3), link(true, 5_000), link(false, 5_000)] })).toEqual([link(true, 5_000)]);
});

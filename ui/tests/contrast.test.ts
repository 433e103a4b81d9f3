import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** WCAG 2.2, 1.4.3 and 1.4.11: text 4.5 to 1, what is no text or large 3 to 1. */
const TEXT = 4.5;
const PART = 3;

const css = readFileSync(new URL("../src/app.css", import.meta.url), "utf8");

function tokensOf(selector: string): Record<string, string> {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf("}", start));
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map((found) => [found[1], found[2]]));
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const day = tokensOf(":root");
const night = { ...day, ...tokensOf(':root[data-theme="night"]') };
const LOOKS = {
  day,
  night,
  "day, more contrast": { ...day, ...tokensOf(':root[data-contrast="more"]') },
  "night, more contrast": { ...night, ...tokensOf(':root[data-theme="night"][data-contrast="more"]') },
};

/** Foreground, background, least ratio: every pair that the pages put on one another. */
const PAIRS: [string, string, number][] = [
  ...["ink", "ink-2", "ink-3", "accent", "warning", "emergency", "notice", "live", "stale", "lost", "route", "replay"].map((ink): [string, string, number] => [ink, "ground", TEXT]),
  ...["ink", "ink-2", "accent", "warning", "emergency"].map((ink): [string, string, number] => [ink, "ground-2", TEXT]),
  ["ink", "ground-3", TEXT],
  ["ink", "accent-ground", TEXT],
  ["ink", "warning-ground", TEXT],
  ["warning", "warning-ground", TEXT],
  ["ink", "emergency-ground", TEXT],
  ["bar-ink", "bar", TEXT],
  ["bar-ink-2", "bar", TEXT],
  ["ground", "accent", TEXT],
  ["ground", "warning", TEXT],
  ["emergency-ink", "emergency", TEXT],
  ["focus", "ground", PART],
];

describe.each(Object.entries(LOOKS))("%s", (_, tokens: Record<string, string>) => {
  test("every colour can be read on what it stands on", () => {
    const low = PAIRS.map(([ink, ground, least]) => ({ pair: `${ink} on ${ground}`, least, is: Math.round(ratio(tokens[ink] as string, tokens[ground] as string) * 100) / 100 })).filter((it) => it.is < it.least);
    expect(low).toEqual([]);
  });
});

test("the measure is the standard's", () => {
  expect(ratio("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(ratio("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

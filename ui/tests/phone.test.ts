import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lineOf, motionOf } from "../src/phone/line";
import { setupLink } from "../src/phone/outside";
import { Pace } from "../src/phone/pace";
import { ar } from "../src/phone/words/ar";
import { ckb } from "../src/phone/words/ckb";
import { en } from "../src/phone/words/en";

const FOLDER = new URL("../src/phone/", import.meta.url).pathname;

describe("an item of the phone page", () => {
  test("is one line, places to a metre, nothing where nothing is known", () => {
    expect(lineOf({ n: 7, kind: "position", at_ms: 1772366400000, lat: 33.123456, lon: 44.1, rest: "8,12.5,270" })).toBe(
      "7,position,1772366400000,33.12346,44.10000,8,12.5,270",
    );
    expect(lineOf({ n: 8, kind: "help", at_ms: 1, lat: null, lon: null, rest: "" })).toBe("8,help,1,,,");
  });

  test("says of the motion what the browser knows", () => {
    expect(motionOf({ accuracy: 7.6, speed: 12.46, heading: 269.7 })).toBe("8,12.5,270");
    expect(motionOf({ accuracy: 20, speed: null, heading: NaN })).toBe("20,,");
  });
});

describe("the pace of asking", () => {
  const middle = (): number => 0.5; // neither sooner nor later

  test("is at once after a held answer, slow where the hub has no place to hold us", () => {
    const pace = new Pace(middle);
    expect(pace.answered(true, true, 25_000, 0)).toBe(0);
    expect(pace.answered(true, false, 10, 0)).toBe(200);
    expect(pace.answered(true, true, 10, 0)).toBe(8_000);
  });

  test("falls back to ten seconds without a link, spread over the convoy, and asks openly until there is one", () => {
    const pace = new Pace(middle);
    expect([1, 2, 3, 4, 5, 6].map(() => pace.failed(false, 10, 0))).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(pace.mayHold(0)).toBe(false);
    pace.answered(false, false, 10, 0);
    expect(pace.mayHold(0)).toBe(true);
    expect([new Pace(() => 0), new Pace(() => 1)].map((it) => it.failed(false, 10, 0))).toEqual([500, 1_500]);
  });

  test("is plain for five minutes when held questions are cut off on the way", () => {
    const pace = new Pace(middle);
    pace.failed(true, 9_000, 0);
    pace.answered(false, false, 10, 0);
    expect(pace.mayHold(0)).toBe(true);
    pace.failed(true, 9_000, 0);
    expect(pace.answered(false, false, 10, 0)).toBe(8_000);
    expect([pace.mayHold(299_999), pace.mayHold(300_000)]).toEqual([false, true]);
  });
});

describe("tracking with the screen off", () => {
  test("is set up by one address", () => {
    expect(setupLink("http://hub.test:5055", "tp-1")).toBe(
      "org.traccar.client://config?id=tp-1&url=http%3A%2F%2Fhub.test%3A5055&accuracy=highest&distance=0&interval=15&buffer=true",
    );
  });
});

describe("the page on the home screen", () => {
  const PUBLIC = new URL("../public/", import.meta.url).pathname;
  const manifest = JSON.parse(readFileSync(join(PUBLIC, "phone.webmanifest"), "utf8")) as Record<string, unknown> & {
    icons: { src: string; sizes: string; type: string; purpose: string }[];
  };

  test("has what a browser needs to install it", () => {
    expect([manifest["name"], manifest["short_name"], manifest["start_url"], manifest["scope"], manifest["display"]]).toEqual(["Tapestry", "Tapestry", "/phone/", "/phone/", "standalone"]);
    expect(manifest.icons.filter((it) => it.type === "image/png").map((it) => `${it.sizes} ${it.purpose}`)).toEqual(["192x192 any", "512x512 any", "512x512 maskable"]);
  });

  test("has icons of the sizes that it says", () => {
    for (const icon of manifest.icons.filter((it) => it.type === "image/png")) {
      const png = readFileSync(join(PUBLIC, icon.src));
      expect(png.subarray(1, 4).toString()).toBe("PNG");
      expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`).toBe(icon.sizes);
    }
  });
});

describe("the colours of the phone page", () => {
  const css = readFileSync(join(FOLDER, "phone.css"), "utf8");
  const colours = Object.fromEntries([...css.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map((it) => [it[1], it[2]])) as Record<string, string>;

  /** Relative luminance of WCAG 2.2. */
  function luminance(hex: string): number {
    const full = hex.length === 4 ? [...hex.slice(1)].map((it) => it + it).join("") : hex.slice(1);
    const [r, g, b] = [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16) / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4)) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  function contrast(one: string, other: string): number {
    const [low, high] = [luminance(colours[one] ?? one), luminance(colours[other] ?? other)].sort((a, b) => a - b) as [number, number];
    return (high + 0.05) / (low + 0.05);
  }

  test("are read in glaring sun: seven to one, nearly seven for white on the red of help and stop", () => {
    for (const [ink, ground] of [["ink", "ground"], ["quiet", "ground"], ["quiet", "ground-2"], ["good", "ground"], ["good", "ground-2"], ["focus", "ground"], ["ink", "delay"]] as const) {
      expect(contrast(ink, ground), `${ink} on ${ground}`).toBeGreaterThanOrEqual(7);
    }
    expect(contrast("#fff", "help")).toBeGreaterThanOrEqual(6.5);
    expect(contrast("line", "ground")).toBeGreaterThanOrEqual(4.5);
  });
});

describe("the words of the phone page", () => {
  test("are in every language, and none is the English one", () => {
    for (const words of [ar, ckb]) {
      for (const [name, text] of Object.entries(words)) expect(text.trim() !== "" && text !== en[name as keyof typeof en], name).toBe(true);
    }
  });

  test("are all shown somewhere", () => {
    const source = readdirSync(FOLDER).filter((name) => /\.(svelte|ts)$/.test(name)).map((name) => readFileSync(join(FOLDER, name), "utf8")).join("\n");
    const shown = Object.keys(en).filter((name) => !["waiting", "received", "refused"].includes(name) && !/^(threat|control)_/.test(name)); // by what the hub says
    expect(shown.filter((name) => !source.includes(`"${name}"`) && !source.includes(`.${name}`))).toEqual([]);
  });
});

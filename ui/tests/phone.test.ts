import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lineOf, motionOf } from "../src/phone/line";
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

describe("the words of the phone page", () => {
  test("are in every language, and none is the English one", () => {
    for (const words of [ar, ckb]) {
      for (const [name, text] of Object.entries(words)) expect(text.trim() !== "" && text !== en[name as keyof typeof en], name).toBe(true);
    }
  });

  test("are all shown somewhere", () => {
    const source = readdirSync(FOLDER).filter((name) => /\.(svelte|ts)$/.test(name)).map((name) => readFileSync(join(FOLDER, name), "utf8")).join("\n");
    const shown = Object.keys(en).filter((name) => !["waiting", "received", "refused"].includes(name)); // by an item's state
    expect(shown.filter((name) => !source.includes(`"${name}"`) && !source.includes(`.${name}`))).toEqual([]);
  });
});

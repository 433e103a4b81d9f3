import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { FluentBundle, FluentResource } from "@fluent/bundle";
import { describe, expect, test } from "vitest";
import { SHORTCUTS } from "../src/shell/keys";

const SRC = new URL("../src/", import.meta.url).pathname;
const LANGUAGES = ["en", "ar", "ckb"];
const textOf = (language: string): string => ["lang", "lang/briefs"].map((folder) => readFileSync(join(SRC, folder, `${language}.ftl`), "utf8")).join("\n");
const keysOf = (language: string): string[] => [...textOf(language).matchAll(/^([a-z][\w-]*) =/gm)].map((m) => m[1] as string);
const variablesOf = (language: string): Map<string, string[]> =>
  new Map(
    textOf(language)
      .split(/\n(?=[a-z#])/)
      .map((block) => [block.split(" =")[0] as string, [...new Set([...block.matchAll(/\{ \$(\w+)/g)].map((m) => m[1] as string))].sort()]),
  );

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(ts|svelte)$/.test(name) ? [readFileSync(path, "utf8")] : [];
  });
}

describe("the language files", () => {
  test("each key stands in every language", () => {
    const english = keysOf("en").sort();
    for (const language of LANGUAGES) expect(keysOf(language).sort(), language).toEqual(english);
  });

  test("no key stands twice in a file", () => {
    for (const language of LANGUAGES) {
      const keys = keysOf(language);
      expect(keys.filter((k, i) => keys.indexOf(k) !== i), language).toEqual([]);
    }
  });

  test("each message takes the same values in every language", () => {
    const english = variablesOf("en");
    for (const language of ["ar", "ckb"]) {
      for (const [key, names] of variablesOf(language)) if (!key.startsWith("#")) expect([key, names]).toEqual([key, english.get(key)]);
    }
  });

  test("each file parses without a fault", () => {
    for (const language of LANGUAGES) {
      expect(new FluentBundle(language).addResource(new FluentResource(textOf(language))), language).toEqual([]);
    }
  });

  test("each key that the source asks for by name exists", () => {
    const known = new Set(keysOf("en"));
    const asked = sources(SRC).flatMap((text) => [...text.matchAll(/\bt\("([a-z][\w-]*)"/g)].map((m) => m[1] as string));
    expect(asked.length).toBeGreaterThan(150);
    expect([...new Set(asked)].filter((key) => !known.has(key))).toEqual([]);
  });

  test("each word the hub may send has its words", () => {
    const known = new Set(keysOf("en"));
    const rules = ["distress", "silent", "stopped-off-plan", "off-corridor", "fence-enter", "fence-exit", "spacing-stretched", "spacing-closed-up", "straggler", "overspeed", "position-disputed", "overdue", "team-silent", "rule-failed"];
    const wanted = [
      ...rules.map((r) => `rule-${r}`),
      ...["sos", "help", "delay", "contact", "tamper"].map((k) => `distress-${k}`),
      ...["emergency", "warning", "notice"].map((s) => `severity-${s}`),
      ...["cargo", "escort", "command", "recovery", "medical", "other"].map((r) => `role-${r}`),
      ...["administrator", "watch_officer", "operator", "partner"].map((r) => `account-role-${r}`),
      ...["bad-credentials", "locked-out", "forbidden", "not-found", "bad-csrf", "changed-meanwhile", "double-booked", "bad-reason", "alert-closed"].map((c) => `error-${c}`),
      ...SHORTCUTS.map((s) => s.words),
    ];
    expect(wanted.filter((key) => !known.has(key))).toEqual([]);
  });

  test("digits are Latin in every language, as those beside them are", () => {
    for (const language of LANGUAGES) expect(textOf(language).match(/[\u0660-\u0669\u06f0-\u06f9]/), language).toBeNull();
  });

  test("Arabic and Kurdish are translated, not copied", () => {
    const latinOnly = (language: string): string[] =>
      textOf(language)
        .split("\n")
        .filter((line) => /^[a-z][\w-]* = /.test(line) && !/[\u0600-\u06ff]/.test(line) && !/= \{ \$\w+( ->|\s\})/.test(line))
        .map((line) => line.split(" =")[0] as string);
    expect(latinOnly("ar")).toEqual(["col-mgrs"]);
    expect(latinOnly("ckb")).toEqual(["col-mgrs"]);
  });
});

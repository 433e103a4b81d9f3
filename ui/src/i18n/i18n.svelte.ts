/** The words of the console in the chosen language. Every visible string goes through t(). */

import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import type { Language } from "../api/types";

export const LANGUAGES: { code: Language; name: string; dir: "ltr" | "rtl" }[] = [
  { code: "en", name: "English", dir: "ltr" },
  { code: "ar", name: "العربية", dir: "rtl" },
  { code: "ckb", name: "کوردی", dir: "rtl" },
];

const FILES = import.meta.glob<string>(["../lang/*.ftl", "../lang/briefs/*.ftl"], { query: "?raw", import: "default" });
const STORED = "tapestry.language";

let state = $state.raw<{ language: Language; bundle: FluentBundle | null }>({ language: "en", bundle: null });

/** Return a bundle of one language file. In right-to-left text, inserted values are isolated so digits keep order. */
export function bundleOf(language: Language, source: string): FluentBundle {
  const rtl = language !== "en";
  // "nu-latn": call signs, grids and date-time groups are in Latin digits, so are the numbers beside them.
  const bundle = new FluentBundle(`${language}-u-nu-latn`, { useIsolating: rtl });
  const faults = bundle.addResource(new FluentResource(source));
  if (faults.length > 0) throw new Error(`${language}.ftl: ${faults.map(String).join("; ")}`);
  return bundle;
}

export async function setLanguage(language: Language): Promise<void> {
  const parts = [`../lang/${language}.ftl`, `../lang/briefs/${language}.ftl`].map((name) => FILES[name]?.());
  const words = await Promise.all(parts);
  if (words.includes(undefined)) throw new Error(`no language file for "${language}"`);
  state = { language, bundle: bundleOf(language, words.join("\n")) };
  document.documentElement.lang = language;
  document.documentElement.dir = direction(language);
  localStorage.setItem(STORED, language);
}

export function direction(language: Language = state.language): "ltr" | "rtl" {
  return LANGUAGES.find((l) => l.code === language)?.dir ?? "ltr";
}

export function currentLanguage(): Language {
  return state.language;
}

export function storedLanguage(): Language | null {
  const kept = localStorage.getItem(STORED);
  return LANGUAGES.find((l) => l.code === kept)?.code ?? null;
}

/** Return the words for a key; the key itself, marked, when it is missing (a test keeps that from happening). */
export function t(key: string, values?: Record<string, FluentVariable>): string {
  const pattern = state.bundle?.getMessage(key)?.value;
  if (!state.bundle || !pattern) return state.bundle ? `[${key}]` : "";
  return state.bundle.formatPattern(pattern, values ?? null, []);
}

/** Return the words for a key the hub sent (a rule, a role, an error code), or `otherwise` when there are none. */
export function tOr(key: string, otherwise: string, values?: Record<string, FluentVariable>): string {
  return state.bundle?.hasMessage(key) ? t(key, values) : otherwise;
}

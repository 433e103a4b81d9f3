/** The phone page's language: Arabic unless somebody chose another. */
import { ar } from "./words/ar";
import { ckb } from "./words/ckb";
import { en, type Words } from "./words/en";

const WORDS = { ar, ckb, en };
export type Language = keyof typeof WORDS;
export const LANGUAGES: [Language, string][] = [["ar", "العربية"], ["ckb", "کوردی"], ["en", "English"]];

let chosen = $state<Language>("ar");

export function language(): Language {
  return chosen;
}

export function storedLanguage(): Language {
  const stored = localStorage.getItem("phone-language");
  return stored === "en" || stored === "ckb" ? stored : "ar";
}

export function setLanguage(next: Language): void {
  chosen = next;
  localStorage.setItem("phone-language", next);
  document.documentElement.lang = next;
  document.documentElement.dir = next === "en" ? "ltr" : "rtl";
  document.title = WORDS[next].title;
}

export function word(name: keyof Words): string {
  return WORDS[chosen][name];
}

/** A word whose name is put together from what the hub says; a name without a word is shown as it is. */
export function wordOr(name: string): string {
  return WORDS[chosen][name as keyof Words] ?? name;
}

/** Hours and minutes of this phone's clock, digits as on every sign. */
export function clockTime(at: string | number | null): string {
  if (at === null) return "–";
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

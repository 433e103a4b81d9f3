/** The keyboard of the watch: single keys, as long as nobody is typing. Listed in docs/console.md and under "?". */

export const SHORTCUTS = [
  { key: "j", shown: "j", words: "key-next" },
  { key: "k", shown: "k", words: "key-previous" },
  { key: "a", shown: "a", words: "key-acknowledge" },
  { key: "s", shown: "s", words: "key-snooze" },
  { key: "t", shown: "t", words: "key-take" },
  { key: "c", shown: "c", words: "key-close" },
  { key: "o", shown: "o", words: "key-open" },
  { key: "/", shown: "/", words: "key-search" },
  { key: "m", shown: "m", words: "key-map" },
  { key: "r", shown: "r", words: "key-replay" },
  { key: "l", shown: "l", words: "key-live" },
  { key: "n", shown: "n", words: "key-night" },
  { key: "?", shown: "?", words: "key-help" },
  { key: "Escape", shown: "Esc", words: "key-escape" },
] as const;

export type ShortcutKey = (typeof SHORTCUTS)[number]["key"];

/**
 * Keys by where they lie: on an Arabic or Kurdish layout the same key types another letter, and must still work.
 * "/" and "?" lie in different places on different layouts, so these two go by what was typed, too.
 */
const BY_CODE: Record<string, ShortcutKey> = {
  KeyJ: "j", KeyK: "k", KeyA: "a", KeyS: "s", KeyT: "t", KeyC: "c", KeyO: "o", KeyM: "m", KeyR: "r", KeyL: "l", KeyN: "n",
  Slash: "/",
};

export interface Pressed {
  key: string;
  code: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  typing: boolean; // the focus is in a field, or a dialog is open
}

/** Return the shortcut that was pressed, null for none. While typing only Escape counts. */
export function shortcutOf(p: Pressed): ShortcutKey | null {
  if (p.ctrlKey || p.altKey || p.metaKey) return null;
  if (p.key === "Escape") return "Escape";
  if (p.typing) return null;
  if (p.key === "?" || p.key === "؟") return "?";
  if (p.key === "/") return "/";
  if (p.shiftKey) return p.code === "Slash" ? "?" : null;
  const latin = SHORTCUTS.find((s) => s.key === p.key);
  return latin?.key ?? BY_CODE[p.code] ?? null;
}

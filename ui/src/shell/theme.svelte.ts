/** Day or night, normal or high contrast. Night is red-shifted to keep eyes adapted to the dark. */

export type Theme = "day" | "night";
const STORED = "tapestry.theme";
const STORED_CONTRAST = "tapestry.contrast";

const state = $state({ theme: "day" as Theme, contrast: false });

export const look = {
  get theme(): Theme {
    return state.theme;
  },
  get contrast(): boolean {
    return state.contrast;
  },
};

function show(): void {
  document.documentElement.dataset["theme"] = state.theme;
  document.documentElement.dataset["contrast"] = state.contrast ? "more" : "normal";
}

export function loadLook(): void {
  const kept = localStorage.getItem(STORED);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  state.theme = kept === "day" || kept === "night" ? kept : dark ? "night" : "day";
  const contrast = localStorage.getItem(STORED_CONTRAST);
  state.contrast = contrast === null ? matchMedia("(prefers-contrast: more)").matches : contrast === "more";
  show();
}

export function toggleTheme(): void {
  state.theme = state.theme === "day" ? "night" : "day";
  localStorage.setItem(STORED, state.theme);
  show();
}

export function toggleContrast(): void {
  state.contrast = !state.contrast;
  localStorage.setItem(STORED_CONTRAST, state.contrast ? "more" : "normal");
  show();
}

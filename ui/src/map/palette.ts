/** Colours of the map. Day is paper; night is red-shifted so that eyes stay adapted to the dark. */

export interface Palette {
  sea: string;
  land: string;
  home: string;
  border: string;
  admin: string;
  river: string;
  road: string;
  roadCase: string;
  town: string;
  halo: string;
  ink: string;
  inkStale: string;
  inkLost: string;
  fresh: string;
  freshEscort: string;
  stale: string;
  lost: string;
  route: string;
  corridor: string;
  tail: string;
  distress: string;
  warning: string;
  fence: string;
  select: string;
  mil: "Light" | { Civilian: string; Friend: string; Hostile: string; Neutral: string; Unknown: string };
  milInk: string | null; // frame and icon; null: the standard's own
}

const DAY: Palette = {
  sea: "#cfdadd",
  land: "#e6e5df",
  home: "#f4f3ee",
  border: "#8b8f8d",
  admin: "#c3c4bd",
  river: "#a9c3cd",
  road: "#c9b48a",
  roadCase: "#ffffff",
  town: "#5c625f",
  halo: "#f8f7f3",
  ink: "#10262e",
  inkStale: "#5b4a12",
  inkLost: "#6b7072",
  fresh: "#1d7a3c",
  freshEscort: "#0b5d93",
  stale: "#8a6a00",
  lost: "#7c8284",
  route: "#3c3a86",
  corridor: "#5a57b8",
  tail: "#21404b",
  distress: "#c4161c",
  warning: "#b35900",
  fence: "#8a2f6b",
  select: "#10262e",
  mil: "Light",
  milInk: null,
};

const NIGHT: Palette = {
  sea: "#0c0605",
  land: "#140a08",
  home: "#1c0f0b",
  border: "#6a3a2a",
  admin: "#3a2019",
  river: "#2c1a1b",
  road: "#573018",
  roadCase: "#1c0f0b",
  town: "#a06a52",
  halo: "#140a08",
  ink: "#f0b99c",
  inkStale: "#d29a4a",
  inkLost: "#8d6a5c",
  fresh: "#e08a52",
  freshEscort: "#f0c0a0",
  stale: "#b07a30",
  lost: "#7d5e52",
  route: "#d08c72",
  corridor: "#8c4a36",
  tail: "#c98a6c",
  distress: "#ff3b2e",
  warning: "#ff9a3c",
  fence: "#c0605a",
  select: "#ffd9c2",
  // Affiliation is told by the frame's shape; the standard's blue and green fills would undo the eyes' adaptation.
  mil: { Civilian: "#6e3418", Friend: "#9c5a34", Hostile: "#a01c14", Neutral: "#6e3418", Unknown: "#7a6030" },
  milInk: "#ffd9c2",
};

const MORE_DAY: Partial<Palette> = {
  home: "#ffffff",
  land: "#efefec",
  road: "#8a6f34",
  admin: "#8b8f8d",
  town: "#1c2422",
  ink: "#000000",
  inkStale: "#3c2f00",
  inkLost: "#3a3f40",
  halo: "#ffffff",
};
const MORE_NIGHT: Partial<Palette> = {
  sea: "#000000",
  land: "#0a0302",
  home: "#120604",
  road: "#8a4c26",
  admin: "#6a3a2a",
  town: "#ffb899",
  ink: "#ffe0cf",
  inkStale: "#ffc873",
  inkLost: "#d0a898",
  halo: "#000000",
};

export function paletteOf(theme: "day" | "night", contrast: boolean): Palette {
  if (theme === "day") return contrast ? { ...DAY, ...MORE_DAY } : DAY;
  return contrast ? { ...NIGHT, ...MORE_NIGHT } : NIGHT;
}

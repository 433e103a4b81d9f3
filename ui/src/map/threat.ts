/** Colours of a road's threat on the map. Meaning never hangs on them alone: the name and the class stand beside. */

import type { Palette } from "./palette";

export type ThreatLook = "green" | "amber" | "red" | "black" | "unknown";

export function threatColours(p: Palette): Record<ThreatLook, string> {
  return { green: p.fresh, amber: p.warning, red: p.distress, black: p.ink, unknown: p.lost };
}

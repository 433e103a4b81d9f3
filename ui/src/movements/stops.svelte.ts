/** Stop orders that stand, as every page shows them. */

import type { StandingStop } from "./types";
import { standingStops } from "./sheets";

let standing = $state.raw<StandingStop[]>([]);

export const stops = {
  get standing(): readonly StandingStop[] {
    return standing;
  },
};

/** Ask the hub again; who may not see stop orders sees none. */
export async function refreshStops(): Promise<void> {
  standing = await standingStops().then((list) => list.filter((s) => s.lifted_at === null), () => standing);
}

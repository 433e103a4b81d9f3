/** The links between this centre and others, asked for every few seconds; a hub that stands alone has none. */

import { ApiError, get } from "../api/client";

export interface CentreLink {
  centre: { number: number; name: string };
  up: boolean;
  since: string;
  heard_at: string | null;
  behind: number;
}

export interface Centres {
  own: { number: number; name: string } | null;
  links: CentreLink[];
}

const ASK_EVERY_MS = 5_000;

let known = $state.raw<Centres>({ own: null, links: [] });

export const centres = {
  get own(): Centres["own"] {
    return known.own;
  },
  get cut(): readonly CentreLink[] {
    return cutOf(known);
  },
  get behind(): readonly CentreLink[] {
    return behindOf(known);
  },
};

/** Links over which nobody is heard. */
export function cutOf(all: Centres): CentreLink[] {
  return all.links.filter((link) => !link.up);
}

/** Links that are up and have messages still to come. */
export function behindOf(all: Centres): CentreLink[] {
  return all.links.filter((link) => link.up && link.behind > 100);
}

/** Keep asking until the returned function is called; who may not see centres, or stands alone, is asked once. */
export function followCentres(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  async function ask(): Promise<void> {
    try {
      known = await get<Centres>("/api/centres");
      ended ||= known.own === null;
    } catch (err) {
      // The link to our own hub has a banner of its own; what is known of others stays.
      ended ||= err instanceof ApiError && err.status === 403;
    }
    if (!ended) timer = setTimeout(() => void ask(), ASK_EVERY_MS);
  }
  void ask();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

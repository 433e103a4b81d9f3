/** Whether the hub can keep what it is given: its bus and its database, asked for every few seconds. */

export interface Ready {
  bus: boolean;
  store: boolean;
}

const ASK_EVERY_MS = 10_000;

let known = $state.raw<Ready>({ bus: true, store: true });

export const ready = {
  get bus(): boolean {
    return known.bus;
  },
  get store(): boolean {
    return known.store;
  },
};

/** Read an answer of /ready, whose status is 503 when something is amiss; null for anything else. */
export function readyOf(text: string): Ready | null {
  try {
    const said = JSON.parse(text) as Partial<Ready>;
    return typeof said.bus === "boolean" && typeof said.store === "boolean" ? { bus: said.bus, store: said.store } : null;
  } catch {
    return null;
  }
}

/** Keep asking until the returned function is called. A hub that does not answer at all has a banner of its own. */
export function followReady(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  async function ask(): Promise<void> {
    try {
      known = readyOf(await (await fetch("/ready")).text()) ?? known;
    } catch {
      // The banner of the lost link says it.
    }
    if (!ended) timer = setTimeout(() => void ask(), ASK_EVERY_MS);
  }
  void ask();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

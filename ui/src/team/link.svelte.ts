/** A team's page and the hub: what is pressed is kept first, sent in order, and shown as taken when the hub says so. */

import { makeKey, publicKeyOf, signed } from "../phone/keys";
import { forgetEverything, keep, kept, nextNumber } from "./store";

const LOOK_EVERY_MS = 4_000;
const ANSWER_WITHIN_MS = 10_000;
const PLACE_EVERY_MS = 20_000;

export interface TeamTasking {
  tasking: { tasking_id: number; state: string; place: { name: string; lat_deg: number; lon_deg: number }; ordered_at: string };
  text: string;
  commands: string[];
}
export interface Waiting {
  n: number;
  what: string;
  tasking_id: number;
  rest: string;
  at_ms: number;
  refused?: string;
}
interface News {
  wiped: boolean;
  taken: { n: number; refused: string }[];
  team: string;
  readiness: string;
  shares_position: boolean;
  taskings: TeamTasking[];
}

export const team = $state({
  deviceId: null as number | null,
  token: null as string | null,
  name: "",
  readiness: "",
  linked: false,
  wiped: false,
  taskings: [] as TeamTasking[],
  queue: [] as Waiting[],
  sharing: false,
});

let pair: CryptoKeyPair | null = null;
let busy = false;
let again = false;
let watch: number | null = null;
let placeAt = 0;

export async function start(): Promise<void> {
  pair = (await kept<CryptoKeyPair>("key")) ?? null;
  team.deviceId = (await kept<number>("device")) ?? null;
  team.taskings = (await kept<TeamTasking[]>("taskings")) ?? [];
  team.queue = (await kept<Waiting[]>("queue")) ?? [];
  team.name = (await kept<string>("name")) ?? "";
  team.token = new URLSearchParams(location.hash.slice(1)).get("e");
  if (team.token !== null) history.replaceState(null, "", location.pathname);
  setInterval(() => void look(), LOOK_EVERY_MS);
  addEventListener("online", () => void look());
  void look();
}

async function ask<T>(path: string, body: unknown): Promise<T> {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  if (!answer.ok) {
    const said = (await answer.json().catch(() => null)) as { error?: { code?: string } } | null;
    throw new Error(said?.error?.code ?? `http-${answer.status}`);
  }
  return (await answer.json()) as T;
}

export async function enrol(name: string): Promise<void> {
  const fresh = (await kept<CryptoKeyPair>("new-key")) ?? (await makeKey());
  await keep("new-key", fresh); // the answer may be lost: the same key asks again
  const made = await ask<{ device_id: number; team: string }>("/api/team/enrol", { token: team.token, public_key: await publicKeyOf(fresh), name });
  pair = fresh;
  await forgetEverything();
  await keep("key", fresh);
  await keep("device", made.device_id);
  await keep("name", made.team);
  Object.assign(team, { deviceId: made.device_id, token: null, name: made.team, wiped: false, taskings: [], queue: [] });
  await look();
}

export async function say(what: string, tasking_id: number, rest = ""): Promise<void> {
  const plain = rest.replace(/\s+/g, " ").trim();
  team.queue = [...team.queue, { n: await nextNumber(), what, tasking_id, rest: plain, at_ms: Date.now() }];
  await keep("queue", $state.snapshot(team.queue));
  navigator.vibrate?.(60);
  await look();
}

export async function look(): Promise<void> {
  if (pair === null || team.deviceId === null || team.wiped) return;
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const waiting = team.queue.filter((it) => it.refused === undefined).slice(0, 90);
    const last: Waiting = { n: await nextNumber(), what: "look", tasking_id: 0, rest: "", at_ms: Date.now() };
    const key = pair;
    const id = team.deviceId;
    const items = await Promise.all([...waiting, last].map((it) => signed(key, id, `${it.n},${it.what},${it.at_ms},${it.tasking_id},${it.rest}`)));
    await hear(await ask<News>("/api/team/sync", { device_id: id, items }));
  } catch {
    team.linked = false;
  } finally {
    busy = false;
  }
  if (again) {
    again = false;
    await look();
  }
}

async function hear(news: News): Promise<void> {
  team.linked = true;
  if (news.wiped) {
    team.wiped = true;
    team.taskings = [];
    team.queue = [];
    pair = null;
    share(false);
    return forgetEverything();
  }
  const taken = new Map(news.taken.map((it) => [it.n, it.refused]));
  team.queue = team.queue
    .filter((it) => !taken.has(it.n) || (taken.get(it.n) !== "" && it.what !== "position"))
    .map((it) => (taken.get(it.n) ? { ...it, refused: taken.get(it.n) as string } : it))
    .slice(-50);
  const known = new Set(team.taskings.map((it) => it.tasking.tasking_id));
  if (news.taskings.some((it) => !known.has(it.tasking.tasking_id) && it.commands.includes("accept"))) navigator.vibrate?.([400, 200, 400]);
  team.name = news.team;
  team.readiness = news.readiness;
  team.taskings = news.taskings;
  await keep("queue", $state.snapshot(team.queue));
  await keep("taskings", news.taskings);
}

/** Share places while the page is open; the hub keeps them only on a tasking, or when the team agreed to it. */
export function share(on: boolean): void {
  team.sharing = on;
  if (on && watch === null && "geolocation" in navigator) {
    watch = navigator.geolocation.watchPosition((found) => {
      if (Date.now() - placeAt < PLACE_EVERY_MS) return;
      placeAt = Date.now();
      void say("position", 0, `${found.coords.latitude.toFixed(5)};${found.coords.longitude.toFixed(5)}`);
    });
  } else if (!on && watch !== null) {
    navigator.geolocation.clearWatch(watch);
    watch = null;
  }
}

/** The phone's state and its link: a queue that goes out in order, and news that is asked for. */
import { addItem, forgetEverything, items, keep, kept, nextNumber, settle, type Item } from "./store";
import { makeKey, publicKeyOf, signed } from "./keys";
import { lineOf, motionOf } from "./line";

const POLL_EVERY_MS = 8_000;
const POSITION_EVERY_MS = 15_000;
const PLACE_GOOD_FOR_MS = 120_000;
const AT_ONCE = 50;
const ANSWER_WITHIN_MS = 20_000;

export interface Checkpoint {
  index: number;
  name: string;
  planned_at: string | null;
  passed_at: string | null;
}
export interface Brief {
  callsign: string;
  vehicle: string;
  state: string;
  origin: string;
  destination: string;
  depart_at: string | null;
  arrive_at: string | null;
  track_from: string | null;
  track_until: string | null;
  checkpoints: Checkpoint[];
  outside_id: string;
  outside_port: number;
}
export interface Message {
  message_id: number;
  at: string;
  text: string;
  own: boolean;
  by: string;
}
export interface Stop {
  at: string;
  reason: string;
  acknowledged: boolean;
}
interface News {
  now: string;
  wipe: boolean;
  brief: Brief | null;
  messages: Message[];
  stop: Stop | null;
}

class Phone {
  token = $state<string | null>(null);
  phoneId = $state<number | null>(null);
  brief = $state.raw<Brief | null>(null);
  messages = $state.raw<Message[]>([]);
  stop = $state.raw<Stop | null>(null);
  stopSeenAt = $state<string | null>(null); // of the order that was acknowledged here
  items = $state.raw<Item[]>([]);
  linked = $state(false);
  heardAt = $state<number | null>(null);
  wiped = $state(false);
  sharing = $state(false);
  placeFault = $state(false);
  now = $state(Date.now());
  skew_ms = $state(0); // hub's clock less ours

  get tracked(): boolean {
    const { track_from: from, track_until: until } = this.brief ?? {};
    const now = this.now + this.skew_ms;
    return !!from && !!until && Date.parse(from) <= now && now < Date.parse(until);
  }
  get waiting(): number {
    return this.items.filter((it) => it.state === "waiting").length;
  }
}

export const phone = new Phone();

let pair: CryptoKeyPair | null = null;
let flushing = false;
let polling = false;
let place: GeolocationPosition | null = null;
let positionAt = 0;
let watch: number | null = null;

async function post<T>(path: string, body: unknown): Promise<T> {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: "omit",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (!answer.ok) {
    const said = (await answer.json().catch(() => ({}))) as { error?: { code?: string } };
    throw new Error(said.error?.code ?? `status-${answer.status}`);
  }
  return (await answer.json()) as T;
}

export async function start(): Promise<void> {
  takeToken();
  addEventListener("hashchange", takeToken);
  pair = (await kept<CryptoKeyPair>("pair")) ?? null;
  phone.phoneId = (await kept<number>("phone_id")) ?? null;
  phone.brief = (await kept<Brief>("brief")) ?? null;
  phone.messages = (await kept<Message[]>("messages")) ?? [];
  phone.stop = (await kept<Stop>("stop")) ?? null;
  phone.stopSeenAt = (await kept<string>("stop_seen_at")) ?? null;
  phone.sharing = (await kept<boolean>("sharing")) ?? false;
  phone.items = await items();
  addEventListener("online", () => void talk());
  addEventListener("offline", () => (phone.linked = false));
  document.addEventListener("visibilitychange", () => void talk());
  setInterval(() => void talk(), POLL_EVERY_MS);
  setInterval(tick, 1_000);
  tick();
  void talk();
}

/** The code in the address is taken out of it at once: nobody finds it in the history. */
function takeToken(): void {
  const found = /^#e=([\w-]+)$/.exec(location.hash);
  if (!found) return;
  phone.token = found[1] ?? null;
  history.replaceState(null, "", location.pathname);
}

export async function enrol(name: string): Promise<void> {
  const made = (await kept<CryptoKeyPair>("new_pair")) ?? (await makeKey());
  await keep("new_pair", made);
  const body = { token: phone.token, public_key: await publicKeyOf(made), name };
  const answer = await post<{ phone_id: number }>("/api/phone/enrol", body);
  const before = phone.phoneId;
  if (before !== null && before !== answer.phone_id) {
    await forgetMovement();
  }
  pair = made;
  await keep("pair", made);
  await keep("new_pair", undefined);
  await keep("phone_id", answer.phone_id);
  phone.phoneId = answer.phone_id;
  phone.token = null;
  await navigator.storage?.persist?.();
  await talk();
}

/** Another movement's things are gone; numbers go on. */
async function forgetMovement(): Promise<void> {
  await settle(phone.items.map((it) => ({ ...it, state: it.state === "waiting" ? "refused" : it.state })));
  for (const name of ["brief", "messages", "stop", "stop_seen_at", "polls"]) await keep(name, undefined);
  phone.brief = phone.stop = null;
  phone.messages = [];
}

/** Put something into the queue and try to send it. */
export async function say(kind: string, rest = ""): Promise<void> {
  const near = place !== null && Date.now() - place.timestamp < PLACE_GOOD_FOR_MS ? place.coords : null;
  await queue(kind, rest, near);
}

async function queue(kind: string, rest: string, coords: GeolocationCoordinates | null): Promise<void> {
  const lat = coords?.latitude ?? null;
  const lon = coords?.longitude ?? null;
  const added = await addItem({ kind, rest, at_ms: Math.round(Date.now() + phone.skew_ms), lat, lon, state: "waiting" });
  phone.items = [...phone.items, added];
  void flush();
}

export async function acknowledgeStop(): Promise<void> {
  if (!phone.stop) return;
  phone.stopSeenAt = phone.stop.at;
  await keep("stop_seen_at", phone.stop.at);
  await say("stop-acknowledge");
}

export async function share(on: boolean): Promise<void> {
  phone.sharing = on;
  await keep("sharing", on);
  tick();
}

async function talk(): Promise<void> {
  if (phone.phoneId === null || pair === null || phone.wiped) return;
  await flush();
  await poll();
}

/** Send what waits, in order. What was not answered stays and goes again; the hub takes each number once. */
async function flush(): Promise<void> {
  if (flushing || pair === null || phone.phoneId === null || phone.wiped) return;
  flushing = true;
  try {
    for (;;) {
      const first = phone.items.filter((it) => it.state === "waiting").slice(0, AT_ONCE);
      if (first.length === 0) return;
      const lines = [];
      for (const item of first) lines.push(await signed(pair, phone.phoneId, lineOf(item)));
      const body = { phone_id: phone.phoneId, items: lines };
      const answer = await post<{ received: number[]; refused: { n: number; code: string }[] }>("/api/phone/send", body);
      const codes = new Map(answer.refused.map((it) => [it.n, it.code]));
      const received = new Set(answer.received);
      const done = first
        .filter((it) => received.has(it.n) || codes.has(it.n))
        .map((it): Item => (received.has(it.n) ? { ...it, state: "received" } : { ...it, state: "refused", code: codes.get(it.n) ?? "" }));
      if (done.length === 0) return;
      await settle(done);
      const byNumber = new Map(done.map((it) => [it.n, it]));
      phone.items = phone.items.map((it) => byNumber.get(it.n) ?? it);
      phone.linked = true;
      if (done.some((it) => it.kind !== "position")) setTimeout(() => void poll()); // what the hub made of it
    }
  } catch {
    phone.linked = false;
  } finally {
    flushing = false;
  }
}

async function poll(): Promise<void> {
  if (polling || pair === null || phone.phoneId === null || phone.wiped) return;
  polling = true;
  try {
    const newest = phone.messages.at(-1)?.message_id ?? 0;
    const n = await nextNumber("polls");
    const line = lineOf({ n, kind: "poll", at_ms: Date.now(), lat: null, lon: null, rest: String(newest) });
    const news = await post<News>("/api/phone/poll", { phone_id: phone.phoneId, item: await signed(pair, phone.phoneId, line) });
    await hear(news);
  } catch {
    phone.linked = false;
  } finally {
    polling = false;
  }
}

async function hear(news: News): Promise<void> {
  phone.linked = true;
  phone.heardAt = Date.now();
  phone.skew_ms = Date.parse(news.now) - Date.now();
  if (Math.abs(phone.skew_ms) < 2_000) phone.skew_ms = 0; // the way takes that long: not the clock's fault
  if (news.wipe) return wipe();
  const newOrder = news.stop !== null && news.stop.at !== phone.stop?.at;
  phone.brief = news.brief;
  phone.stop = news.stop;
  phone.messages = [...phone.messages, ...news.messages].slice(-100);
  await keep("brief", news.brief);
  await keep("stop", news.stop);
  await keep("messages", phone.messages);
  if (newOrder) navigator.vibrate?.([400, 200, 400, 200, 800]);
  tick();
}

async function wipe(): Promise<void> {
  phone.wiped = true;
  watchPlaces(false);
  pair = null;
  phone.phoneId = null;
  phone.brief = phone.stop = null;
  phone.messages = [];
  phone.items = [];
  await forgetEverything();
}

function tick(): void {
  phone.now = Date.now();
  watchPlaces(phone.sharing && phone.tracked && !phone.wiped);
}

function watchPlaces(on: boolean): void {
  if (on && watch === null && "geolocation" in navigator) {
    watch = navigator.geolocation.watchPosition(onPlace, () => (phone.placeFault = true), { enableHighAccuracy: true, maximumAge: 5_000 });
    void navigator.wakeLock?.request("screen").catch(() => undefined); // with the screen off, a page sends nothing
  } else if (!on && watch !== null) {
    navigator.geolocation.clearWatch(watch);
    watch = null;
    place = null;
  }
}

function onPlace(found: GeolocationPosition): void {
  place = found;
  phone.placeFault = false;
  if (!phone.tracked || Date.now() - positionAt < POSITION_EVERY_MS) return;
  positionAt = Date.now();
  void queue("position", motionOf(found.coords), found.coords);
}

/** The phone's state and its link: a queue that goes out in order, and news that is asked for. */
import { addItem, forgetEverything, items, keep, kept, nextNumber, settle, type Item } from "./store";
import { makeKey, publicKeyOf, signed } from "./keys";
import { lineOf, motionOf } from "./line";
import { Pace } from "./pace";

const FLUSH_EVERY_MS = 8_000;
const POSITION_EVERY_MS = 15_000;
const PLACE_GOOD_FOR_MS = 120_000;
const AT_ONCE = 50;
const ANSWER_WITHIN_MS = 20_000;
const NEWS_WITHIN_MS = 45_000; // the hub holds the question for 25 s
const NEW_FOR_MS = 600_000; // a status that changed is marked so long
const ASLEEP_MS = 3_600_000; // until somebody enrols the phone

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
export interface Status {
  name: string;
  control: string;
  threat: string;
  reason: string;
  valid_until: string;
  since?: number; // this phone's clock, when it came; not of those that were there at first
}
export interface Challenge {
  challenge_id: number;
  asked_at: string;
}
interface News {
  now: string;
  wipe: boolean;
  brief: Brief | null;
  messages: Message[];
  stop: Stop | null;
  statuses: Status[];
  challenge: Challenge | null;
  tag: string;
  same?: undefined;
}
interface Same {
  now: string;
  same: true;
}

class Phone {
  token = $state<string | null>(null);
  phoneId = $state<number | null>(null);
  brief = $state.raw<Brief | null>(null);
  messages = $state.raw<Message[]>([]);
  stop = $state.raw<Stop | null>(null);
  stopSeenAt = $state<string | null>(null); // of the order that was acknowledged here
  statuses = $state.raw<Status[]>([]);
  challenge = $state.raw<Challenge | null>(null);
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
let tag = ""; // of the news that this page has
let question: AbortController | null = null;
let wakeUp: (() => void) | null = null;
let hurried = false;
let place: GeolocationPosition | null = null;
let positionAt = 0;
let watch: number | null = null;

async function post<T>(path: string, body: unknown, stop = new AbortController(), within_ms = ANSWER_WITHIN_MS): Promise<T> {
  const late = setTimeout(() => stop.abort(), within_ms);
  try {
    return await answerOf<T>(path, body, stop.signal);
  } finally {
    clearTimeout(late);
  }
}

async function answerOf<T>(path: string, body: unknown, signal: AbortSignal): Promise<T> {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: "omit",
    body: JSON.stringify(body),
    signal,
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
  phone.statuses = (await kept<Status[]>("statuses")) ?? [];
  phone.sharing = (await kept<boolean>("sharing")) ?? false;
  phone.items = await items();
  addEventListener("online", hurry);
  addEventListener("offline", () => (phone.linked = false));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());
  setInterval(() => void flush(), FLUSH_EVERY_MS);
  setInterval(tick, 1_000);
  tick();
  void flush();
  void listen();
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
  hurry();
  void flush();
}

/** Another movement's things are gone; numbers go on. */
async function forgetMovement(): Promise<void> {
  await settle(phone.items.map((it) => ({ ...it, state: it.state === "waiting" ? "refused" : it.state })));
  for (const name of ["brief", "messages", "stop", "stop_seen_at", "statuses", "polls"]) await keep(name, undefined);
  phone.brief = phone.stop = phone.challenge = null;
  phone.messages = [];
  phone.statuses = [];
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
        .map((it) => ({ ...it, rest: keptOf(it) }))
        .map((it): Item => (received.has(it.n) ? { ...it, state: "received" } : { ...it, state: "refused", code: codes.get(it.n) ?? "" }));
      if (done.length === 0) return;
      await settle(done);
      const byNumber = new Map(done.map((it) => [it.n, it]));
      phone.items = phone.items.map((it) => byNumber.get(it.n) ?? it);
      phone.linked = true;
      if (done.some((it) => it.kind !== "position")) wakeUp?.(); // what the hub made of it
    }
  } catch {
    phone.linked = false;
  } finally {
    flushing = false;
  }
}

/** A word that was asked for stays on no phone. */
const keptOf = (item: Item): string => (item.kind === "answer" ? (item.rest.split(",")[0] ?? "") : item.rest);

/** Ask now: the network is another one, or somebody looks. */
function hurry(): void {
  hurried = true;
  question?.abort();
  wakeUp?.();
}

/** Ask for news, let the hub hold the question until there is some, and ask again; for ever. */
async function listen(): Promise<void> {
  const pace = new Pace();
  while (!phone.wiped) {
    const wait_ms = pair === null || phone.phoneId === null ? ASLEEP_MS : await ask(pace, pair, phone.phoneId);
    if (!hurried && wait_ms > 0) {
      await new Promise<void>((resolve) => {
        wakeUp = resolve;
        setTimeout(resolve, wait_ms);
      });
      wakeUp = null;
    }
  }
}

/** Ask once; return how long to wait before the next time. */
async function ask(pace: Pace, key: CryptoKeyPair, phoneId: number): Promise<number> {
  const held = !hurried && tag !== "" && pace.mayHold(Date.now());
  const started = performance.now();
  const took = (): number => performance.now() - started;
  hurried = false;
  question = new AbortController();
  try {
    const newest = phone.messages.at(-1)?.message_id ?? 0;
    const n = await nextNumber("polls");
    const rest = held ? `${newest},${tag}` : String(newest);
    const line = lineOf({ n, kind: "poll", at_ms: Date.now(), lat: null, lon: null, rest });
    const body = { phone_id: phoneId, item: await signed(key, phoneId, line) };
    const news = await post<News | Same>("/api/phone/poll", body, question, NEWS_WITHIN_MS);
    await hear(news);
    void flush();
    return pace.answered(held, news.same === true, took(), Date.now());
  } catch {
    if (hurried) return 0; // we gave the question up ourselves
    phone.linked = false;
    return pace.failed(held, took(), Date.now());
  } finally {
    question = null;
  }
}

async function hear(news: News | Same): Promise<void> {
  phone.linked = true;
  phone.heardAt = Date.now();
  phone.skew_ms = Date.parse(news.now) - Date.now();
  if (Math.abs(phone.skew_ms) < 2_000) phone.skew_ms = 0; // the way takes that long: not the clock's fault
  if (news.same) return;
  if (news.wipe) return wipe();
  const now = Date.now();
  const newOrder = news.stop !== null && news.stop.at !== phone.stop?.at;
  const statuses = marked(news.statuses, phone.statuses, now);
  phone.brief = news.brief;
  phone.stop = news.stop;
  phone.messages = [...phone.messages, ...news.messages].slice(-100);
  const calls = statuses.some((it) => it.since === now) || (news.challenge !== null && phone.challenge === null);
  phone.statuses = statuses;
  phone.challenge = news.challenge;
  await keep("brief", news.brief);
  await keep("stop", news.stop);
  await keep("messages", phone.messages);
  await keep("statuses", statuses);
  tag = news.tag;
  if (newOrder) navigator.vibrate?.([400, 200, 400, 200, 800]);
  else if (calls) navigator.vibrate?.([200, 100, 200]);
  tick();
}

/** Return statuses with the moment since when they are new; on a phone that had none, none is. */
function marked(statuses: Status[], before: Status[], now: number): Status[] {
  const keyOf = (it: Status): string => [it.name, it.control, it.threat, it.reason, it.valid_until].join("\n");
  const known = new Map(before.map((it) => [keyOf(it), it.since]));
  return statuses.map((it) => {
    const since = known.has(keyOf(it)) ? known.get(keyOf(it)) : phone.brief === null ? undefined : now;
    return since === undefined || now - since > NEW_FOR_MS ? it : { ...it, since };
  });
}

async function wipe(): Promise<void> {
  phone.wiped = true;
  watchPlaces(false);
  pair = null;
  phone.phoneId = null;
  phone.brief = phone.stop = phone.challenge = null;
  phone.messages = [];
  phone.statuses = [];
  phone.items = [];
  tag = "";
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

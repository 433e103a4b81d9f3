/** What the phone keeps: its key, its counters, what it sent and what it heard. All of it goes when it is wiped. */

const NAME = "tapestry-phone";
const KEPT_ITEMS = 300;

export interface Item {
  n: number;
  kind: string;
  at_ms: number;
  rest: string;
  lat: number | null;
  lon: number | null;
  state: "waiting" | "received" | "refused";
  code?: string;
}

let opened: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("kept");
      request.result.createObjectStore("items", { keyPath: "n" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB cannot be opened"));
  });
  return opened;
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB refused"));
  });
}

export async function kept<T>(name: string): Promise<T | undefined> {
  const store = (await database()).transaction("kept").objectStore("kept");
  return (await answerOf(store.get(name))) as T | undefined;
}

export async function keep(name: string, value: unknown): Promise<void> {
  await answerOf((await database()).transaction("kept", "readwrite").objectStore("kept").put(value, name));
}

/** Return the next number under a name; it only rises. */
export async function nextNumber(name: string): Promise<number> {
  const store = (await database()).transaction("kept", "readwrite").objectStore("kept");
  const next = ((await answerOf(store.get(name))) as number | undefined ?? 0) + 1;
  await answerOf(store.put(next, name));
  return next;
}

/** Put an item into the queue under the next number: both or neither is stored. */
export async function addItem(item: Omit<Item, "n">): Promise<Item> {
  const transaction = (await database()).transaction(["kept", "items"], "readwrite", { durability: "strict" });
  const counters = transaction.objectStore("kept");
  const n = ((await answerOf(counters.get("n"))) as number | undefined ?? 0) + 1;
  const added = { ...item, n };
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("the phone's memory is full"));
  });
  counters.put(n, "n");
  transaction.objectStore("items").put(added);
  await done;
  return added;
}

export async function items(): Promise<Item[]> {
  return (await answerOf((await database()).transaction("items").objectStore("items").getAll())) as Item[];
}

/** Note what became of items; of those that are done only the newest stay. */
export async function settle(done: Item[]): Promise<void> {
  const store = (await database()).transaction("items", "readwrite").objectStore("items");
  for (const item of done) await answerOf(store.put(item));
  const all = (await answerOf(store.getAll())) as Item[];
  const over = all.filter((it) => it.state !== "waiting").slice(0, -KEPT_ITEMS);
  for (const item of over) store.delete(item.n);
}

export async function forgetEverything(): Promise<void> {
  (await database()).close();
  opened = null;
  await new Promise<void>((resolve) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
  localStorage.clear();
  for (const name of await caches.keys()) await caches.delete(name);
  for (const worker of (await navigator.serviceWorker?.getRegistrations()) ?? []) await worker.unregister();
}

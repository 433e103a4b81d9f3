/** What a team's page keeps: its key, its number, what waits to be sent. All of it goes when it is wiped. */

const NAME = "tapestry-team";

let opened: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("kept");
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
  return (await answerOf((await database()).transaction("kept").objectStore("kept").get(name))) as T | undefined;
}

export async function keep(name: string, value: unknown): Promise<void> {
  await answerOf((await database()).transaction("kept", "readwrite", { durability: "strict" }).objectStore("kept").put(value, name));
}

/** Return the next number; it only rises. */
export async function nextNumber(): Promise<number> {
  const store = (await database()).transaction("kept", "readwrite", { durability: "strict" }).objectStore("kept");
  const next = ((await answerOf(store.get("n"))) as number | undefined ?? 0) + 1;
  await answerOf(store.put(next, "n"));
  return next;
}

export async function forgetEverything(): Promise<void> {
  await answerOf((await database()).transaction("kept", "readwrite").objectStore("kept").clear());
}

/** Calls to the hub: JSON in and out, the CSRF header on every change, one error type. */

/** The hub refused or could not be reached; `code` is the hub's own word, or "offline". */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly todo: string | null,
    readonly status: number,
  ) {
    super(message);
  }
}

let csrf: string | null = null;
let onExpired: (() => void) | null = null;
let onLocked: (() => void) | null = null;

export function setCsrf(token: string | null): void {
  csrf = token;
}

/** Register what happens when the hub says that the session is over. */
export function whenExpired(act: () => void): void {
  onExpired = act;
}

/** Register what happens when the hub says that two people locked this centre. */
export function whenLocked(act: () => void): void {
  onLocked = act;
}

/** Return the hub's answer as JSON (null for an empty one); raise ApiError otherwise. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrf !== null) headers["X-Tapestry-CSRF"] = csrf;
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError("offline", "The hub cannot be reached.", null, 0);
  }
  const text = await answer.text();
  if (answer.ok) return (text === "" ? null : JSON.parse(text)) as T;
  const fault = errorOf(text, answer.status);
  if (fault.code === "locked") onLocked?.();
  if (answer.status === 401 && path !== "/api/login" && path !== "/api/me") onExpired?.();
  throw fault;
}

function errorOf(text: string, status: number): ApiError {
  try {
    const said = (JSON.parse(text) as { error?: { code?: string; message?: string; todo?: string } }).error;
    if (said?.code) return new ApiError(said.code, said.message ?? said.code, said.todo ?? null, status);
  } catch {
    // Not the hub's error shape (a proxy's page, say): fall through to the status.
  }
  return new ApiError(`http-${status}`, `The hub answered with status ${status}.`, null, status);
}

/** Send a file as it is, the body being the file itself; the answer as with call(). */
export async function upload<T>(path: string, file: Blob): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", "Content-Type": file.type || "application/octet-stream" };
  if (csrf !== null) headers["X-Tapestry-CSRF"] = csrf;
  let answer: Response;
  try {
    answer = await fetch(path, { method: "POST", headers, credentials: "same-origin", body: file });
  } catch {
    throw new ApiError("offline", "The hub cannot be reached.", null, 0);
  }
  const text = await answer.text();
  if (!answer.ok) throw errorOf(text, answer.status);
  return JSON.parse(text) as T;
}

/** Ask for a file by a change, such as one that is made once; refusals as with call(). */
export async function download(path: string, body: unknown): Promise<Blob> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (csrf !== null) headers["X-Tapestry-CSRF"] = csrf;
  let answer: Response;
  try {
    answer = await fetch(path, { method: "POST", headers, credentials: "same-origin", body: JSON.stringify(body) });
  } catch {
    throw new ApiError("offline", "The hub cannot be reached.", null, 0);
  }
  if (!answer.ok) throw errorOf(await answer.text(), answer.status);
  return answer.blob();
}

export const get = <T>(path: string): Promise<T> => call<T>("GET", path);
export const post = <T>(path: string, body: unknown = {}): Promise<T> => call<T>("POST", path, body);

/** Who is logged in here. */

import { ApiError, call, get, post, setCsrf, whenExpired } from "../api/client";
import type { Language, Me } from "../api/types";
import { setLanguage } from "../i18n/i18n.svelte";

const state = $state({ me: null as Me | null, known: false, expired: false });

export const session = {
  get me(): Me | null {
    return state.me;
  },
  /** False until the hub was asked once. */
  get known(): boolean {
    return state.known;
  },
  /** True when a session ended by itself, as opposed to a logout. */
  get expired(): boolean {
    return state.expired;
  },
};

export function mayDecide(): boolean {
  return state.me?.role === "administrator" || state.me?.role === "watch_officer";
}

export function isAdministrator(): boolean {
  return state.me?.role === "administrator";
}

export function endSession(): void {
  if (state.me === null) return;
  state.me = null;
  state.expired = true;
  setCsrf(null);
}

/** Ask the hub who we are; a hub that does not answer leaves `known` false and raises ApiError. */
export async function loadMe(): Promise<void> {
  whenExpired(endSession);
  try {
    const me = await get<Me>("/api/me");
    setCsrf(me.csrf);
    state.me = me;
    state.expired = false;
  } catch (fault) {
    if (!(fault instanceof ApiError) || fault.status === 0 || fault.status >= 500) throw fault;
    state.me = null;
  }
  state.known = true;
}

export async function login(user_name: string, password: string, totp: string | null): Promise<void> {
  await post("/api/login", { user_name, password, ...(totp ? { totp } : {}) });
  await loadMe();
}

export async function setUp(token: string, user_name: string, password: string): Promise<void> {
  await post("/api/setup", { token, user_name, password });
  await loadMe();
  if (state.me === null) await login(user_name, password, null);
}

export async function logout(): Promise<void> {
  await post("/api/logout").catch(() => null);
  state.me = null;
  state.expired = false;
  setCsrf(null);
}

/** Switch the language here at once, and on the account when somebody is logged in. */
export async function chooseLanguage(language: Language): Promise<void> {
  await setLanguage(language);
  if (state.me) await call("PUT", "/api/me/language", { language }).catch(() => null);
}

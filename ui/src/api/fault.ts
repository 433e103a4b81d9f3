/** Words for what went wrong, in the reader's language where there are words for the hub's code. */

import { ApiError } from "./client";
import { tOr } from "../i18n/i18n.svelte";

export function faultWords(err: unknown): string {
  if (!(err instanceof ApiError)) return String(err);
  const words = tOr(`error-${err.code}`, err.message);
  return err.todo && words === err.message ? `${words} ${err.todo}` : words;
}

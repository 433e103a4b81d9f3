/** The local time zone shown beside Zulu; Baghdad unless this console was told otherwise. */

const STORED = "tapestry.zone";
export const DEFAULT_ZONE = "Asia/Baghdad";

function valid(name: string | null): string | null {
  if (name === null) return null;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return name;
  } catch {
    return null;
  }
}

const state = $state({ name: valid(localStorage.getItem(STORED)) ?? DEFAULT_ZONE });

export const zone = {
  get name(): string {
    return state.name;
  },
};

/** Choose a zone by its IANA name; return false, and change nothing, when the browser does not know it. */
export function chooseZone(name: string): boolean {
  const known = valid(name);
  if (known === null) return false;
  state.name = known;
  localStorage.setItem(STORED, known);
  return true;
}

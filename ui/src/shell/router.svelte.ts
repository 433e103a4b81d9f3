/** Where we are: the path of the address bar, without reloads. */

const place = $state({ path: location.pathname });

addEventListener("popstate", () => (place.path = location.pathname));

export function path(): string {
  return place.path;
}

export function go(to: string): void {
  if (to === location.pathname + location.search) return;
  history.pushState(null, "", to);
  place.path = location.pathname; // what is behind the question mark is the page's own affair
}

/** Keep a click on an in-house link inside the page; let modified clicks open tabs as usual. */
export function follow(event: MouseEvent): void {
  const anchor = (event.target as Element).closest?.("a[href^='/']");
  if (!anchor || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(anchor.getAttribute("href") ?? "/");
}

/** An item as one line, before it is signed: docs/phone.md. Pure. */
import type { Item } from "./store";

export function lineOf(item: Pick<Item, "n" | "kind" | "at_ms" | "lat" | "lon" | "rest">): string {
  const degrees = (value: number | null): string => (value === null ? "" : value.toFixed(5));
  return [item.n, item.kind, item.at_ms, degrees(item.lat), degrees(item.lon), item.rest].join(",");
}

/** Accuracy, speed and heading of a place, rounded to what they are worth. */
export function motionOf(coords: Pick<GeolocationCoordinates, "accuracy" | "speed" | "heading">): string {
  const rounded = (value: number | null, digits: number): string =>
    value === null || !Number.isFinite(value) ? "" : String(Number(value.toFixed(digits)));
  return [rounded(coords.accuracy, 0), rounded(coords.speed, 1), rounded(coords.heading, 0)].join(",");
}

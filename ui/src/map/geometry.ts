/** Distances on the mean Earth sphere and the place along a route: enough for drawing, the hub judges. Pure. */

import type { LatLon } from "../api/types";

/** Mean Earth radius; at most 0.56 % off WGS84, as in the hub. */
export const EARTH_M = 6_371_008.8;
const RAD = Math.PI / 180;

/** Return the great-circle distance in metres. */
export function distanceM(a: LatLon, b: LatLon): number {
  const sLat = Math.sin(((b.lat_deg - a.lat_deg) * RAD) / 2);
  const sLon = Math.sin(((b.lon_deg - a.lon_deg) * RAD) / 2);
  const h = sLat * sLat + Math.cos(a.lat_deg * RAD) * Math.cos(b.lat_deg * RAD) * sLon * sLon;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Return the distance from the start to every vertex of a line, in metres; the last is its length. */
export function alongM(route: LatLon[]): number[] {
  const along = [0];
  for (let i = 1; i < route.length; i += 1) {
    along.push((along[i - 1] ?? 0) + distanceM(route[i - 1] as LatLon, route[i] as LatLon));
  }
  return along;
}

/**
 * Return how far along the route the point nearest to `at` lies, in metres; null for a route without a segment.
 * Flat within a segment; a route that crosses itself gives the nearest arm.
 */
export function progressM(route: LatLon[], along: number[], at: LatLon): number | null {
  let best: { away2: number; progress_m: number } | null = null;
  const kx = Math.cos(at.lat_deg * RAD);
  for (let i = 1; i < route.length; i += 1) {
    const a = route[i - 1] as LatLon;
    const b = route[i] as LatLon;
    const ax = (a.lon_deg - at.lon_deg) * kx;
    const ay = a.lat_deg - at.lat_deg;
    const dx = (b.lon_deg - a.lon_deg) * kx;
    const dy = b.lat_deg - a.lat_deg;
    const length2 = dx * dx + dy * dy;
    const part = length2 === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length2));
    const away2 = (ax + part * dx) ** 2 + (ay + part * dy) ** 2;
    if (best === null || away2 < best.away2) {
      const from = along[i - 1] ?? 0;
      best = { away2, progress_m: from + part * ((along[i] ?? from) - from) };
    }
  }
  return best?.progress_m ?? null;
}

/** Fences as the hub sends them: GeoJSON features, read into flat records. */

import { call, get, post } from "../api/client";
import type { Fence } from "../api/types";

interface Feature {
  id?: number | string;
  properties?: { fence_id?: number; name?: string; kind?: string };
  geometry: GeoJSON.Polygon;
}

/** Return the fences, whether the hub answers with a FeatureCollection or with plain records. */
export async function fencesOf(): Promise<Fence[]> {
  const answer = await get<{ features?: Feature[] } | (Fence | Feature)[]>("/api/fences");
  const list = Array.isArray(answer) ? answer : (answer.features ?? []);
  return list.map(readFence).filter((f) => f !== null);
}

export function readFence(raw: Fence | Feature): Fence | null {
  const of = "properties" in raw && raw.properties ? raw.properties : (raw as Partial<Fence>);
  const fence_id = of.fence_id ?? ("id" in raw ? Number(raw.id) : NaN);
  if (!raw.geometry || Number.isNaN(fence_id)) return null;
  return { fence_id, name: of.name ?? "", kind: of.kind ?? "", geometry: raw.geometry };
}

export const addFence = (name: string, kind: string, geometry: GeoJSON.Polygon): Promise<unknown> =>
  post("/api/fences", { name, kind, geometry });

export const removeFence = (fence_id: number): Promise<unknown> => call("DELETE", `/api/fences/${fence_id}`);

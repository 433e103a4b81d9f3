/** Which convoy and vehicle the person looks at; list, map and queue share it. */

const state = $state({
  movement_id: null as number | null,
  vehicle_id: null as number | null,
  look: 0, // bumped when the map should move there
  point: null as { lat_deg: number; lon_deg: number } | null,
});

export const selection = {
  get movement_id(): number | null {
    return state.movement_id;
  },
  get vehicle_id(): number | null {
    return state.vehicle_id;
  },
  get look(): number {
    return state.look;
  },
  get point(): { lat_deg: number; lon_deg: number } | null {
    return state.point;
  },
};

export function select(of: { movement_id: number | null; vehicle_id: number | null }): void {
  state.movement_id = of.movement_id;
  state.vehicle_id = of.vehicle_id;
}

/** Select and bring it into view; `point` is where to look when the vehicle has no place. */
export function lookAt(
  of: { movement_id: number | null; vehicle_id: number | null },
  point: { lat_deg: number; lon_deg: number } | null = null,
): void {
  select(of);
  state.point = point;
  state.look += 1;
}

// The made-up world behind dev/fake.mjs: routes on the highway net, convoys on them, faults and alerts.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const TRIPS = [
  ["BASALT 21", [47.93, 30.04], [44.4, 33.34], 11], ["CEDAR 04", [44.01, 36.19], [44.4, 33.34], 7], ["HERON 12", [44.4, 33.34], [40.28, 33.04], 9],
  ["KESTREL 33", [47.82, 30.5], [46.26, 31.05], 6], ["ONYX 08", [43.13, 36.34], [44.39, 35.47], 8], ["PALM 17", [44.33, 31.99], [44.02, 32.61], 5],
  ["QUARTZ 02", [45.43, 35.56], [44.39, 35.47], 6], ["RAVEN 40", [44.4, 33.34], [43.3, 33.42], 5],
];
const RULES = [
  ["distress", "emergency", { kind: "sos" }], ["spacing-stretched", "warning", { gap_m: 912, limit_m: 400 }],
  ["off-corridor", "warning", { offset_m: 741, limit_m: 500 }], ["silent", "warning", { silent_s: 245, limit_s: 120 }],
  ["overspeed", "notice", { speed_mps: 31.2, limit_mps: 27.8 }], ["position-disputed", "warning", {}],
  ["fence-enter", "notice", { fence: "Camp Speicher depot" }], ["stopped-off-plan", "warning", { standing_s: 640, limit_s: 300 }],
];
const RAD = Math.PI / 180;
const far = (a, b) => Math.hypot((a[0] - b[0]) * Math.cos(a[1] * RAD), a[1] - b[1]) * 111_195;
const iso = (ms) => new Date(ms).toISOString();
let seed = 7;
const random = () => ((seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648);

function csv(path) {
  const [head, ...lines] = readFileSync(path, "utf8").trim().split(/\r?\n/).map((l) => l.split(","));
  return lines.map((l) => Object.fromEntries(head.map((h, i) => [h, l[i]])));
}

export class Scene {
  version = 1;
  vehicles = new Map();
  alerts = new Map();
  movements = new Map();
  changed = new Map(); // what -> version
  tracks = new Map();
  operators = [{ operator_id: 1, name: "Rafidain Haulage" }, { operator_id: 2, name: "Zagros Freight" }];
  roster = [];
  trackers = [];

  constructor(refdata, wanted) {
    this.started = Date.now();
    this.net(refdata);
    let made = 0;
    for (let i = 0; made < wanted; i += 1) {
      const [name, from, to, count] = TRIPS[i % TRIPS.length];
      const turn = Math.floor(i / TRIPS.length);
      this.convoy(i + 1, turn ? `${name.split(" ")[0]} ${100 + i}` : name, from, to, Math.min(count, wanted - made), turn);
      made += count;
    }
    this.others();
    for (let back = 3600; back >= 0; back -= 15) this.step(this.started - back * 1000, true);
    this.version = 1;
    RULES.forEach((rule, i) => this.raise(i, ...rule));
  }

  net(refdata) {
    const nodes = csv(join(refdata, "iraq_highway_nodes.csv"));
    const sizes = new Map();
    for (const n of nodes) sizes.set(n.component, (sizes.get(n.component) ?? 0) + 1);
    const largest = [...sizes].filter(([name]) => name !== "").sort((a, b) => b[1] - a[1])[0]?.[0];
    this.main = new Set(nodes.filter((n) => n.component === largest).map((n) => n.node));
    this.places = csv(join(refdata, "iraq_places_geonames.csv")).map((p) => ({
      name: p.name, name_ar: p.name_ar || null, name_ckb: p.name_ckb || null, kind: "town",
      lat_deg: Number(p.lat), lon_deg: Number(p.lon), population: Number(p.population) || null,
    }));
    this.nodes = new Map(nodes.map((n) => [n.node, [Number(n.lon), Number(n.lat)]]));
    this.edges = new Map();
    for (const e of csv(join(refdata, "iraq_highway_edges.csv"))) {
      const { u, v } = e;
      for (const [a, b] of [[u, v], [v, u]]) this.edges.set(a, [...(this.edges.get(a) ?? []), b]);
    }
  }

  near(place) {
    let best = null;
    for (const [id, at] of this.nodes) {
      const d = far(at, place);
      if (this.main.has(id) && (best === null || d < best.d)) best = { id, d };
    }
    return best.id;
  }

  route(from, to) {
    const [start, goal] = [this.near(from), this.near(to)];
    const cost = new Map([[start, 0]]);
    const came = new Map();
    const open = new Set([start]);
    while (open.size) {
      let at = null;
      for (const id of open) if (at === null || cost.get(id) < cost.get(at)) at = id;
      open.delete(at);
      if (at === goal) break;
      for (const next of this.edges.get(at) ?? []) {
        const c = cost.get(at) + far(this.nodes.get(at), this.nodes.get(next));
        if (c < (cost.get(next) ?? Infinity)) cost.set(next, c), came.set(next, at), open.add(next);
      }
    }
    const line = [];
    for (let at = came.has(goal) ? goal : start; at !== undefined; at = came.get(at)) line.unshift(this.nodes.get(at));
    if (line.length < 2) line.push([line[0][0] + 0.5, line[0][1] + 0.3]);
    const along = [0];
    for (let i = 1; i < line.length; i += 1) along.push(along[i - 1] + far(line[i - 1], line[i]));
    return { line, along };
  }

  routes = new Map();
  convoy(id, callsign, from, to, count, turn) {
    const key = `${from}>${to}`;
    if (!this.routes.has(key)) this.routes.set(key, this.route(from, to));
    const route = this.routes.get(key);
    const total = route.along.at(-1);
    const prefix = callsign.slice(0, 3);
    const vehicles = Array.from({ length: count }, (_, i) => ({
      vehicle_id: this.roster.length + i + 1, callsign: `${prefix}-${id}${i + 1}`, order: i + 1,
      role: i === 0 || i === count - 1 ? "escort" : i === 1 ? "command" : i === count - 2 ? "medical" : "cargo",
    }));
    const pick = (share) => route.line[Math.floor((route.line.length - 1) * share)];
    const checkpoints = [0.1, 0.35, 0.6, 0.85].map((share, i) => ({
      name: `CP ${i + 1}`, lon_deg: pick(share)[0], lat_deg: pick(share)[1], halt_s: i === 1 ? 900 : 0,
      planned_at: iso(this.started + (share * total) / 18 * 1000 - 3.6e6),
    }));
    this.movements.set(id, {
      movement_id: id, version: 1, operator_id: (id % 2) + 1, callsign, cancelled: false,
      route: route.line.map(([lon_deg, lat_deg]) => ({ lat_deg, lon_deg })), vehicles, checkpoints,
      active_from: iso(this.started - 7.2e6), active_until: iso(this.started + 3e7), corridor_half_width_m: 500,
      spacing_min_m: 20, spacing_max_m: 400, straggler_m: 2000, speed_limit_mps: 27.8, silent_after_s: 120, stopped_after_s: 300,
    });
    for (const v of vehicles) {
      this.roster.push({ vehicle_id: v.vehicle_id, operator_id: (id % 2) + 1, callsign: v.callsign, plate: `${20_000 + v.vehicle_id}`, kind: "tractor with tanker", role: v.role, always_tracked: false });
      this.trackers.push({ tracker_id: v.vehicle_id, identity: `imei:35${String(9e12 + v.vehicle_id * 77)}`, vehicle_id: v.vehicle_id, authenticated: v.vehicle_id % 3 === 0 });
      this.vehicles.set(v.vehicle_id, { v, movement_id: id, route, base: (0.2 + 0.5 * ((id * 37 + turn * 13) % 10) / 10) * total, speed: 16 + (id % 5) });
    }
  }

  summary(m) {
    return {
      movement_id: m.movement_id, callsign: m.callsign, operator_id: m.operator_id, version: m.version, vehicles: m.vehicles,
      operator_name: this.operators.find((o) => o.operator_id === m.operator_id)?.name ?? "–",
      active_from: m.active_from, active_until: m.active_until, status: m.cancelled ? "cancelled" : "active",
    };
  }

  addMovement(body) {
    const movement_id = this.movements.size + 1;
    this.movements.set(movement_id, { ...body, movement_id, version: 1, cancelled: false });
    return this.movements.get(movement_id);
  }

  at(route, progress) {
    const m = Math.max(0, Math.min(route.along.at(-1), progress));
    let i = 1;
    while (i < route.along.length - 1 && route.along[i] < m) i += 1;
    const part = (m - route.along[i - 1]) / Math.max(1, route.along[i] - route.along[i - 1]);
    const [a, b] = [route.line[i - 1], route.line[i]];
    const heading = (Math.atan2((b[0] - a[0]) * Math.cos(a[1] * RAD), b[1] - a[1]) / RAD + 360) % 360;
    return { lon_deg: a[0] + part * (b[0] - a[0]), lat_deg: a[1] + part * (b[1] - a[1]), heading };
  }

  step(now_ms, early = false) {
    const t = (now_ms - this.started) / 1000;
    for (const [id, one] of this.vehicles) {
      if (id % 23 === 5 && t > -200) continue; // these went silent a while ago
      if (id % 23 === 9 && t > -900) continue;
      if (!early && id % 4 !== Math.floor(now_ms / 1000) % 4) continue;
      const o = one.v.order;
      const gap = o === 4 && one.movement_id === 1 ? 900 : 150 + 60 * Math.sin(t / 90 + o) + (o === 6 ? 260 * Math.max(0, Math.sin(t / 400)) : 0);
      const progress = one.base + one.speed * t - (o - 1) * 160 - (o >= 4 && one.movement_id === 1 ? 600 : 0) - gap + 150;
      const place = this.at(one.route, progress);
      const disputed = id === 14;
      one.row = {
        vehicle_id: id, callsign: one.v.callsign, movement_id: one.movement_id, fixed_at: iso(now_ms - 1500), received_at: iso(now_ms), contact_at: iso(now_ms),
        lat_deg: place.lat_deg + (random() - 0.5) * 4e-5, lon_deg: place.lon_deg, speed_mps: one.speed + random() * 2, heading_deg: place.heading, accuracy_m: 6,
        source: id % 3 ? "gt06/" + this.trackers[id - 1].identity.slice(-6) : "teltonika/" + this.trackers[id - 1].identity.slice(-6),
        flags: disputed ? 1 << 20 : 0, progress_m: progress, offset_m: 4, order: o, standing_since: null, disputed_since: disputed ? iso(this.started - 90_000) : null,
      };
      const track = this.tracks.get(id) ?? [];
      track.push([one.row.fixed_at, one.row.lat_deg, one.row.lon_deg, one.row.speed_mps, one.row.flags]);
      if (track.length > 800) track.shift();
      this.tracks.set(id, track);
      this.changed.set(`v${id}`, ++this.version);
    }
  }

  vehiclesSince(version) {
    return [...this.vehicles].filter(([id, one]) => one.row && (this.changed.get(`v${id}`) ?? 0) > version).map(([, one]) => one.row);
  }

  alertsSince(version) {
    return [...this.alerts.values()].filter((a) => (this.changed.get(`a${a.alert_id}`) ?? 0) > version);
  }

  touchAlert(alert) {
    this.changed.set(`a${alert.alert_id}`, ++this.version);
  }

  raise(i, rule, severity, facts) {
    const one = this.vehicles.get(rule === "position-disputed" ? 14 : rule === "silent" ? 28 : Math.min(this.vehicles.size, 4 + i * 6));
    const at = this.started - (40 + i * 130) * 1000;
    const alert = {
      alert_id: `${rule}-${one.v.vehicle_id}-1`, rule, severity, started_at: iso(at), received_at: iso(rule === "overspeed" ? at + 400_000 : at + 900),
      late: rule === "overspeed", ended_at: rule === "spacing-stretched" ? iso(at + 30_000) : null, vehicle_id: one.v.vehicle_id, movement_id: one.movement_id,
      lat_deg: one.row.lat_deg, lon_deg: one.row.lon_deg, facts, owner: i % 3 === 1 ? "watch-2" : null,
      acknowledged_at: i % 3 === 1 ? iso(at + 45_000) : null, acknowledged_by: i % 3 === 1 ? "watch-2" : null,
      snoozed_until: null, snooze_reason: null, closed_at: null, closed_by: null, close_reason: null,
    };
    this.alerts.set(alert.alert_id, alert);
    this.touchAlert(alert);
  }

  formation(id) {
    const rows = [...this.vehicles.values()].filter((o) => o.movement_id === id).map((o) => o.row);
    const sorted = [...rows].sort((a, b) => b.progress_m - a.progress_m);
    if (sorted.length > 4) [sorted[2], sorted[3]] = [sorted[3], sorted[2]];
    return {
      at: iso(Date.now()), length_m: Math.abs(sorted[0].progress_m - sorted.at(-1).progress_m),
      rows: sorted.map((r, i) => ({
        vehicle_id: r.vehicle_id, callsign: r.callsign, planned_order: r.order, actual_order: i + 1, progress_m: r.progress_m,
        gap_ahead_m: i ? Math.abs(sorted[i - 1].progress_m - r.progress_m) : null, fix_age_s: (Date.now() - Date.parse(r.fixed_at)) / 1000, dead_reckoned: Date.now() - Date.parse(r.fixed_at) > 60_000,
      })),
    };
  }

  track(id, query) {
    const [from, until] = [query.get("from"), query.get("until")].map((s) => Date.parse(s));
    const rows = (this.tracks.get(id) ?? []).filter((r) => Date.parse(r[0]) >= from && Date.parse(r[0]) <= until);
    return { columns: ["fixed_at", "lat_deg", "lon_deg", "speed_mps", "flags"], rows };
  }

  history(query) {
    const [from, until, step] = [Date.parse(query.get("from")), Date.parse(query.get("until")), Number(query.get("step_s")) * 1000];
    const ids = [...this.vehicles.keys()];
    const frames = [];
    for (let at = from; at <= until; at += step) {
      const last = ids.map((id) => (this.tracks.get(id) ?? []).findLast((r) => Date.parse(r[0]) <= at) ?? null);
      frames.push({ at: iso(at), lat_deg: last.map((r) => r?.[1] ?? null), lon_deg: last.map((r) => r?.[2] ?? null), fix_age_s: last.map((r) => (r ? (at - Date.parse(r[0])) / 1000 : null)) });
    }
    return { vehicle_ids: ids, frames };
  }

  others() {
    const at = (s) => iso(this.started - s * 1000);
    this.fences = [{ type: "Feature", id: 1, properties: { name: "Depot Taji", kind: "depot" }, geometry: { type: "Polygon", coordinates: [[[44.2, 33.5], [44.3, 33.5], [44.3, 33.58], [44.2, 33.58], [44.2, 33.5]]] } }];
    this.quarantine = [{ identity: "imei:356307042441013", protocol: "gt06", remote: "10.20.3.14:41022", first_at: at(5000), last_at: at(12), count: 311, rejected_count: 2, lat_deg: 33.3, lon_deg: 44.4 }];
    this.rejected = [{ received_at: at(61), protocol: "teltonika", remote: "10.20.3.90:50211", reason: "CRC 0x3fa1, expected 0x3fb1 over 812 bytes", raw_hex: "000000000000032c08010000017b", identity: "imei:352093081452251" }];
    this.log = Array.from({ length: 12 }, (_, i) => ({ seq: 11 - i, at: at(i * 70), actor: i % 3 ? "watch" : "system", action: i % 3 ? "view-movement" : "sign-tree-head", subject: `movement/${i + 1}`, details: {}, leaf_hash: "9f".repeat(32) }));
    this.head = { size: 12, root_hash: "4be1".repeat(16), signed_at: at(20), signature: "ab".repeat(64), public_key: "cd".repeat(32) };
  }
}

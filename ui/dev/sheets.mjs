// The made-up sheets, roads and papers behind dev/fake.mjs.
const H = 3_600_000;
const iso = (ms) => new Date(ms).toISOString();
const STATES = ["en-route", "overdue", "halted", "submitted", "deconflicted", "approved", "draft", "closed"];
const CENTRES = ["Basra", "Baghdad", "Erbil"];
const PEOPLE = ["Haider K.", "Ahmed S.", "Sarwar M.", "Ali H.", "Mustafa J.", "Rebin A.", "Omar T.", "Kadhim N."];
const ALLOWED = {
  draft: ["edit", "submit", "cancel"],
  submitted: ["review", "return", "deny", "dissent", "cancel"],
  deconflicted: ["request-clearance", "acknowledge-clearance", "grant-clearance", "object-clearance", "decide", "return", "deny", "dissent", "cancel"],
  approved: ["brief", "roll-call", "request-clearance", "grant-clearance", "acknowledge-clearance", "object-clearance", "try-contact", "offer-handover", "stop", "dissent", "cancel"],
  briefed: ["depart", "roll-call", "try-contact", "offer-handover", "stop", "dissent", "cancel"],
  halted: ["resume", "pass-checkpoint", "divert", "arrive", "overdue", "lose-contact", "in-contact", "roll-call", "try-contact", "offer-handover", "confirm-handover", "stop", "dissent", "abort"],
  closed: [],
};
const MOVING = ["pass-checkpoint", "halt", "divert", "arrive", "overdue", "lose-contact", "in-contact", "roll-call", "try-contact", "regain-contact", "offer-handover", "confirm-handover", "stop", "dissent", "abort"];
const AFTER = {
  submit: "submitted", review: "under-review", deconflict: "deconflicted", brief: "briefed", depart: "departed", "pass-checkpoint": "en-route", halt: "halted", resume: "en-route",
  arrive: "arrived", close: "closed", return: "returned", deny: "denied", cancel: "cancelled", abort: "aborted", overdue: "overdue", "lose-contact": "lost-contact", "regain-contact": "en-route", divert: "diverted", "in-contact": "in-contact",
};

export class Sheets {
  constructor(scene) {
    this.scene = scene;
    this.now = scene.started;
    this.sheets = new Map();
    this.stops = [];
    this.phones = new Map();
    this.people = PEOPLE.map((name, i) => ({
      person_id: i + 1, operator_id: (i % 2) + 1, name, role: i < 2 ? "commander" : "driver", languages: i % 3 ? ["ar"] : ["ar", "en"], active: i !== 7,
      contacts: [{ means: "phone", value: `+964 000 000 0${10 + i}` }, { means: "radio", value: "CH 12" }],
    }));
    this.permits = [
      ["vehicle", 1, null, "Road permit", "RP-1041", 9], ["vehicle", 2, null, "Insurance", "INS-220", 200], ["vehicle", 3, null, "Registration", "REG-7", -3],
      ["person", null, 1, "Driving licence", "DL-8812", 410], ["person", null, 3, "Driving licence", "DL-1177", 21], ["operator", null, null, "Haulage licence", "HL-3", 120],
    ].map(([subject, vehicle_id, person_id, kind, number, days], i) => ({
      permit_id: i + 1, operator_id: 1, subject, vehicle_id, person_id, kind, number, issued_by: "Ministry of Transport", valid_from: null, valid_until: iso(this.now + days * 24 * H), scan: i % 2 ? null : 7,
    }));
    const line = (id, from, until) => { const r = scene.movements.get(id).route; return r.slice(Math.floor(from * r.length), Math.ceil(until * r.length)); };
    this.statuses = [
      { status_id: 1, name: "Route 1, Diwaniyah north", line: line(1, 0.5, 0.66), control: "supervised", threat: "amber", reason: "Diversion at a damaged bridge; delays of 20 min.", author: "watch-2", set_at: iso(this.now - 2 * H), valid_until: iso(this.now + 9 * H), withdrawn: false },
      { status_id: 2, name: "Route 10 west of Ramadi", line: line(3, 0.3, 0.6), control: "prohibited", threat: "red", reason: "Two shootings at vehicles this morning.", author: "watch", set_at: iso(this.now - H), valid_until: iso(this.now + 5 * H), withdrawn: false },
      { status_id: 3, name: "Route 2 at Tuz", line: line(2, 0.4, 0.7), control: "open", threat: "green", reason: "Patrolled.", author: "watch-2", set_at: iso(this.now - 30 * H), valid_until: iso(this.now - 4 * H), withdrawn: false },
    ];
    let i = 0;
    for (const plan of [...scene.movements.values()].slice(0, 8)) this.add(plan, STATES[i++]);
    this.settings = {
      version: 0, set_at: null, set_by: null,
      settings: {
        notice_hours: 24, notice_other_authority_hours: 48, duty_hours: 12, tracker_silent_hours: 24, least_contact_means: 2, required_fields: ["callsign", "commander_id", "origin", "destination", "depart_at", "arrive_at", "route", "vehicles", "emergency_plan"],
        checkpoint_off_route_m: 1000, meet_within_m: 1000, meet_within_minutes: 15, overdue: { amber_minutes: 0, watch_minutes: 15, region_minutes: 30, lost_minutes: 60 }, window_margin_minutes: 120, four_eyes: true, partner_step_deg: 0.1, partner_delay_minutes: 60, permit_warning_days: 30,
        retention: { positions_days: 90, rejected_days: 30, quarantine_days: 30, messages_days: 365, scans_days: 1095 },
        authorities: [{ name: "Basra Operations Command", area: { governorates: ["Basrah", "Dhi-Qar"], rings: [] }, from_hour: 0, until_hour: 24, contact: "" }], centres: CENTRES.map((name) => ({ name, area: { governorates: [], rings: [] }, contact: "" })),
      },
    };
  }

  add(plan, state) {
    const names = [["Umm Qasr", "Baghdad"], ["Erbil", "Baghdad"], ["Baghdad", "Ar Rutbah"], ["Basra", "Amarah"], ["Mosul", "Kirkuk"], ["Najaf", "Karbala"], ["Sulaymaniyah", "Kirkuk"], ["Baghdad", "Ramadi"]][(plan.movement_id - 1) % 8];
    const [first, last] = [plan.route[0], plan.route.at(-1)];
    const depart = this.now + (["draft", "submitted", "deconflicted", "approved"].includes(state) ? 20 * H : -3 * H);
    const under = !["draft", "submitted", "deconflicted", "approved"].includes(state);
    const checkpoints = [0.18, 0.36, 0.55, 0.75, 0.92].map((part, k) => ({ ...plan.route[Math.floor(part * (plan.route.length - 1))], name: ["Bridge 7", "Diwaniyah fuel", "Hillah junction", "Mahmudiyah", "Gate South"][k], planned_at: iso(depart + part * 6.5 * H), halt_s: k === 1 ? 1800 : 0 }));
    const at = (h) => iso(depart + h * H);
    const step = (h, command, before, after, by = "watch", reason = "") => ({ at: at(h), by, command, before, after, reason });
    const sheet = {
      movement_id: plan.movement_id, version: 9, operator_id: plan.operator_id, state, created_at: at(-50), created_by: "rafidain", submitted_at: state === "draft" ? null : at(-48), plan_version: under ? 1 : 0,
      request: {
        operator_id: plan.operator_id, callsign: plan.callsign, commander_id: plan.operator_id, contacts: [{ means: "radio", value: "CH 12" }, { means: "satellite-phone", value: "+8816 0000 0001" }],
        origin: { name: names[0], ...first }, destination: { name: names[1], ...last }, depart_at: at(0), arrive_at: at(6.5), legs: [], route: plan.route, checkpoints, alternates: [], vehicles: plan.vehicles, crew: [], passengers: 0,
        escort: { kind: "police", vehicles: 2, callsign: "LION 3", contact: "CH 5" }, cargo_class: "fuel", cargo_note: "", permits: [1], emergency_plan: "Nearest hospital: Diwaniyah. Recovery from Hillah.", recognition_signal: "Two green lights", frequencies: "CH 12 / CH 14", actions_on_contact: "Drive on; report.", releasable_to: [],
      },
      findings: [{ code: "short-notice", blocks: false, field: "depart_at", facts: { notice_hours: 19.5, least_hours: 48 } }, { code: "tracker-silent", blocks: false, field: "vehicles.2", facts: { callsign: plan.vehicles[2]?.callsign ?? "", silent_hours: 31, limit_hours: 24 } }],
      clearances: [
        { authority: "Basra Operations Command", why: "area: Basrah", state: "cleared", requested_at: at(-40), acknowledged_at: at(-38), decided_at: at(-30), receipt: "BOC/2231", note: "", by: "watch" },
        { authority: "Baghdad Operations Command", why: "area: Baghdad", state: "acknowledged", requested_at: at(-40), acknowledged_at: at(-36), decided_at: null, receipt: "BgOC-118", note: "Answer by the evening.", by: "watch" },
        { authority: "Babil Police", why: "area: Babil", state: "needed", requested_at: null, acknowledged_at: null, decided_at: null, receipt: "", note: "", by: "" },
      ],
      decision: under ? { at: at(-20), by: "chief", go: true, reason: "All cleared; weather good." } : null, dissents: under ? [{ at: at(-19), by: "watch-2", text: "The bridge at Diwaniyah is a choke point; I would wait a day." }] : [],
      read_back: under ? { at: at(-2), by: "watch", read_back_by: "Haider K." } : null, roll_calls: under ? [{ at: at(-1), by: "watch", present: plan.vehicles.map((v) => v.vehicle_id), missing: [], people: 14, note: "" }] : [], departed_at: under ? at(0.1) : null,
      passages: [], halts: state === "halted" ? [{ began_at: at(2.6), reason: "Tyre", by: "phone/2", ended_at: null }] : under ? [{ began_at: at(1.2), reason: "Fuel", by: "watch", ended_at: at(1.6) }] : [], centre: CENTRES[plan.movement_id % 3],
      handovers: under ? [{ from_centre: "Basra", to_centre: "Baghdad", offered_at: at(2.5), offered_by: "basra-1", confirmed_at: null, confirmed_by: "", contact_by: null }] : [],
      contacts: under ? [{ at: at(2.2), by: "watch", means: "radio", answered: false, note: "" }, { at: at(2.3), by: "watch", means: "satellite-phone", answered: true, note: "On plan" }] : [], stop: null, arrived_at: null, arrived_by: "",
      outcome: state === "closed" ? { kind: "delayed", reason: "Held at a checkpoint.", authority: "Babil Police", hours_lost: 2.5 } : null,
      history: state === "draft" ? [] : [step(-48, "submit", "draft", "submitted", "rafidain"), ...(state === "submitted" ? [] : [step(-46, "review", "submitted", "under-review"), step(-40, "request-clearance", "under-review", "under-review"), step(-24, "deconflict", "under-review", "deconflicted")]), ...(under ? [step(-20, "decide", "deconflicted", "approved", "chief", "All cleared; weather good."), step(-2, "brief", "approved", "briefed"), step(0.1, "depart", "briefed", "departed"), step(1.2, "pass-checkpoint", "departed", "en-route", "system")] : [])],
    };
    this.sheets.set(sheet.movement_id, sheet);
  }

  line(s) {
    const r = s.request;
    return { movement_id: s.movement_id, version: s.version, state: s.state, callsign: r.callsign, operator_id: s.operator_id, operator_name: this.scene.operators.find((o) => o.operator_id === s.operator_id)?.name ?? "", origin: r.origin?.name ?? "", destination: r.destination?.name ?? "", depart_at: r.depart_at, arrive_at: r.arrive_at, vehicles: r.vehicles.length, flags: s.findings.length, late: s.state === "overdue", stop: s.stop !== null, centre: s.centre };
  }

  view(s) {
    const r = s.request;
    const moving = s.departed_at !== null && s.state !== "closed";
    const allowed = [...(ALLOWED[s.state] ?? (moving ? MOVING : ["close", "dissent"])), ...(s.stop ? ["acknowledge-stop", "lift-stop"] : [])];
    const passages = moving ? r.checkpoints.slice(0, 2).flatMap((c, k) => r.vehicles.slice(0, 5).map((v, n) => ({ movement_id: s.movement_id, checkpoint: k, vehicle_id: v.vehicle_id, passed_at: iso(Date.parse(c.planned_at) + (k ? 22 : 6) * 60_000 + n * 20_000), known_at: iso(this.now), uncertainty_s: 5 }))) : [];
    const etas = moving ? r.checkpoints.slice(2).map((c, k) => ({ checkpoint: k + 2, at: iso(Date.parse(c.planned_at) + 18 * 60_000), earliest: iso(Date.parse(c.planned_at) + (10 - k * 3) * 60_000), latest: iso(Date.parse(c.planned_at) + (31 + k * 9) * 60_000), basis: "own-speed" })) : [];
    const meet = r.route[Math.floor(r.route.length * 0.6)];
    return { sheet: s, allowed, findings: this.check(r).findings, passages, meetings: meet ? [{ movement_id: 2, callsign: "CEDAR 04", ...meet, begins_at: iso(this.now + 2 * H), ends_at: iso(this.now + 2.4 * H), distance_m: 340 }] : [], statuses: this.statuses.slice(0, 1), etas, notices: moving ? [{ notice_id: 4, movement_id: s.movement_id, key: "", at: iso(this.now - 2 * H), code: "route-status-set", facts: { name: this.statuses[0].name } }] : [], plan_version: s.plan_version, late: s.state === "overdue" };
  }

  check(r) {
    const findings = [];
    for (const f of this.settings?.settings.required_fields ?? []) if (r[f] === null || r[f] === "" || r[f]?.length === 0) findings.push({ code: "field-missing", blocks: true, field: f, facts: {} });
    const means = new Set(r.contacts.map((c) => c.means)).size;
    if (means < 2) findings.push({ code: "too-few-contacts", blocks: true, field: "contacts", facts: { means, least_means: 2 } });
    if (r.depart_at && Date.parse(r.depart_at) - Date.now() < 48 * H) findings.push({ code: "short-notice", blocks: false, field: "depart_at", facts: { notice_hours: (Date.parse(r.depart_at) - Date.now()) / H, least_hours: 48 } });
    return { findings, clearances: r.route?.length ? [{ authority: "Basra Operations Command", why: "area: Basrah", state: "needed", requested_at: null, acknowledged_at: null, decided_at: null, receipt: "", note: "", by: "" }] : [], meetings: [] };
  }

  command(s, c, who) {
    const before = s.state;
    const at = iso(Date.now());
    if (c.type === "decide") s.decision = { at, by: who, go: c.go, reason: c.reason };
    if (c.type === "edit") s.request = c.request;
    if (c.type === "dissent") s.dissents.push({ at, by: who, text: c.text });
    if (c.type === "stop") s.stop = { at, by: who, reason: c.reason, scope: "movement", acknowledged_at: null, acknowledged_by: "" };
    if (c.type === "acknowledge-stop") Object.assign(s.stop, { acknowledged_at: at, acknowledged_by: who });
    if (c.type === "lift-stop") s.stop = null;
    if (c.type === "try-contact") s.contacts.push({ at, by: who, means: c.means, answered: c.answered, note: c.note ?? "" });
    if (c.type.endsWith("-clearance")) {
      let one = s.clearances.find((x) => x.authority === c.authority);
      if (!one) s.clearances.push((one = { authority: c.authority, why: "", state: "needed", requested_at: null, acknowledged_at: null, decided_at: null, receipt: "", note: "", by: "" }));
      const state = { "request-clearance": "requested", "acknowledge-clearance": "acknowledged", "grant-clearance": "cleared", "object-clearance": "objected" }[c.type];
      Object.assign(one, { state, by: who, ...(c.receipt ? { receipt: c.receipt } : {}), ...(c.note ? { note: c.note } : {}), [state === "requested" ? "requested_at" : state === "acknowledged" ? "acknowledged_at" : "decided_at"]: at });
    }
    if (c.type === "close") s.outcome = { kind: c.outcome, reason: c.reason ?? "", authority: c.authority ?? "", hours_lost: c.hours_lost ?? 0 };
    s.state = c.type === "decide" ? (c.go ? "approved" : "denied") : (AFTER[c.type] ?? s.state);
    s.version += 1;
    s.history.push({ at, by: who, command: c.type, before, after: s.state, reason: c.reason ?? "" });
    return s;
  }

  /** Return the body of an answer, undefined when the path is another's, null for "not found". */
  api(method, path, body, who, tell) {
    const of = /^\/api\/sheets\/(\d+)(?:\/(\w+))?$/.exec(path);
    const sheet = of && this.sheets.get(Number(of[1]));
    if (path === "/api/sheets" && method === "GET") return [...this.sheets.values()].map((s) => this.line(s));
    if (path === "/api/sheets") {
      const movement_id = 100 + this.sheets.size;
      const made = { ...structuredClone([...this.sheets.values()].find((s) => s.state === "draft")), movement_id, version: 1, state: "draft", request: body.request, findings: [], history: [], clearances: [] };
      this.sheets.set(movement_id, made);
      return made;
    }
    if (path === "/api/sheets/check") return this.check(body.request);
    if (path === "/api/sheets/access-table") return [["2026-11", "Basra Operations Command", 18, 2, 3, 1, 0, 11.5], ["2026-11", "Baghdad Operations Command", 22, 5, 6, 2, 1, 31], ["2026-10", "Baghdad Operations Command", 19, 1, 2, 0, 0, 6.25], ["2026-10", "Babil Police", 7, 4, 1, 3, 0, 9]].map(([month, authority, facilitated, impeded, delayed, denied, cancelled, hours_lost]) => ({ month, authority, facilitated, impeded, delayed, denied, cancelled, hours_lost }));
    if (of && !sheet) return null;
    if (of && !of[2]) return this.view(sheet);
    if (of?.[2] === "commands") {
      const answer = this.command(sheet, body.command, who);
      tell(sheet.movement_id);
      return answer;
    }
    if (of?.[2] === "phones" && method === "POST") return { phone_id: 3, url: "https://hub.example/phone/#t=4f1d…", qr_svg: "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path d='M0 0h9v9H0z' fill='#fff'/><path d='M1 1h3v3H1zM5 1h3v3H5zM1 5h3v3H1zM5 5h1v1H5zM7 6h1v2H7z'/></svg>", expires_at: iso(Date.now() + H) };
    if (of?.[2] === "phones") return [{ phone_id: 1, name: "Galaxy", vehicle_id: sheet.request.vehicles[0]?.vehicle_id ?? null, person_id: 1, state: "enrolled", last_heard_at: iso(Date.now() - 40_000), wiped_at: null }];
    if (of?.[2] === "messages" && method === "GET") return (sheet.messages ??= [{ message_id: 1, at: iso(this.now - H), by: "phone/1", text: "نحن في محطة الوقود", read_at: null }, { message_id: 2, at: iso(this.now - 0.9 * H), by: "watch", text: "Copied. Leave by 1140Z.", read_at: iso(this.now - 0.8 * H) }]);
    if (of?.[2] === "messages") return sheet.messages.push({ message_id: sheet.messages.length + 1, at: iso(Date.now()), by: who, text: body.text }), {};
    if (path === "/api/stop-orders" && method === "GET") return this.stops.filter((s) => !s.lifted_at);
    if (path === "/api/stop-orders") {
      const order = { stop_id: this.stops.length + 1, movement_id: null, status_id: null, lifted_at: null, at: iso(Date.now()), by: who, ...body };
      this.stops.push(order);
      const hit = [...this.sheets.values()].filter((s) => (body.scope === "movement" ? s.movement_id === body.movement_id : s.departed_at !== null && s.state !== "closed"));
      for (const s of hit) s.stop = { at: order.at, by: who, reason: body.reason, scope: body.scope, acknowledged_at: null, acknowledged_by: "" };
      tell(1);
      return { order, movement_ids: hit.map((s) => s.movement_id) };
    }
    const lift = /^\/api\/stop-orders\/(\d+)\/lift$/.exec(path);
    if (lift) {
      Object.assign(this.stops[Number(lift[1]) - 1], { lifted_at: iso(Date.now()) });
      for (const s of this.sheets.values()) s.stop = null;
      tell(1);
      return { movement_ids: [] };
    }
    if (path === "/api/route-statuses" && method === "GET") return this.statuses;
    if (path === "/api/route-statuses") {
      this.statuses.push({ status_id: this.statuses.length + 1, author: who, set_at: iso(Date.now()), withdrawn: false, ...body });
      tell(1);
      return { status: this.statuses.at(-1), movement_ids: [1, 2] };
    }
    const withdraw = /^\/api\/route-statuses\/(\d+)\/withdraw$/.exec(path);
    if (withdraw) return Object.assign(this.statuses[Number(withdraw[1]) - 1], { withdrawn: true }), { movement_ids: [1] };
    if (path === "/api/routes/stretch") return { line: this.scene.route(...body.points.slice(0, 2).map((p) => [p.lon_deg, p.lat_deg])).line.map(([lon_deg, lat_deg]) => ({ lat_deg, lon_deg })) };
    if (path === "/api/routes/plan") {
      const net = this.scene.route([body.start.lon_deg, body.start.lat_deg], [body.end.lon_deg, body.end.lat_deg]);
      const route = net.line.map(([lon_deg, lat_deg]) => ({ lat_deg, lon_deg }));
      const m = net.along.at(-1);
      const shift = (by) => route.map((p, i) => ({ lat_deg: p.lat_deg + by * Math.sin((Math.PI * i) / route.length), lon_deg: p.lon_deg }));
      const option = (route, k) => ({ route, distance_m: m * k, duration_s: (m * k) / 17, duration_by_hour_s: Array.from({ length: 24 }, (_, h) => ((m * k) / 17) * (1 + (h > 4 && h < 9 ? 0.18 : 0))), checkpoints: [0.25, 0.5, 0.75].map((part, n) => ({ ...route[Math.floor(part * (route.length - 1))], name: `CP ${n + 1}` })), fence_ids: [], status_ids: k > 1.1 ? [2] : [1], shared: k === 1 ? 1 : 0.4, start_offset_m: 120, end_offset_m: 80, basis: { distance_m: "highway net that ships, OpenStreetMap", duration_s: "assumed speeds by road class", duration_by_hour_s: "no tracks yet: one pace for all hours" } });
      return { options: [option(route, 1), option(shift(0.12), 1.06), option(shift(-0.2), 1.15)] };
    }
    if (path === "/api/settings/movement" && method === "PUT") return (this.settings = { version: this.settings.version + 1, settings: body.settings, set_at: iso(Date.now()), set_by: who });
    if (path === "/api/settings/movement") return this.settings;
    if (path === "/api/people" && method === "GET") return this.people;
    if (path === "/api/people") return this.people.push({ person_id: this.people.length + 1, active: true, ...body }), this.people.at(-1);
    if (path.startsWith("/api/people/")) return Object.assign(this.people[Number(path.slice(12)) - 1], body);
    if (path === "/api/permits" && method === "GET") return this.permits;
    if (path === "/api/permits") return this.permits.push({ permit_id: this.permits.length + 1, ...body }), this.permits.at(-1);
    if (path === "/api/files") return { file_id: 7 };
    if (path === "/api/roster/import") return { rows: 12, added: 0, changed: 0, errors: [{ row: 4, column: "plate", message: "“” is empty; expected a plate like 20001." }, { row: 9, column: "role", message: "“captain” is none of commander, driver, co-driver, escort, medic, passenger, other." }] };
    return undefined;
  }
}

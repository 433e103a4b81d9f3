// A stand-in for the hub, for work on the console alone: made-up convoys on the real highway net, in memory.
// Log in with any user name; password "wrong" fails, user name "totp" asks for a code (123456).
//   node dev/fake.mjs [port] [vehicles]      serves the built console as well, when there is one
import { createServer } from "node:http";
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { WebSocketServer } from "ws";
import { Scene } from "./scene.mjs";
import { Sheets } from "./sheets.mjs";

const PORT = Number(process.argv[2] ?? 8790);
const WANTED = Number(process.argv[3] ?? 60);
const ROOT = new URL("../../", import.meta.url).pathname;
const STATIC = process.env.STATIC ?? join(ROOT, "src/tapestry/web/static");
const REFDATA = join(ROOT, "src/tapestry/refdata");
const TYPES = {
  ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
  ".svg": "image/svg+xml", ".geojson": "application/geo+json", ".json": "application/json",
};

const scene = new Scene(REFDATA, WANTED);
const sheets = new Sheets(scene);
const epoch = String(Date.now());
const sessions = new Map();
const users = [{ user_name: "watch", role: "administrator", operator_id: null, disabled: false, totp_enabled: false }];

const fault = (status, code, message) => ({ status, body: { error: { code, message, todo: "Try again." } } });
const ok = (body) => ({ status: 200, body });

function decide(id, what, body, who) {
  const alert = scene.alerts.get(id);
  if (!alert) return fault(404, "not-found", "no such alert");
  const at = new Date().toISOString();
  if (what === "acknowledge") Object.assign(alert, { acknowledged_at: at, acknowledged_by: who, owner: alert.owner ?? who });
  if (what === "take") alert.owner = who;
  if (what === "snooze") Object.assign(alert, { snoozed_until: body.until, snooze_reason: body.reason });
  if (what === "close") Object.assign(alert, { closed_at: at, closed_by: who, close_reason: body.reason });
  scene.touchAlert(alert);
  return ok(alert);
}

function api(method, path, query, body, who) {
  const of = /^\/api\/(alerts|movements|vehicles|trackers|fences|users)\/([^/]+)(?:\/(\w+))?$/.exec(path);
  const known = sheets.api(method, path, body, who, (id) => tell({ type: "movements", version: scene.version, changed: [id] }));
  if (known !== undefined) return known === null ? fault(404, "not-found", "no such sheet") : ok(known);
  if (method === "GET") {
    if (path === "/api/me") return ok({ user_name: who, role: "administrator", operator_id: null, csrf: "x", language: "en", totp_enabled: false });
    if (path === "/api/places") return ok(scene.places);
    if (path === "/api/movements") return ok([...scene.movements.values()].map((m) => scene.summary(m)));
    if (path === "/api/alerts") return ok([...scene.alerts.values()]);
    if (path === "/api/fences") return ok({ type: "FeatureCollection", features: scene.fences });
    if (path === "/api/operators") return ok(scene.operators);
    if (path === "/api/vehicles") return ok(scene.roster);
    if (path === "/api/trackers") return ok(scene.trackers);
    if (path === "/api/quarantine") return ok(scene.quarantine);
    if (path === "/api/rejected") return ok(scene.rejected);
    if (path === "/api/users") return ok(users);
    if (path === "/api/log") return ok(scene.log);
    if (path === "/api/log/head") return ok(scene.head);
    if (path === "/api/history") return ok(scene.history(query));
    if (of?.[1] === "movements" && of[3] === "formation") return ok(scene.formation(Number(of[2])));
    if (of?.[1] === "movements") return ok(scene.movements.get(Number(of[2])));
    if (of?.[1] === "vehicles" && of[3] === "track") return ok(scene.track(Number(of[2]), query));
  }
  if (path === "/api/me/totp/start") return ok({ secret: "JBSWY3DPEHPK3PXP", otpauth_uri: "otpauth://totp/x", qr_svg: "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><path d='M0 0h8v8H0z' fill='#fff'/><path d='M1 1h2v2H1zM5 1h2v2H5zM1 5h2v2H1zM4 4h1v1H4z'/></svg>" });
  if (of?.[1] === "alerts" && method === "POST") return decide(decodeURIComponent(of[2]), of[3], body, who);
  if (path === "/api/users" && method === "POST") return users.push({ disabled: false, ...body }), ok(body);
  if (path === "/api/fences" && method === "POST") {
    const feature = { type: "Feature", id: scene.fences.length + 10, properties: { name: body.name, kind: body.kind }, geometry: body.geometry };
    scene.fences.push(feature);
    return ok(feature);
  }
  if (path === "/api/movements" && method === "POST") return ok(scene.addMovement(body));
  if (method !== "GET") return ok({});
  return fault(404, "not-found", `${method} ${path} is not here`);
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://x");
  let raw = "";
  request.on("data", (part) => (raw += part));
  request.on("end", () => {
    if (!url.pathname.startsWith("/api/")) return file(url.pathname, response);
    const body = raw && (request.headers["content-type"] ?? "").includes("json") ? JSON.parse(raw) : {};
    const answer = (a, headers = {}) => {
      response.writeHead(a.status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(a.body));
    };
    if (url.pathname === "/api/login" || url.pathname === "/api/setup") {
      if (body.password === "wrong") return answer(fault(401, "bad-credentials", "wrong"));
      if (body.user_name === "totp" && body.totp !== "123456") return answer(fault(401, "totp-needed", "code"));
      const token = Math.random().toString(36).slice(2);
      sessions.set(token, body.user_name);
      return answer(ok({}), { "set-cookie": `tapestry_session=${token}; HttpOnly; SameSite=Strict; Path=/` });
    }
    const token = /tapestry_session=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
    const who = sessions.get(token);
    if (!who) return answer(fault(401, "no-session", "log in"));
    if (url.pathname === "/api/logout") sessions.delete(token);
    if (request.method !== "GET" && request.headers["x-tapestry-csrf"] !== "x") return answer(fault(403, "csrf", "no csrf header"));
    return answer(api(request.method, url.pathname, url.searchParams, body, who));
  });
});

function file(path, response) {
  const base = path.startsWith("/basemap/") ? join(REFDATA, path.slice(9)) : join(STATIC, normalize(path));
  const found = existsSync(base) && statSync(base).isFile() ? base : join(STATIC, "index.html");
  if (!existsSync(found)) return response.writeHead(404).end("build the console first: npm run build");
  response.writeHead(200, { "content-type": TYPES[extname(found)] ?? "application/octet-stream" });
  createReadStream(found).pipe(response);
}

const sockets = new WebSocketServer({ server, path: "/api/live" });
const now = () => new Date().toISOString();
sockets.on("connection", (socket, request) => {
  const cursor = new URL(request.url, "http://x").searchParams.get("cursor");
  const [of, since] = (cursor ?? ":").split(":");
  const whole = of !== epoch;
  const send = (message) => socket.send(JSON.stringify(message));
  send({ type: "hello", epoch, version: scene.version, server_time: now(), whole });
  const from = whole ? -1 : Number(since);
  send({ type: "vehicles", version: scene.version, rows: scene.vehiclesSince(from) });
  send({ type: "alerts", version: scene.version, rows: scene.alertsSince(from) });
  socket.sentVersion = scene.version;
});
const tell = (message) => {
  for (const s of sockets.clients) if (s.readyState === 1) s.send(JSON.stringify(message));
};
setInterval(() => tell({ type: "beat", version: scene.version, server_time: now() }), 5000);
setInterval(() => {
  const before = scene.version;
  scene.step(Date.now());
  const rows = scene.vehiclesSince(before);
  if (rows.length) tell({ type: "vehicles", version: scene.version, rows });
  const alerts = scene.alertsSince(before);
  if (alerts.length) tell({ type: "alerts", version: scene.version, rows: alerts });
}, Number(process.env.STEP_MS ?? 1000));

server.listen(PORT, "127.0.0.1", () => console.log(`fake hub on http://127.0.0.1:${PORT}`));

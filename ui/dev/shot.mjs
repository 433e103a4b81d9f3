// Takes screenshots of the console on the fake hub: node dev/shot.mjs OUT_DIR [name…]
import { chromium } from "playwright-core";

const BASE = process.env.BASE ?? "http://127.0.0.1:8790";
const [out = "/tmp", ...only] = process.argv.slice(2);
const PAUSE = Number(process.env.PAUSE ?? 5000);
const SHOTS = {
  login: { path: "/", login: false },
  day: { path: "/" },
  convoy: { path: "/", open: true },
  night: { path: "/", lang: "ar", theme: "night", open: true },
  ckb: { path: "/", lang: "ckb" },
  phone: { path: "/", size: [390, 844], tab: "alerts" },
  phonemap: { path: "/", size: [390, 844], lang: "ar" },
  page: { path: "/convoy/1" },
  pagear: { path: "/convoy/1", lang: "ar", theme: "night" },
  movements: { path: "/movements" }, form: { path: "/movements/new" }, fences: { path: "/fences" },
  devices: { path: "/devices" }, people: { path: "/people", lang: "ar" }, log: { path: "/log" }, account: { path: "/account" },
  sheets: { path: "/sheets" }, sheetsar: { path: "/sheets", lang: "ar", theme: "night" }, sheetsphone: { path: "/sheets", size: [390, 844] },
  sheet: { path: "/sheets/1" }, sheetar: { path: "/sheets/1", lang: "ar", theme: "night" }, sheetphone: { path: "/sheets/1", size: [390, 844], lang: "ckb" },
  request: { path: "/sheets/1/edit" }, requestroute: { path: "/sheets/1/edit", click: ["step-route", "request-plan"] },
  requestar: { path: "/sheets/1/edit", lang: "ar", theme: "night", click: ["step-crew"] }, requestphone: { path: "/sheets/1/edit", size: [390, 844], click: ["step-vehicles"] },
  requestreview: { path: "/sheets/7/edit", click: ["step-review"] }, command: { path: "/sheets/1", click: ["do-roll-call"] }, stop: { path: "/sheets", click: ["stop-open"] },
  roads: { path: "/roads", click: ["road-new"] }, roadsar: { path: "/roads", lang: "ar", theme: "night" }, access: { path: "/sheets/access" },
  roster: { path: "/roster" }, permits: { path: "/roster", click: ["roster-tab-permits"] }, permitsar: { path: "/roster", lang: "ar", theme: "night", click: ["roster-tab-permits"] },
  rosterphone: { path: "/roster", size: [390, 844] }, settings: { path: "/settings" },
  replay: { path: "/", replay: true },
};

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});
const outside = new Set();
for (const [name, shot] of Object.entries(SHOTS)) {
  if (only.length > 0 && !only.includes(name)) continue;
  const [width, height] = shot.size ?? [1366, 768];
  const context = await browser.newContext({ viewport: { width, height } });
  await context.addInitScript(([lang, theme]) => {
    localStorage.setItem("tapestry.language", lang);
    localStorage.setItem("tapestry.theme", theme);
  }, [shot.lang ?? "en", shot.theme ?? "day"]);
  const page = await context.newPage();
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && console.log(name, m.type(), m.text().slice(0, 300)));
  page.on("pageerror", (e) => console.log(name, "pageerror", String(e.stack ?? e).slice(0, 500)));
  page.on("request", (r) => !r.url().startsWith(BASE) && !/^(data|blob):/.test(r.url()) && outside.add(r.url()));
  await page.goto(BASE + shot.path);
  if (shot.login !== false) {
    await page.getByTestId("login-user").fill("watch");
    await page.getByTestId("login-password").fill("long enough words");
    await page.getByTestId("login-submit").click();
    await page.getByTestId("shell").waitFor();
  }
  await page.waitForTimeout(PAUSE);
  if (shot.tab) await page.getByTestId(`tab-${shot.tab}`).click();
  for (const mark of shot.click ?? []) {
    await page.getByTestId(mark).first().click();
    await page.waitForTimeout(1200);
  }
  if (shot.open) await page.locator('[data-movement-id="1"] button').first().click();
  if (shot.replay) {
    await page.getByTestId("open-replay").click();
    await page.waitForTimeout(2000);
    await page.getByTestId("replay-slider").fill("90");
  }
  if (shot.open || shot.replay) await page.waitForTimeout(PAUSE / 2);
  await page.screenshot({ fullPage: Boolean(shot.full), path: `${out}/${name}.png` });
  console.log(name, "count", await page.getByTestId("map").getAttribute("data-vehicle-count", { timeout: 500 }).catch(() => "-"), "scroll", await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth]));
  await context.close();
}
console.log("outside requests:", [...outside]);
await browser.close();

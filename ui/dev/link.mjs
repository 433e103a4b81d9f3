// Loses the link on purpose: starts the fake hub, kills it, looks at the banner, starts it again, looks once more.
// Then the load: VEHICLES at 5 Hz, what the main thread spends. node dev/link.mjs OUT_DIR
import { spawn } from "node:child_process";
import { chromium } from "playwright-core";

const out = process.argv[2] ?? "/tmp";
const PORT = 8797;
const hub = (vehicles, step_ms) => spawn("node", ["dev/fake.mjs", String(PORT), String(vehicles)], { env: { ...process.env, STEP_MS: String(step_ms) }, stdio: "ignore" });
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking", "--no-first-run"] });
const wait = (ms) => new Promise((r) => setTimeout(r, ms));

async function enter() {
  const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
  page.on("pageerror", (e) => console.log("pageerror", String(e)));
  await page.goto(`http://127.0.0.1:${PORT}/`);
  await page.getByTestId("login-user").fill("watch");
  await page.getByTestId("login-password").fill("long enough words");
  await page.getByTestId("login-submit").click();
  await page.getByTestId("shell").waitFor();
  return page;
}

let child = hub(60, 1000);
await wait(2500);
let page = await enter();
await wait(4000);
child.kill();
await page.getByTestId("link-banner").waitFor({ timeout: 15_000 });
await wait(6000);
await page.screenshot({ path: `${out}/lost.png` });
console.log("banner:", (await page.getByTestId("link-banner").innerText()).trim());
child = hub(60, 1000);
await page.getByTestId("login-form").or(page.locator('[data-testid="link-state"]:not(.down)')).waitFor({ timeout: 30_000 });
console.log("after restart (the fake forgets sessions, so the login must show):", await page.getByTestId("login-form").isVisible());
child.kill();
await page.close();

if (process.argv[3]) {
  child = hub(Number(process.argv[3]), 200);
  await wait(20_000);
  page = await enter();
  await page.waitForFunction((n) => Number(document.querySelector("[data-testid=map]")?.dataset.vehicleCount) >= n, Number(process.argv[3]), { timeout: 60_000 });
  await wait(5000);
  const client = await page.context().newCDPSession(page);
  await client.send("Performance.enable");
  const read = async () => Object.fromEntries((await client.send("Performance.getMetrics")).metrics.map((m) => [m.name, m.value]));
  const a = await read();
  await wait(10_000);
  const b = await read();
  for (const name of ["ScriptDuration", "LayoutDuration", "RecalcStyleDuration", "TaskDuration"]) console.log(name, ((b[name] - a[name]) / 10 * 100).toFixed(1), "% of one core");
  console.log("heap MB", (b.JSHeapUsedSize / 1e6).toFixed(0));
  await page.screenshot({ path: `${out}/many.png` });
  child.kill();
}
await browser.close();

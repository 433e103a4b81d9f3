import { svelte } from "@sveltejs/vite-plugin-svelte";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Puts beside the console what the hub prints documents with: a font with Latin, Arabic and Sorani letters, and words. */
function documentParts(): Plugin {
  const font = "node_modules/@expo-google-fonts/noto-sans-arabic";
  const parts = [
    ["fonts/regular.ttf", `${font}/400Regular/NotoSansArabic_400Regular.ttf`],
    ["fonts/bold.ttf", `${font}/700Bold/NotoSansArabic_700Bold.ttf`],
    ["fonts/LICENSE_FONT.txt", `${font}/LICENSE_FONT`],
  ] as [string, string][];
  const words = readdirSync(here("src/lang/documents"));
  return {
    name: "document-parts",
    apply: "build",
    generateBundle() {
      for (const [fileName, path] of parts) this.emitFile({ type: "asset", fileName, source: readFileSync(here(path)) });
      for (const name of words) {
        const source = ["documents", "briefs"].map((folder) => readFileSync(here(`src/lang/${folder}/${name}`), "utf8")).join("\n");
        this.emitFile({ type: "asset", fileName: `words/${name}`, source });
      }
    },
  };
}

/** Writes the phone page's service worker: which files its shell has, and a digest that changes with them. */
function phoneWorker(): Plugin {
  return {
    name: "phone-worker",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const files = new Set(["/phone/", "/phone.webmanifest", "/mark.svg"]);
      const add = (name: string): void => {
        const chunk = bundle[name];
        if (!chunk || files.has(`/${name}`)) return;
        files.add(`/${name}`);
        if (chunk.type !== "chunk") return;
        chunk.viteMetadata?.importedCss.forEach(add);
        chunk.imports.forEach(add);
      };
      for (const chunk of Object.values(bundle)) if (chunk.type === "chunk" && chunk.isEntry && chunk.facadeModuleId?.endsWith("phone/index.html")) add(chunk.fileName);
      const list = JSON.stringify([...files]);
      const worker = readFileSync(here("src/phone/worker.js"), "utf8").replace("self.__FILES__", () => list);
      const html = readFileSync(here("phone/index.html"), "utf8");
      const digest = createHash("sha256").update(worker + html).digest("hex").slice(0, 16);
      this.emitFile({ type: "asset", fileName: "phone/worker.js", source: worker.replace("__DIGEST__", digest) });
    },
  };
}

const HUB = process.env["TAPESTRY_HUB"] ?? "http://127.0.0.1:8790";

export default defineConfig({
  plugins: [svelte(), documentParts(), phoneWorker()],
  build: {
    outDir: "../src/tapestry/web/static",
    emptyOutDir: true,
    target: "es2022",
    rolldownOptions: { input: { console: here("index.html"), phone: here("phone/index.html"), team: here("team/index.html") } },
    sourcemap: false,
    // MapLibre alone is past Vite's default; it is loaded after the shell, so it does not hold up the login.
    chunkSizeWarningLimit: 1500,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      "/api": { target: HUB, ws: true },
      "/basemap": { target: HUB },
      "/health": { target: HUB },
    },
  },
  resolve: {
    // The package's "." entry pulls in every standard of every year; its index.mjs lets us take APP-6(D) alone.
    alias: { "milsymbol-parts": fileURLToPath(new URL("node_modules/milsymbol/index.mjs", import.meta.url)) },
    ...(process.env["VITEST"] ? { conditions: ["browser"] } : {}),
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});

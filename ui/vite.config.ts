import { svelte } from "@sveltejs/vite-plugin-svelte";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const HUB = process.env["TAPESTRY_HUB"] ?? "http://127.0.0.1:8790";

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../src/tapestry/web/static",
    emptyOutDir: true,
    target: "es2022",
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

import "./app.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { setLanguage, storedLanguage } from "./i18n/i18n.svelte";
import { loadLook } from "./shell/theme.svelte";
import { startClock } from "./time/clock.svelte";

loadLook();
startClock();
await setLanguage(storedLanguage() ?? "en");
const target = document.getElementById("app");
if (!target) throw new Error("index.html has no element with id \"app\"");
mount(App, { target });

import "./phone.css";
import { mount } from "svelte";
import PhoneApp from "./PhoneApp.svelte";
import { setLanguage, storedLanguage } from "./language.svelte";
import { start } from "./link.svelte";

setLanguage(storedLanguage());
await start();
const target = document.getElementById("app");
if (!target) throw new Error("phone/index.html has no element with id \"app\"");
mount(PhoneApp, { target });
if (import.meta.env.PROD && "serviceWorker" in navigator) void navigator.serviceWorker.register("/phone/worker.js", { scope: "/phone/" });

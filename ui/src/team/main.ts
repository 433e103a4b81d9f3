import "../phone/phone.css";
import { mount } from "svelte";
import { start } from "./link.svelte";
import TeamApp from "./TeamApp.svelte";
import { setLanguage, storedLanguage } from "./words.svelte";

setLanguage(storedLanguage());
await start();
const target = document.getElementById("app");
if (!target) throw new Error("team/index.html has no element with id \"app\"");
mount(TeamApp, { target });

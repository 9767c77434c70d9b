// The check-in desk: binds what is on the page to the modules in door/. Works without a network once it was opened.

import { watch } from "./door/camera.js";
import { daysIn } from "./door/days.js";
import { makeDesk } from "./door/desk.js";
import { openDrawer } from "./door/drawer.js";
import { makeLine } from "./door/line.js";
import { isCode, makePeople } from "./door/people.js";
import { makeScreen } from "./door/screen.js";

const MOST_MATCHES = 8;
const SYNC = 10_000; // ms
const REFRESH = 300_000;

const page = document.querySelector("[data-door]");
const find = (name) => page.querySelector(`[data-${name}]`);
const [form, field, session, label, video] = ["form", "field", "session", "label", "video"].map(find);
const token = page.querySelector("[name=csrfmiddlewaretoken]").value;

const drawer = await openDrawer(page.dataset.door);
const people = makePeople(daysIn(page.dataset.zone));
const screen = makeScreen(page);
const chosen = () => ({ session: session.value || null, desk: label.value });
const desk = makeDesk({ line: makeLine(page.dataset.api, token), drawer, people, screen, chosen });

const offerSessions = () => {
  const known = new Set([...session.options].map((one) => one.value));
  for (const one of people.figures.sessions) if (!known.has(one.uuid)) session.add(new Option(one.title, one.uuid));
};
const take = async (wanted) => {
  field.value = "";
  screen.matches([]);
  await desk.scan(wanted);
  field.focus({ preventScroll: true });
};

field.addEventListener("input", () => {
  const words = field.value.trim();
  const found = words.length > 1 && !isCode(words) ? people.called(words).slice(0, MOST_MATCHES) : [];
  screen.matches(found, (person) => take({ person }));
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = field.value.trim();
  const found = isCode(words) ? [] : people.called(words);
  if (found.length === 1) take({ person: found[0] });
  else if (found.length > 1) screen.matches(found.slice(0, MOST_MATCHES), (person) => take({ person }));
  else if (words) take({ code: words });
});

let stop = null;
find("camera").addEventListener("click", async ({ currentTarget: button }) => {
  if (stop) stop();
  try {
    stop = stop ? null : await watch(video, (code) => desk.scan({ code }));
    find("camera-said").textContent = "";
  } catch {
    find("camera-said").textContent = "The camera can't be used here. Type the code or the name.";
  }
  video.hidden = !stop;
  button.setAttribute("aria-pressed", String(Boolean(stop)));
});

find("forget").addEventListener("click", async () => {
  if (desk.hasWaiting()) return screen.conflict("Scans still wait to be sent. Forget the list when they are.");
  await drawer.empty();
  for (const one of (await navigator.serviceWorker?.getRegistrations()) ?? []) await one.unregister();
  for (const name of (await globalThis.caches?.keys()) ?? []) await caches.delete(name);
  location.assign(page.dataset.home);
});

find("looked").addEventListener("click", desk.looked);
label.addEventListener("change", () => drawer.set("label", label.value));
addEventListener("online", desk.sync);
addEventListener("offline", desk.sync);
addEventListener("beforeunload", (event) => desk.hasWaiting() && event.preventDefault());

label.value = (await drawer.get("label")) ?? "";
await navigator.serviceWorker?.register(page.dataset.worker, { scope: location.pathname }).catch(() => null);
await desk.start();
offerSessions();
await desk.refresh();
offerSessions();
page.dataset.ready = "";
setInterval(desk.sync, SYNC);
setInterval(desk.refresh, REFRESH);

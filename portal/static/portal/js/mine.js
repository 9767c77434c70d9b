// My schedule: asks the server to show the starred sessions as it would show a shared link, and puts them in place.
import { bind, keep, starred } from "./stars.js";
import { tell } from "./zone.js";

const SHORT = 12;
const place = document.querySelector("[data-mine]");
const share = document.querySelector("[data-share]");
const keeper = document.querySelector("[data-keep]");

const link = () => `?s=${starred().map((uuid) => uuid.replaceAll("-", "").slice(0, SHORT)).join(",")}`;

async function fill() {
  const answer = await fetch(link());
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  place.replaceChildren(...page.querySelector("[data-mine]").children);
  bind(place);
  tell(place);
  share.querySelector("a").href = link();
  share.hidden = false;
}

if (share && starred().length) fill();
share?.querySelector("[data-print]").addEventListener("click", () => print());

if (keeper && place.querySelector("[data-star]")) {
  keeper.hidden = false;
  keeper.addEventListener("click", () => {
    keep([...starred(), ...[...place.querySelectorAll("[data-star]")].map((one) => one.dataset.star)]);
    keeper.hidden = true;
  });
}

// Keeps the figures of a mailing moving on [data-progress] while there is something to send. What can be done and the
// lists, each [data-renewed], are fetched when they have become others, and now and then. Without it the page shows how
// things were when it was opened.

const GAP = 2000; // milliseconds
const LOOKS = 5; // after which the page is fetched anyway: who was sent something last is on it

let renewedFor = "";
let looks = 0;

const show = (place, figures) => {
  for (const part of place.querySelectorAll("[data-figure]")) {
    const text = String(figures[part.dataset.figure]);
    if (part.textContent !== text) part.textContent = text;
  }
  const bar = place.querySelector("progress");
  bar.max = Math.max(figures.total, 1);
  bar.value = figures.sent;
};

const partsOf = ({ state, says, failed, held, sent }) => [state, says, failed, held > 0, sent > 0].join();

const isInUse = (part) =>
  part.contains(document.activeElement) ||
  [...part.querySelectorAll("input")].some((field) => field.value !== field.defaultValue);

const renew = async () => {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-renewed]")) {
    const now = page.querySelector(`[data-renewed="${part.dataset.renewed}"]`);
    if (now && !isInUse(part)) part.replaceWith(now);
  }
};

const follow = async (place) => {
  const answer = await fetch(place.dataset.progress, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const figures = await answer.json();
  show(place, figures);
  looks += 1;
  if (partsOf(figures) !== renewedFor || looks >= LOOKS) {
    await renew();
    renewedFor = partsOf(figures);
    looks = 0;
  }
  if (figures.is_moving || figures.state === "paused") later(place);
};

const later = (place) => setTimeout(() => follow(place).catch(() => later(place)), GAP);

for (const place of document.querySelectorAll("[data-progress][data-moving]")) later(place);

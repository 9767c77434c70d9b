// Keeps the figures of a mailing moving on [data-progress] while there is something to send. Without it the page shows
// how things were when it was opened.

const GAP = 2000; // milliseconds

const show = (place, figures) => {
  for (const part of place.querySelectorAll("[data-figure]")) {
    const text = String(figures[part.dataset.figure]);
    if (part.textContent !== text) part.textContent = text;
  }
  const bar = place.querySelector("progress");
  bar.max = Math.max(figures.total, 1);
  bar.value = figures.sent;
};

const follow = async (place) => {
  const answer = await fetch(place.dataset.progress, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const figures = await answer.json();
  show(place, figures);
  if (figures.is_moving || figures.state === "paused") later(place);
  else if (figures.failed > 0) location.reload(); // so that who couldn't be reached is listed
};

const later = (place) => setTimeout(() => follow(place).catch(() => later(place)), GAP);

for (const place of document.querySelectorAll("[data-progress][data-moving]")) later(place);

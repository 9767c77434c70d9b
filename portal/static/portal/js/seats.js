// Fills [data-seats] with how many seats are left. Without it, or if the server doesn't answer, nothing is shown.

const inWords = ({ open, capacity, left, waiting }) => {
  if (!open || capacity === null) return "";
  if (waiting > 0) return `Full: ${waiting} on the waitlist`;
  return left > 0 ? `${left} of ${capacity} seats left` : "Full: you get the first place on the waitlist";
};

const show = async (place) => {
  const answer = await fetch(place.dataset.seats, { credentials: "omit" });
  if (!answer.ok) return;
  const figures = await answer.json();
  const words = inWords(figures);
  if (!words) return;
  place.querySelector("p").textContent = words;
  const meter = place.querySelector("meter");
  if (meter) {
    meter.max = Math.max(figures.capacity, 1);
    meter.value = figures.capacity - figures.left;
  }
  place.hidden = false;
};

for (const place of document.querySelectorAll("[data-seats]")) {
  show(place).catch(() => {});
}

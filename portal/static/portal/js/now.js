// What is on now: marks it in the schedule, draws a line at the time, and adds a way to it to the hours.
// Bound by .moments; the server says nothing of the clock there, so that a page is the same for everybody.
const MINUTE = 60_000;

const startOf = (when) => Date.parse(when.querySelector("h3 > time").dateTime);
const rowOf = (when) => Number(when.className.match(/\br(\d+)/)?.[1] ?? 0);
const lengthOf = (slot) => Number(slot.querySelector('time[datetime^="PT"]').dateTime.slice(2, -1)) * MINUTE;

function mark(slot, isOn) {
  if (slot.classList.contains("slot-now") === isOn) return;
  slot.classList.toggle("slot-now", isOn);
  slot.querySelector(".slot-live")?.remove();
  if (!isOn) return;
  const word = document.createElement("strong");
  word.className = "slot-live";
  word.textContent = "Now";
  slot.querySelector(".slot-where").prepend(word, " ");
}

function line(moments, whens, now) {
  const after = whens.findIndex((when) => startOf(when) > now);
  const [before, next] = [whens[after - 1], whens[after]];
  const made = moments.querySelector(":scope > .now") ?? document.createElement("p");
  const share = (now - startOf(before)) / (startOf(next) - startOf(before));
  const row = rowOf(before) && Math.round(rowOf(before) + share * (rowOf(next) - rowOf(before)));
  made.className = row ? `now r${row}` : "now";
  made.id = "now";
  made.replaceChildren(document.createElement("span"));
  const clock = new Date(now + offsetOf(before)).toISOString().slice(11, 16);
  made.firstChild.textContent = `Now ${clock}`;
  next.before(made);
}

/** Milliseconds that the event's clock is ahead of UTC, as written in its times. */
function offsetOf(when) {
  const [, sign, hours, minutes] = when.querySelector("h3 > time").dateTime.match(/([+-])(\d\d):(\d\d)$/);
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE;
}

function point(moments) {
  const hours = moments.parentElement.querySelector(":scope > .hours ol");
  if (!hours || hours.querySelector('[href="#now"]')) return;
  const item = document.createElement("li");
  item.innerHTML = '<a href="#now"><strong>Now</strong></a>';
  hours.prepend(item);
}

function show() {
  const now = Date.now();
  for (const moments of document.querySelectorAll(".moments")) {
    const whens = [...moments.querySelectorAll(":scope > .when")];
    for (const when of whens) {
      const start = startOf(when);
      for (const slot of when.querySelectorAll(".slot")) mark(slot, start <= now && now < start + lengthOf(slot));
    }
    moments.querySelector(":scope > .now")?.remove();
    if (whens.length < 2 || now < startOf(whens[0]) || now >= startOf(whens.at(-1))) continue;
    line(moments, whens, now);
    point(moments);
  }
}

const times = [...document.querySelectorAll(".when > h3 > time")].map((time) => Date.parse(time.dateTime));
const isNear = times.length && Date.now() > Math.min(...times) - 1440 * MINUTE && Date.now() < Math.max(...times) + 1440 * MINUTE;
if (isNear) {
  show();
  setInterval(show, MINUTE);
}

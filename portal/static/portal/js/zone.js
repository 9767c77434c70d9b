// The viewer's own times, second to the event's. Bound by data-time, data-range and data-zone-note.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const place = zone.split("/").pop().replaceAll("_", " ");
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
const weekday = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: zone });

/** Minutes that this zone is ahead of the offset written in an ISO time. */
function ahead(iso) {
  const moment = new Date(iso);
  const [, sign, hours, minutes] = iso.match(/([+-])(\d\d):(\d\d)$/);
  const written = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return -moment.getTimezoneOffset() - written;
}

/** The clock here; with its weekday where that differs from the written one. */
function here(iso) {
  const moment = new Date(iso);
  const written = new Date(`${iso.slice(0, 10)}T12:00:00Z`);
  const day = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: "UTC" }).format(written);
  const own = weekday.format(moment);
  return own === day ? clock.format(moment) : `${own} ${clock.format(moment)}`;
}

function span(text, kind = "") {
  const made = document.createElement("span");
  made.className = kind;
  made.append(text);
  return made;
}

/** Adds the times to what is new on the page. */
export function tell(root = document) {
  const times = [...root.querySelectorAll("time[data-time]")].filter((time) => ahead(time.dateTime));
  for (const time of times) {
    const own = span(here(time.dateTime), "zone");
    own.append(" ", span(place));
    time.after(own);
  }
  return times.length;
}

const count = tell();

for (const note of document.querySelectorAll("[data-zone-note]")) {
  if (count) note.append(` Second: your time, ${place}.`);
}

for (const range of document.querySelectorAll("[data-range]")) {
  const { start, end } = range.dataset;
  if (!ahead(start)) continue;
  const small = range.closest("dd").querySelector("small");
  small.append(document.createElement("br"), `${here(start)}–${here(end)} your time, ${place}`);
}

// Shows a question only while it is asked: for the chosen ticket, and after the answer it depends on.
// Without it all are shown with a line that says when they count; the server ignores the others either way.

const chosen = (name) =>
  [...document.getElementsByName(name)]
    .filter((input) => !["radio", "checkbox"].includes(input.type) || input.checked)
    .map((input) => (input.type === "checkbox" && input.value === "on" ? "yes" : input.value))
    .filter((value) => value !== "");

const isAsked = ({ tickets, above, so }) => {
  const only = tickets.split(" ").filter(Boolean);
  const choices = document.getElementsByName("ticket_type");
  if (only.length && choices.length && !chosen("ticket_type").some((one) => only.includes(one))) return false;
  if (!above) return true;
  const given = chosen(above);
  return so ? given.some((one) => one.toLowerCase() === so.toLowerCase()) : given.length > 0 && given[0] !== "no";
};

const show = () => {
  for (const place of document.querySelectorAll("[data-tickets]")) place.hidden = !isAsked(place.dataset);
};

for (const line of document.querySelectorAll("[data-when]")) line.hidden = true;
document.addEventListener("change", show);
show();

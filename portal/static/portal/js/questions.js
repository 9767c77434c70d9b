// Shows a question only while it is asked: for the chosen ticket, and after the answer it depends on.
// Without it all are shown with a line that says when they count; the server ignores the others either way.

const inputsOf = (name) => [...document.getElementsByName(name)];

const said = (inputs) =>
  inputs
    .filter((input) => !["radio", "checkbox"].includes(input.type) || input.checked)
    .map((input) => input.value || input.dataset.kept || "")
    .filter((value) => value.trim() !== "");

// As registration/questions.py decides it.
const isAsked = ({ tickets, above, so }) => {
  const only = tickets.split(" ").filter(Boolean);
  const choices = inputsOf("ticket_type");
  if (only.length && choices.length && !said(choices).some((one) => only.includes(one))) return false;
  if (!above) return true;
  const inputs = inputsOf(above);
  const place = inputs[0]?.closest("[data-tickets]");
  if (!place || !isAsked(place.dataset)) return false;
  const given = place.dataset.kind === "consent" ? [inputs[0].checked ? "yes" : "no"] : said(inputs);
  return so ? given.includes(so) : given.length > 0;
};

const show = () => {
  for (const place of document.querySelectorAll("[data-tickets]")) place.hidden = !isAsked(place.dataset);
};

for (const line of document.querySelectorAll("[data-when]")) line.hidden = true;
document.addEventListener("change", show);
show();

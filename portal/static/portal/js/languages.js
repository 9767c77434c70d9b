// Chooses, of the languages an event writes in, the one the browser likes best. Without it the event's first one stays.

const best = (known) => {
  for (const liked of navigator.languages.map((one) => one.toLowerCase())) {
    const found = known.find((one) => one === liked) ?? known.find((one) => one.split("-")[0] === liked.split("-")[0]);
    if (found) return found;
  }
};

for (const field of document.querySelectorAll("select[data-languages]")) {
  field.value = best([...field.options].map((option) => option.value)) ?? field.value;
}

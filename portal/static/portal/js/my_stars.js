// On a registration's page: offers to keep there what is starred in this browser and isn't kept yet.
const KEY = "lectern-stars"; // as in stars.js

const starred = () => {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
};

const place = document.querySelector("[data-stars]");
const form = place?.querySelector("[data-join]");
if (form) {
  const kept = new Set([...place.querySelectorAll("[data-kept]")].map((one) => one.dataset.kept));
  const fresh = starred().filter((one) => !kept.has(one));
  if (fresh.length) {
    form.elements.add.value = fresh.join(",");
    form.querySelector("[data-number]").textContent = fresh.length === 1 ? "one session" : `${fresh.length} sessions`;
    place.hidden = form.hidden = false;
  }
}

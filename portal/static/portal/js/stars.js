// Stars: sessions somebody wants to see, kept in this browser by their uuids, whatever the event and the release.
// Bound by data-star (puts a small button there) and data-star-here (a large one).
const KEY = "lectern-stars";
const icon = document.querySelector(".bar use").getAttribute("href").replace(/#.*/, "#star");

export function starred() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function keep(uuids) {
  localStorage.setItem(KEY, JSON.stringify([...new Set(uuids)]));
  show();
}

const buttons = new Map();

function toggle(uuid) {
  const now = starred();
  keep(now.includes(uuid) ? now.filter((one) => one !== uuid) : [...now, uuid]);
}

function show() {
  const now = new Set(starred());
  for (const [button, uuid] of buttons) {
    button.setAttribute("aria-pressed", now.has(uuid));
    const word = button.querySelector("span");
    if (word) word.textContent = now.has(uuid) ? "Starred" : "Star it";
  }
}

function add(place, uuid, name, kind) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = kind;
  button.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${icon}"/></svg>`;
  if (name) button.setAttribute("aria-label", `Star ${name}`);
  else button.append(" ", document.createElement("span"));
  button.addEventListener("click", () => toggle(uuid));
  buttons.set(button, uuid);
  place.append(button);
}

const near = new IntersectionObserver(
  (seen) => {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      add(target, target.dataset.star, target.querySelector("a").textContent, "star");
    }
    show();
  },
  { rootMargin: "400px" },
);

/** Puts buttons into what is new on the page as it comes near, so that a long page stays quick. */
export function bind(root = document) {
  for (const place of root.querySelectorAll("li[data-star]:not(:has(> .star))")) near.observe(place);
  show();
}

for (const place of document.querySelectorAll("[data-star-here]")) {
  const uuid = place.closest("[data-star]").dataset.star;
  if (!uuid) continue;
  add(place, uuid, "", "button");
  place.hidden = false;
}
addEventListener("storage", show);
bind();

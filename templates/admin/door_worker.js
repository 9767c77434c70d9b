// Keeps the check-in desk on this device, so that it opens without a network. Lists and scans are the page's own affair.
const NAME = {{ name|safe }};
const KEPT = {{ kept|safe }};

addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const event_of = (name) => name.slice(0, name.lastIndexOf("-"));
  const isOld = (name) => name !== NAME && event_of(name) === event_of(NAME);
  const cleaned = caches.keys().then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))));
  event.waitUntil(cleaned.then(() => clients.claim()));
});

const asKept = async (request) => (await caches.open(NAME)).match(request, { ignoreSearch: true });

const newest = async (request) => {
  try {
    const answer = await fetch(request);
    return answer.status < 500 ? answer : ((await asKept(request)) ?? answer);
  } catch {
    return (await asKept(request)) ?? Response.error();
  }
};

addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== "GET" || !KEPT.includes(pathname)) return;
  const isPage = event.request.mode === "navigate";
  event.respondWith(isPage ? newest(event.request) : asKept(event.request).then((found) => found ?? fetch(event.request)));
});

/* Answers for one door when there is no network, with what the page kept (door.js). Its scope is that page alone: see
   where it is registered. With a network it changes nothing. */

const KEPT = "maillage-door";
const OLD = 3 * 24 * 3600 * 1000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  // What the page itself asks for is news: a copy would be none.
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (pathname.startsWith("/static/")) event.respondWith(piece(request));
});

async function page(request) {
  try {
    const answer = await fetch(request);
    // No longer hers to see: nor is the list.
    if (answer.status === 403 || answer.status === 404) await caches.delete(KEPT);
    return answer;
  } catch (trouble) {
    const kept = await caches.open(KEPT);
    const asked = { ignoreVary: true };
    const copy = (await kept.match(request, asked)) ?? (await kept.match(request, { ...asked, ignoreSearch: true }));
    if (copy && Date.now() - Date.parse(copy.headers.get("date")) < OLD) return copy;
    throw trouble;
  }
}

async function piece(request) {
  try {
    return await fetch(request);
  } catch (trouble) {
    const copy = await (await caches.open(KEPT)).match(request, { ignoreVary: true });
    if (copy) return copy;
    throw trouble;
  }
}

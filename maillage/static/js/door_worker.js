/* Answers for one door when there is no network, with what the page kept (door.js). Its scope is that page alone: see
   where it is registered. With a network it changes nothing. */

// Of this door, and of no other.
const KEPT = `maillage-door ${new URL(self.registration.scope).pathname}`;

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
    const exact = await kept.matchAll(request, { ignoreVary: true });
    const others = await kept.matchAll(request, { ignoreVary: true, ignoreSearch: true });
    const copy = [...exact, ...others].find((one) => Date.now() < Date.parse(one.headers.get("x-kept-until")));
    if (copy) return copy;
    await caches.delete(KEPT);
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

/* At the door: codes from the camera, and a queue for when there is no network. Every arrival gets a number here, and is
   kept in this browser until the server has answered for that number; sent twice, it is the same arrival. */

import { plain } from "./narrowing.js";
import { clock, filled, keep, kept } from "./words.js";

const AGAIN = 15000;
const NEWS = 30000;
// The camera sees one code in many pictures.
const SAME = 5000;

const door = document.getElementById("door");
const words = document.querySelector('template[data-part="words"]').dataset;
const part = (name) => door.querySelector(`[data-${name}]`);
const { gathering, session, address, path, zone } = door.dataset;
const KEPT = `maillage-door ${path}`;
const queueKey = `maillage:door:${gathering}`;
const refusedKey = `${queueKey}:refused`;

const queue = () => kept("localStorage", queueKey) ?? [];
// Where nothing can be kept, what is in memory has to do.
let inMemory = [];
const waiting = () => [...queue(), ...inMemory];

function add(entry) {
  if (keep("localStorage", queueKey, [...queue(), entry])) return;
  inMemory.push(entry);
  tell(words.full, "mind");
}

function remove(nonces) {
  const left = (entries) => entries.filter((entry) => !nonces.includes(entry.nonce));
  keep("localStorage", queueKey, left(queue()));
  inMemory = left(inMemory);
}

function tell(sentence, how) {
  const said = part("said");
  said.className = `door-said ${how}`;
  said.replaceChildren(Object.assign(document.createElement("p"), { textContent: sentence }));
}

function network(sentence) {
  if (part("network").textContent !== sentence) part("network").textContent = sentence;
}

/** The time of day on the wall there, wherever the clock of this device believes to be. */
const wall = (at) => clock(new Date(at.toLocaleString("en-US", { timeZone: zone })), words);

const rows = () => [...document.querySelectorAll("#door-people > [data-registration]")];
const nameOf = (row) => row.querySelector("strong").textContent;

function ticketIn(code) {
  return code.trim().match(/^(?:\S*[?&]code=)?([\w-]{1,32})$/)?.[1] ?? null;
}

function rowOf({ registration, code }) {
  return rows().find((row) => (registration ? row.dataset.registration === registration : row.dataset.ticket === code));
}

function show(row, since, unsent) {
  row.classList.add("here");
  row.classList.toggle("unsent", unsent);
  row.dataset.since = since;
  row.querySelector("[data-time]").textContent = since;
}

function unshow(row) {
  row.classList.remove("here", "unsent");
  delete row.dataset.since;
}

/** What waits in this browser shows on the list as well, and the count says how many are here. */
function overlay() {
  for (const entry of waiting()) {
    const row = entry.session === session && rowOf(entry);
    if (row && !row.classList.contains("here")) show(row, wall(new Date(entry.at)), true);
  }
  part("here").textContent = rows().filter((row) => row.classList.contains("here")).length;
}

/** Those who were added here, until the server knows of them; and those whom it could not let in. */
function showUnsent() {
  const list = part("unsent");
  if (!list) return;
  const one = document.querySelector('template[data-part="unsent"]').content;
  const item = (entry, why) => {
    const shown = one.cloneNode(true).firstElementChild;
    shown.querySelector("strong").textContent = entry.name;
    shown.querySelector(".soft").textContent = entry.email;
    shown.querySelector("[data-why]").textContent = why;
    if (!entry.why) shown.querySelector(".actions").remove();
    shown.dataset.nonce = entry.nonce;
    return shown;
  };
  const all = [...waiting().filter((entry) => entry.name), ...refused()];
  list.replaceChildren(...all.map((entry) => item(entry, entry.why ?? words.notYet)));
  list.hidden = all.length === 0;
}

const refused = () => kept("localStorage", refusedKey) ?? [];

/** Somebody who is here without being registered: kept, and sent, as arrivals are. */
function admit(entry) {
  tell(filled(words.kept, entry), "mind");
  add(entry);
  showUnsent();
  send();
}

function nonce() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function arrive(whose) {
  const at = new Date();
  const row = rowOf(whose);
  add({ nonce: nonce(), session, at: at.toISOString(), ...whose });
  if (!row) {
    tell(words.unlisted, "mind");
  } else if (row.classList.contains("here")) {
    tell(filled(words.again, { name: nameOf(row), time: row.dataset.since }), "mind");
  } else {
    tell(filled(words.arrived, { name: nameOf(row) }), "good");
    navigator.vibrate?.(80);
  }
  overlay();
  send();
}

let sending = false;
// Somebody was added who is not on the list of this page yet.
let unlisted = false;
let later = 0;

/** One after the other, in their order, until the network is gone or nothing is left. */
async function send() {
  if (sending) return;
  sending = true;
  clearTimeout(later);
  const many = waiting().length > 1;
  try {
    for (let entry = waiting()[0]; entry; entry = waiting()[0]) {
      if (many) network(filled(words.sending, { count: waiting().length }));
      const answer = await post(entry);
      if (answer === null) return;
      remove([entry.nonce]);
      settle(entry, answer);
    }
    network(many ? words.sent : "");
  } finally {
    sending = false;
    if (waiting().length) later = setTimeout(send, AGAIN);
    else if (unlisted) refresh();
  }
}

async function post({ nonce, session, at, registration, code, name, email }) {
  let answer;
  const whom = name ? { act: "add", name, email } : registration ? { registration } : { code };
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams({ seance: session, nonce, at, ...whom }),
      redirect: "manual",
    });
  } catch {
    offline();
    return null;
  }
  if (answer.status === 200) return answer.json();
  if (name && [409, 422].includes(answer.status)) return answer.json();
  // Nothing that could be sent again: said, and let go.
  if (answer.status === 422) return { outcome: "nonsense", said: words.nonsense };
  if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) network(words.signedOut);
  else offline();
  return null;
}

function offline() {
  const here = waiting().length;
  network(here ? filled(here === 1 ? words.offlineOne : words.offlineMany, { count: here }) : words.offlineNone);
}

/** What the server found out may differ from what this device thought. */
function settle(entry, { outcome, said }) {
  if (entry.name) {
    const here = outcome === "arrived" || outcome === "again";
    if (here) unlisted = true;
    else keep("localStorage", refusedKey, [...refused(), { ...entry, why: said }]);
    tell(here ? said : `${entry.name} – ${said}`, outcome === "arrived" ? "good" : "mind");
    showUnsent();
    return;
  }
  const row = entry.session === session && rowOf(entry);
  if (row) {
    if (outcome === "arrived" || outcome === "again") row.classList.remove("unsent");
    else unshow(row);
  }
  if (outcome !== "arrived" && outcome !== "again") tell(said, "mind");
  else if (!row) tell(said, outcome === "arrived" ? "good" : "mind");
  overlay();
}

/* What others noted meanwhile, and a fresh copy for when there is no network. */

async function refresh() {
  if (sending || waiting().length || document.hidden) return;
  let answer;
  try {
    answer = await fetch(address, { headers: { Accept: "text/html" } });
  } catch {
    offline();
    return;
  }
  if (!answer.ok) return;
  network("");
  unlisted = false;
  keepCopy(answer.clone()).catch(() => {});
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["door-people", "door-odd", "door-room"]) {
    const old = document.getElementById(id);
    const now = fresh.getElementById(id);
    // Not under somebody’s finger.
    if (!now || !old || old.contains(document.activeElement)) continue;
    old.replaceChildren(...document.importNode(now, true).childNodes);
    old.hidden = now.hidden;
  }
  part("expected").textContent = rows().length;
  overlay();
  narrow();
}

async function keepCopy(answer) {
  if (!mayKeep || forgotten || !("caches" in window)) return;
  const copies = await caches.open(KEPT);
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const pieces = new Set(loaded.filter((name) => name.startsWith(`${location.origin}/static/`)));
  const missing = async (piece) => (await copies.match(piece, { ignoreVary: true })) ?? copies.add(piece);
  await Promise.all([copies.put(address, answer), ...[...pieces].map(missing)]);
  // Only now is it so.
  part("device").hidden = forgotten;
}

const mayKeep = "keeps" in door.dataset && "serviceWorker" in navigator;
let forgotten = false;

async function forget() {
  forgotten = true;
  keep("localStorage", refusedKey, null);
  showUnsent();
  await window.caches?.delete(KEPT);
  const registration = await navigator.serviceWorker?.getRegistration(path);
  await registration?.unregister();
}

/* The list, narrowed as one types. */

const search = part("searches");
function narrow() {
  const wanted = plain(search.elements.q.value).split(/\s+/).filter(Boolean);
  for (const row of rows()) row.hidden = !wanted.every((word) => plain(row.querySelector("p").textContent).includes(word));
}

/* The camera. */

class Camera {
  constructor(box, reader) {
    this.box = box;
    this.reader = reader;
    this.video = box.querySelector("video");
    this.seen = new Map();
    box.hidden = false;
    this.starts = box.querySelector("[data-starts]");
    this.stops = box.querySelector("[data-stops]");
    this.starts.addEventListener("click", () => this.start());
    this.stops.addEventListener("click", () => this.stop());
  }

  async start() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      tell(words.noCamera, "mind");
      return;
    }
    this.video.srcObject = this.stream;
    this.running(true);
    await this.video.play();
    while (this.stream) {
      await this.look();
      await new Promise((next) => setTimeout(next, 150));
    }
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.running(false);
  }

  running(yes) {
    this.video.hidden = this.stops.hidden = !yes;
    this.starts.hidden = yes;
    (yes ? this.stops : this.starts).focus();
  }

  async look() {
    let codes;
    try {
      codes = await this.reader.detect(this.video);
    } catch {
      // No picture yet.
      return;
    }
    for (const { rawValue } of codes) {
      const now = Date.now();
      const before = this.seen.get(rawValue) ?? 0;
      this.seen.set(rawValue, now);
      if (now - before < SAME) continue;
      const code = ticketIn(rawValue);
      if (code) arrive({ code });
      else tell(words.nonsense, "mind");
    }
  }
}

async function camera() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  if (!(await BarcodeDetector.getSupportedFormats()).includes("qr_code")) return;
  new Camera(part("camera"), new BarcodeDetector({ formats: ["qr_code"] }));
}

/* Forms: what they say is kept first and sent then. */

door.addEventListener("submit", (event) => {
  const form = event.target;
  if (form === search) {
    event.preventDefault();
    return;
  }
  if ("notes" in form.dataset) {
    event.preventDefault();
    const { registration, code } = form.elements;
    const ticket = code && ticketIn(code.value);
    if (registration) arrive({ registration: registration.value });
    else if (ticket) arrive({ code: ticket });
    else tell(words.nonsense, "mind");
    form.closest("[data-found]")?.remove();
    if (code) {
      code.value = "";
      code.focus();
    }
    return;
  }
  if ("adds" in form.dataset) {
    event.preventDefault();
    const [name, email] = [form.elements.name, form.elements.email].map((field) => field.value.trim());
    if (name) admit({ nonce: nonce(), session, at: new Date().toISOString(), name, email });
    form.reset();
    form.elements.name.focus();
    return;
  }
  if ("undoes" in form.dataset) {
    const row = form.closest("[data-registration]");
    const { registration, ticket } = row.dataset;
    const mine = waiting().filter((entry) => entry.session === session && (entry.registration === registration || entry.code === ticket));
    if (mine.length) {
      event.preventDefault();
      remove(mine.map((entry) => entry.nonce));
      unshow(row);
      overlay();
    } else if (!navigator.onLine) {
      event.preventDefault();
      tell(words.undoLater, "mind");
    }
  }
});
part("unsent")?.addEventListener("click", ({ target }) => {
  const number = target.closest("li")?.dataset.nonce;
  const entry = refused().find((one) => one.nonce === number);
  if (!entry || !target.matches("[data-again], [data-drops]")) return;
  const left = refused().filter((one) => one.nonce !== number);
  keep("localStorage", refusedKey, left);
  const { why: _why, ...whom } = entry;
  if (target.matches("[data-again]")) admit(whom);
  else showUnsent();
});
search.elements.q.addEventListener("input", narrow);
part("forgets").addEventListener("click", async () => {
  await forget();
  tell(words.forgotten, "good");
  part("device").hidden = true;
});

// A copy shown without a network does not know which code its address holds.
const given = new URLSearchParams(location.search).get("code");
if (given && !part("found")) door.querySelector(".door-code [name=code]").value = given;

overlay();
showUnsent();
narrow();
camera();
if (waiting().length) send();
if (mayKeep) {
  await navigator.serviceWorker.register(`${path}.js`, { scope: path });
  await navigator.serviceWorker.ready;
  refresh();
} else if ("over" in door.dataset) {
  forget();
}
setInterval(refresh, NEWS);
window.addEventListener("online", () => (waiting().length ? send() : refresh()));
window.addEventListener("offline", offline);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (waiting().length) send();
  else refresh();
});

/* Reading a discussion: branches that fold, replies in place, quoting, and what has been seen is marked as read. */

import { filled, keep, kept } from "./words.js";

const thread = document.querySelector(".thread");
const posts = [...thread.querySelectorAll(".post, .event")];
const bySeq = new Map(posts.map((post) => [post.dataset.seq, post]));
const name = (post) => post.querySelector(".name")?.textContent ?? "";

/* Folding. What hangs below a message is found by who answers whom, not by how deep it is drawn. */

const below = new Map();
for (const post of posts) {
  let parent = bySeq.get(post.dataset.parent);
  while (parent) {
    if (!below.has(parent)) below.set(parent, []);
    below.get(parent).push(post);
    parent = bySeq.get(parent.dataset.parent);
  }
}
const foldKey = `maillage:folded:${thread.dataset.thread}`;
const folded = new Set(kept("sessionStorage", foldKey) ?? []);

function draw() {
  const away = new Set();
  for (const seq of folded) for (const post of below.get(bySeq.get(seq)) ?? []) away.add(post);
  for (const post of posts) {
    const isFolded = folded.has(post.dataset.seq);
    post.classList.toggle("folded-away", away.has(post));
    post.classList.toggle("folded", isFolded);
    post.querySelector(".fold")?.setAttribute("aria-expanded", String(!isFolded));
  }
  keep("sessionStorage", foldKey, [...folded]);
}

function fold(post, wanted = !folded.has(post.dataset.seq)) {
  if (wanted) folded.add(post.dataset.seq);
  else folded.delete(post.dataset.seq);
  draw();
}

function uncover(post) {
  for (const [parent, children] of below) if (children.includes(post)) folded.delete(parent.dataset.seq);
  draw();
}

for (const button of thread.querySelectorAll(".fold")) {
  button.hidden = false;
  button.addEventListener("click", () => fold(button.closest(".post")));
}
draw();

/* Arriving. An address may name a message that lives on another page. */

/** The number of the thread that this address named before the two were merged; its messages had other numbers there. */
function formerThread() {
  const address = new URL(location.href);
  const former = address.searchParams.get("de");
  if (!former) return null;
  address.searchParams.delete("de");
  history.replaceState(history.state, "", address);
  return /^\d+$/.test(former) ? former : null;
}

function arrive() {
  const former = formerThread();
  const seq = location.hash.match(/^#m-(\d+)$/)?.[1];
  if (!seq) return;
  if (former) return location.replace(`/discussions/${former}/m/${seq}`);
  const post = bySeq.get(seq);
  const sought = `maillage:sought:${thread.dataset.thread}`;
  if (post) {
    keep("sessionStorage", sought, null);
    uncover(post);
    for (const other of thread.querySelectorAll(".arrived")) other.classList.remove("arrived");
    post.classList.add("arrived");
    post.scrollIntoView({ block: "start" });
    (post.querySelector("h2") ?? post).focus({ preventScroll: true });
  } else if (kept("sessionStorage", sought) !== seq) {
    // Once only: a message that no page shows must not send its reader round in circles.
    keep("sessionStorage", sought, seq);
    location.replace(`/discussions/${thread.dataset.thread}/m/${seq}`);
  }
}
window.addEventListener("hashchange", arrive);
arrive();
// The browser's own jump to the fragment comes with the load and lets go of the focus.
window.addEventListener("load", () => setTimeout(() => document.activeElement === document.body && arrive()));
thread.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const seq = link?.getAttribute("href").match(new RegExp(`^/discussions/${thread.dataset.thread}/m/(\\d+)$`))?.[1];
  if (!seq || !bySeq.has(seq) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (location.hash === `#m-${seq}`) arrive();
  else location.hash = `m-${seq}`;
});

/* Reading marks, for somebody signed in. */

const bar = thread.querySelector("[data-reader]");
const seen = new Set();
const told = new Set();

/** 1, 2, 3, 8 → "1-3,8" */
function ranges(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const out = [];
  for (const n of sorted) {
    const last = out.at(-1);
    if (last && n === last[1] + 1) last[1] = n;
    else out.push([n, n]);
  }
  return out.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(",");
}

function tellRead() {
  const fresh = [...seen].filter((seq) => !told.has(seq));
  if (!fresh.length) return;
  for (const seq of fresh) told.add(seq);
  fetch(`/discussions/${thread.dataset.thread}/lu`, { method: "POST", body: new URLSearchParams({ seqs: ranges(fresh) }), keepalive: true, redirect: "manual" }).catch(() => {
    for (const seq of fresh) told.delete(seq);
  });
}

const unreadLeft = () => posts.filter((post) => post.classList.contains("unread") && !seen.has(Number(post.dataset.seq)));

if (bar) {
  const waiting = new Map();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting, intersectionRatio, intersectionRect } of entries) {
        const enough = isIntersecting && (intersectionRatio > 0.6 || intersectionRect.height > innerHeight * 0.5);
        if (!enough) {
          clearTimeout(waiting.get(target));
          waiting.delete(target);
        } else if (!waiting.has(target)) {
          waiting.set(target, setTimeout(() => {
            seen.add(Number(target.dataset.seq));
            observer.unobserve(target);
          }, 1500));
        }
      }
    },
    // Fine steps: of a message of many screens only a small part shows at a time.
    { threshold: Array.from({ length: 101 }, (_, step) => step / 100) },
  );
  for (const post of thread.querySelectorAll(".unread[data-seq]")) observer.observe(post);
  setInterval(tellRead, 4000);
  window.addEventListener("pagehide", tellRead);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && tellRead());
  bar.querySelector("[data-next-unread]")?.addEventListener("click", (event) => {
    if (nextUnread()) event.preventDefault();
  });
}

function nextUnread() {
  const next = unreadLeft()[0];
  if (!next) return false;
  seen.add(Number(next.dataset.seq));
  if (location.hash === `#${next.id}`) arrive();
  else location.hash = next.id;
  return true;
}

/* Replying in place: the one reply box goes to the message that it answers. */

const box = thread.querySelector("[data-reply-box]");
let replyTo = () => {};
if (box) {
  const home = document.createComment("");
  box.before(home);
  const form = box.querySelector("form");
  const title = box.querySelector("h2");
  const usual = title.textContent;
  const context = box.querySelector(".reply-context");
  const words = box.querySelector("textarea");
  const write = () => words.focus();
  // What was being written comes back as a draft; this is what it was an answer to.
  const parentKey = `maillage:answers:${thread.dataset.thread}`;

  thread.addEventListener("click", (event) => {
    const link = event.target.closest("[data-reply]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    replyTo(link.closest(".post"));
  });
  box.querySelector("[data-back]").addEventListener("click", () => {
    home.after(box);
    form.elements.namedItem("parent").value = "";
    title.textContent = usual;
    context.hidden = true;
    keep("localStorage", parentKey, null);
    write();
  });

  const putUnder = (post) => {
    post.append(box);
    form.elements.namedItem("parent").value = post.dataset.seq;
    title.textContent = filled(thread.dataset.replyHere, { name: name(post), number: post.dataset.seq });
    context.hidden = false;
    keep("localStorage", parentKey, post.dataset.seq);
  };
  replyTo = (post) => {
    if (post.dataset.seq === "1") return void box.querySelector("[data-back]").click();
    putUnder(post);
    write();
  };
  const answered = bySeq.get(kept("localStorage", parentKey));
  if (words.value.trim() && answered?.querySelector("[data-reply]")) putUnder(answered);
  else keep("localStorage", parentKey, null);
  form.addEventListener("submit", () => keep("localStorage", parentKey, null));

  /* Quoting: a button beside the selection. */

  const button = Object.assign(document.createElement("button"), { type: "button", className: "quote-button", hidden: true, textContent: thread.dataset.quoteLabel });
  document.body.append(button);
  let quoted = null;
  const offer = () => {
    const selection = getSelection();
    const inside = (node) => (node?.nodeType === 1 ? node : node?.parentElement)?.closest(".post .prose");
    const prose = selection.rangeCount && !selection.isCollapsed ? inside(selection.anchorNode) : null;
    if (!prose || prose !== inside(selection.focusNode) || !selection.toString().trim()) {
      button.hidden = true;
      return;
    }
    quoted = { post: prose.closest(".post"), text: selection.toString().trim() };
    const rect = selection.getRangeAt(0).getBoundingClientRect();
    button.hidden = false;
    // Below the selection: a phone shows its own menu above.
    button.style.insetBlockStart = `${rect.bottom + scrollY + 8}px`;
    button.style.insetInlineStart = `${Math.max(8, Math.min(rect.left + scrollX, document.documentElement.clientWidth - button.offsetWidth - 8))}px`;
  };
  document.addEventListener("selectionchange", () => {
    clearTimeout(offer.timer);
    offer.timer = setTimeout(offer, 200);
  });
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    const { post, text } = quoted;
    const seq = post.dataset.seq;
    const source = filled(thread.dataset.quoted, { name: name(post), number: seq });
    const lines = text.replace(/\n{3,}/g, "\n\n").split("\n").map((line) => `> ${line}`.trimEnd());
    if (!box.querySelector("textarea").value.trim()) replyTo(post);
    button.hidden = true;
    getSelection().removeAllRanges();
    box.querySelector("maillage-composer").insertBlock(`${lines.join("\n")}\n>\n> [${source.replace(/[[\]]/g, "")}](/discussions/${thread.dataset.thread}/m/${seq})`);
    box.scrollIntoView({ block: "nearest" });
  });
}

/* What keys.js asks for. */

document.addEventListener("maillage:key", ({ detail: { act, post } }) => {
  if (act === "fold" && post) {
    const top = below.has(post) ? post : bySeq.get(post.dataset.parent);
    if (top && top.dataset.seq !== "1") {
      fold(top);
      top.querySelector("h2").focus();
    }
  } else if (act === "unread") nextUnread();
  else if (act === "reply" && box) {
    if (post && !post.matches(".removed, .event")) replyTo(post);
    else box.querySelector("textarea").focus();
  }
});

/* On paper, every address in full. */

window.addEventListener("beforeprint", () => {
  for (const link of thread.querySelectorAll(".prose a[href]")) link.dataset.url = link.href;
  const address = thread.querySelector(".print-address");
  address.textContent = new URL(address.dataset.address, location).href;
});

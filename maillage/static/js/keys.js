/* Keyboard shortcuts, and the small things that every page shares. Single keys can be turned off (WCAG 2.1.4);
   they never work while writing. */

import { keep, kept } from "./words.js";

const SETTING = "maillage:shortcuts";
const dialog = document.getElementById("shortcuts");
const on = document.getElementById("shortcuts-on");
const writing = (target) => target.closest?.("input, textarea, select, [contenteditable]");
const stops = () => [...document.querySelectorAll(".post:not(.folded-away) h2, .threads h3 a, .spaces :is(h2, h3) a")];
const ask = (act) => document.dispatchEvent(new CustomEvent("maillage:key", { detail: { act, post: document.activeElement?.closest(".post") } }));
let before = "";

on.checked = kept("localStorage", SETTING) !== "off";
on.addEventListener("change", () => keep("localStorage", SETTING, on.checked ? null : "off"));
for (const opener of document.querySelectorAll('[data-opens="shortcuts"]')) {
  opener.closest("[hidden]")?.removeAttribute("hidden");
  opener.addEventListener("click", () => dialog.showModal());
}

/** To the next or previous thing that can be read, from where the person is or looks. */
function step(by) {
  const all = stops();
  if (!all.length) return;
  const here = all.findIndex((stop) => stop === document.activeElement || stop.closest(".post")?.contains(document.activeElement));
  const seen = all.findIndex((stop) => stop.getBoundingClientRect().top > 60);
  const to = here >= 0 ? here + by : by > 0 ? seen : seen - 1;
  const stop = all[Math.max(0, Math.min(to, all.length - 1))];
  stop.focus({ preventScroll: true });
  (stop.closest(".post") ?? stop).scrollIntoView({ block: stop.closest(".post") ? "start" : "center" });
}

const SINGLE = {
  "?": () => dialog.showModal(),
  j: () => step(1),
  k: () => step(-1),
  n: () => ask("unread"),
  f: () => ask("fold"),
  r: () => ask("reply"),
  c: () => {
    const box = document.querySelector("maillage-composer textarea");
    if (box) box.focus();
    else location.href = "/discussions/nouvelle";
  },
};
const AFTER_G = { h: "/", d: "/discussions" };

document.addEventListener("keydown", (event) => {
  if (!on.checked || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (writing(event.target) || dialog.open) return;
  const went = before === "g" && AFTER_G[event.key];
  before = event.key;
  if (went) location.href = went;
  else if (SINGLE[event.key]) SINGLE[event.key]();
  else return;
  event.preventDefault();
});

/* A menu closes as people expect. */
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(".menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

/* After a form came back with errors, their summary is where reading starts. */
document.querySelector("[data-takes-focus]")?.focus();

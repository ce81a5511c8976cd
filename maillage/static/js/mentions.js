/* After "@", the people whose name begins so: a list that arrow keys walk, over a textarea that stays a textarea. */

import { filled } from "./words.js";

const MENTION = /(^|[\s(«“"])@([\p{L}\p{N}-]{1,40})$/u;
let lists = 0;

export class Mentions {
  constructor(textarea, address, words, announce) {
    Object.assign(this, { textarea, address, words, announce });
    this.found = [];
    this.at = -1;
    this.list = document.createElement("ul");
    this.list.className = "suggestions";
    this.list.id = `suggestions-${(lists += 1)}`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", words.people);
    this.list.hidden = true;
    textarea.closest("maillage-composer").append(this.list);
    textarea.setAttribute("aria-autocomplete", "list");
    textarea.setAttribute("aria-controls", this.list.id);
    textarea.addEventListener("input", () => this.look());
    textarea.addEventListener("keydown", (event) => this.key(event));
    textarea.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) this.take(Number(item.dataset.index));
    });
  }

  typed() {
    return this.textarea.value.slice(0, this.textarea.selectionStart).match(MENTION)?.[2] ?? null;
  }

  look() {
    clearTimeout(this.timer);
    const typed = this.typed();
    if (typed === null) return this.close();
    this.timer = setTimeout(() => this.ask(typed), 180);
  }

  async ask(typed) {
    try {
      const answer = await fetch(`${this.address}?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || this.typed() !== typed) return;
      this.show((await answer.json()).slice(0, 8));
    } catch {
      this.close();
    }
  }

  show(people) {
    this.found = people;
    if (!people.length) return this.close();
    this.list.replaceChildren(
      ...people.map((person, index) => {
        const item = document.createElement("li");
        item.id = `${this.list.id}-${index}`;
        item.dataset.index = index;
        item.setAttribute("role", "option");
        const more = document.createElement("small");
        more.textContent = [`@${person.handle}`, person.organization].filter(Boolean).join(", ");
        item.append(person.name, more);
        return item;
      }),
    );
    this.list.hidden = false;
    const top = this.textarea.offsetTop + this.caret() + 6;
    this.list.style.insetBlockStart = `${Math.min(top, this.textarea.offsetTop + this.textarea.offsetHeight)}px`;
    this.choose(0);
    this.announce(filled(this.words.suggestions, { count: people.length }));
  }

  /** How far below the top of the textarea the line being written ends. */
  caret() {
    const style = getComputedStyle(this.textarea);
    const mirror = document.createElement("div");
    for (const name of ["font", "lineHeight", "padding", "border", "boxSizing", "letterSpacing"]) mirror.style[name] = style[name];
    Object.assign(mirror.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word", inlineSize: `${this.textarea.clientWidth}px` });
    mirror.textContent = `${this.textarea.value.slice(0, this.textarea.selectionStart)}.`;
    document.body.append(mirror);
    const height = mirror.offsetHeight - this.textarea.scrollTop;
    mirror.remove();
    return height;
  }

  choose(index) {
    this.at = index;
    for (const item of this.list.children) item.setAttribute("aria-selected", String(Number(item.dataset.index) === index));
    this.textarea.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
    this.list.children[index].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (this.list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.choose((this.at + step + this.found.length) % this.found.length);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey) this.take(this.at);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(index) {
    const { textarea } = this;
    const typed = this.typed() ?? "";
    const end = textarea.selectionStart;
    textarea.setRangeText(`${this.found[index].handle} `, end - typed.length, end, "end");
    this.close();
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.textarea.removeAttribute("aria-activedescendant");
  }
}

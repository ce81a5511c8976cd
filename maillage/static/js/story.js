/* Writing a story: each section is kept as it is typed (drafts.js), for her alone, and the others see who is writing
   where. Without this script nothing is missing but that. */

import { Draft } from "./drafts.js";
import { Formatting } from "./formatting.js";
import { Uploads } from "./uploads.js";
import { clock, filled } from "./words.js";

const BEAT = 20000;

const words = document.querySelector('template[data-part="words"]').dataset;
const tools = document.querySelector('template[data-part="tools"]').content.firstElementChild;
const refused = document.querySelector(".error-summary, .notice-wrong") !== null;

class Section {
  constructor(form, element) {
    this.element = element;
    this.name = element.dataset.section;
    this.number = form.elements.namedItem(`sequence-${this.name}`);
    this.seen = form.elements.namedItem(`seen-${this.name}`);
    this.status = element.querySelector("[data-status]");
    this.draft = new Draft({
      place: `story:${form.dataset.story}:${this.name}`,
      sequence: Number(this.number.value) - 1,
      address: `/recits/${form.dataset.story}/brouillon`,
      // What the story said when these words were written goes with them wherever they go.
      read: () => ({ entries: this.read(), seen: this.seen.value }),
      text: ({ entries }) => JSON.stringify(entries),
      fields: ({ entries, seen }, sequence) => [["section", this.name], ["sequence", sequence], [this.seen.name, seen], ...entries],
      say: (word, wrong) => this.say(word, wrong),
      // To somebody signed out, a draft is not there.
      away: [401, 403, 404],
    });
    this.offer();
    element.addEventListener("input", () => this.draft.changed());
    for (const textarea of element.querySelectorAll("textarea[data-tools]")) {
      new Box(textarea, this, `/recits/${form.dataset.story}/fichiers/nouveau`);
    }
  }

  /** The fields of this section, as the form would send them. */
  get fields() {
    return [...this.element.querySelectorAll("input, select, textarea")].filter((field) => field.name && field.type !== "hidden");
  }

  read() {
    return this.fields
      .filter((field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : true))
      .flatMap((field) =>
        field.tagName === "SELECT" && field.multiple
          ? [...field.selectedOptions].map((option) => [field.name, option.value])
          : [[field.name, field.value]],
      );
  }

  show(entries) {
    for (const field of this.fields) {
      const values = entries.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
    }
  }

  say(word, wrong = false) {
    this.tell(filled(words[word], { time: clock(new Date(), words) }), wrong);
  }

  tell(sentence, wrong) {
    this.status.textContent = sentence;
    this.status.classList.toggle("wrong", wrong);
  }

  /** The text that this browser kept and the server does not have, if there is one, is offered. */
  offer() {
    const isHere = this.draft.isHere();
    const copy = this.draft.unsaved();
    // The page that refuses her words shows them, and the server has them nowhere.
    if (refused && isHere) this.draft.refused();
    if (!copy) return;
    const offer = Object.assign(document.createElement("div"), { className: "composer-restore" });
    offer.setAttribute("role", "group");
    const said = Object.assign(document.createElement("p"), { textContent: words.restore });
    const back = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: words.takeBack });
    const away = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: words.discard });
    back.addEventListener("click", () => {
      this.show(copy.entries);
      this.seen.value = copy.seen;
      this.draft.forget();
      this.draft.changed();
      offer.remove();
      this.fields[0].focus();
    });
    away.addEventListener("click", () => {
      this.draft.forget();
      offer.remove();
      this.fields[0].focus();
    });
    offer.append(said, back, away);
    this.element.prepend(offer);
  }

  /** The form leaves and uses the number up: what the server does not have stays here until the next page shows it. */
  leave() {
    this.number.value = this.draft.sequence + 1;
    if (!this.draft.isSaved()) this.draft.send();
  }
}

/** A box of long prose with its tools: they come when somebody writes in it, below, so that nothing moves under her. */
class Box {
  constructor(textarea, section, address) {
    this.textarea = textarea;
    this.section = section;
    this.uploads = new Uploads(this, address, words);
    textarea.addEventListener("focus", () => this.equip(), { once: true });
  }

  equip() {
    const bar = tools.cloneNode(true);
    this.textarea.after(bar);
    this.formatting = new Formatting(this.textarea, bar, words, { upload: () => this.uploads.open() });
  }

  insertBlock(text) {
    if (!this.formatting) this.equip();
    this.formatting.insertBlock(text);
  }

  say(sentence, wrong = false) {
    this.section.tell(sentence, wrong);
  }
}

class Presence {
  constructor(form, sections) {
    this.form = form;
    this.sections = sections;
    this.at = null;
    form.addEventListener("focusin", (event) => {
      const name = event.target.closest("[data-section]")?.dataset.section;
      if (name && name !== this.at) {
        this.at = name;
        this.beat();
      }
    });
    setInterval(() => this.at && document.visibilityState === "visible" && this.beat(), BEAT);
  }

  async beat() {
    try {
      const answer = await fetch(`/recits/${this.form.dataset.story}/presence`, {
        method: "POST",
        body: new URLSearchParams({ section: this.at }),
        redirect: "manual",
      });
      if (answer.ok) this.show((await answer.json()).here);
    } catch {
      // A courtesy: writing goes on without it.
    }
  }

  show(here) {
    for (const section of this.sections) {
      const line = section.element.querySelector("[data-here]");
      const names = here.filter((other) => other.section === section.name).map((other) => other.name);
      line.hidden = names.length === 0;
      line.querySelector("span").textContent = names.map((name) => filled(words.here, { name })).join(" ");
    }
  }
}

for (const form of document.querySelectorAll("form[data-story]")) {
  const sections = [...form.querySelectorAll("[data-section]")].map((element) => new Section(form, element));
  new Presence(form, sections);
  form.addEventListener("submit", () => sections.forEach((section) => section.leave()));
  window.addEventListener("pageshow", () => sections.forEach((section) => section.draft.resume()));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") sections.forEach((section) => section.draft.flush());
  });
}

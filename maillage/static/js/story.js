/* Writing a story: each section is kept as it is typed, a copy in this browser and one on the server for her alone,
   and the others see who is writing where. Without this script nothing is missing but that.

   Every copy carries a number, one higher than the last one accepted: the form says with which one to go on, an old
   tab never overwrites newer words, and saving the section uses its number up. */

import { clock, filled, keep, kept } from "./words.js";

const PAUSE = 2000;
const BEAT = 20000;

const words = document.querySelector('[data-part="words"]').dataset;

class Section {
  constructor(form, element) {
    this.form = form;
    this.element = element;
    this.name = element.dataset.section;
    this.number = form.elements.namedItem(`sequence-${this.name}`);
    this.status = element.querySelector("[data-status]");
    this.address = `/recits/${form.dataset.story}/brouillon`;
    this.key = `maillage:story:${form.dataset.story}:${this.name}`;
    this.known = this.read();
    this.timer = 0;
    this.saving = false;
    this.overtaken = false;
    this.sent = false;
    this.offer();
    element.addEventListener("input", () => this.changed());
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
    this.status.textContent = word ? filled(words[word], { time: clock(new Date(), words) }) : "";
    this.status.classList.toggle("wrong", wrong);
  }

  changed() {
    this.keepHere();
    clearTimeout(this.timer);
    if (!this.overtaken) this.timer = setTimeout(() => this.save(), PAUSE);
  }

  keepHere(more = {}) {
    keep("localStorage", this.key, { number: Number(this.number.value), entries: this.read(), ...more });
  }

  get isSaved() {
    return JSON.stringify(this.read()) === JSON.stringify(this.known);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.saving || this.sent || this.overtaken || this.isSaved) return;
    this.saving = true;
    const now = this.read();
    const seen = this.form.elements.namedItem(`seen-${this.name}`).value;
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        body: new URLSearchParams([["section", this.name], ["sequence", this.number.value], [`seen-${this.name}`, seen], ...now]),
        keepalive: JSON.stringify(now).length < 20000,
        redirect: "manual",
      });
      if (answer.status === 204) {
        this.known = now;
        this.number.value = Number(this.number.value) + 1;
        if (this.isSaved) this.keepHere({ saved: true });
        this.say("saved");
      } else if (answer.status === 409) {
        this.overtaken = true;
        this.say("overtaken", true);
      } else if ([401, 403, 404].includes(answer.status) || answer.type === "opaqueredirect") {
        // To somebody signed out, a draft is not there.
        this.say("sessionOver", true);
      } else {
        this.say("savedHere");
      }
    } catch {
      this.say("savedHere");
    } finally {
      this.saving = false;
    }
    if (JSON.stringify(this.read()) !== JSON.stringify(now)) this.changed();
  }

  /** The text that this browser kept and the server does not have, if there is one, is offered. */
  offer() {
    const copy = kept("localStorage", this.key);
    const arrived = !copy || copy.saved || copy.number < Number(this.number.value);
    if (arrived || JSON.stringify(copy.entries) === JSON.stringify(this.read())) {
      keep("localStorage", this.key, null);
      return;
    }
    const offer = Object.assign(document.createElement("div"), { className: "composer-restore" });
    offer.setAttribute("role", "group");
    const said = Object.assign(document.createElement("p"), { textContent: words.restore });
    const back = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: words.takeBack });
    const away = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: words.discard });
    back.addEventListener("click", () => {
      this.show(copy.entries);
      offer.remove();
      this.changed();
    });
    away.addEventListener("click", () => {
      keep("localStorage", this.key, null);
      offer.remove();
    });
    offer.append(said, back, away);
    this.element.prepend(offer);
  }

  /** The form leaves: its own copy stays here until the next page shows that it arrived. */
  leave() {
    clearTimeout(this.timer);
    this.sent = true;
    if (!this.isSaved) this.keepHere();
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
  window.addEventListener("pageshow", () => sections.forEach((section) => (section.sent = false)));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") sections.forEach((section) => section.save());
  });
}

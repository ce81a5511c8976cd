/* <maillage-composer>: a textarea that grows, formats, previews, suggests people and never loses a word.
   Without this script it is a textarea in a form, which is enough to write with. */

import { Draft } from "./drafts.js";
import { Formatting } from "./formatting.js";
import { Mentions } from "./mentions.js";
import { Uploads } from "./uploads.js";
import { clock } from "./words.js";

class Composer extends HTMLElement {
  connectedCallback() {
    // Moving the reply box under another message connects it again.
    if (this.textarea) return;
    this.textarea = this.querySelector("textarea");
    this.box = this.querySelector(".composer-box");
    this.status = this.querySelector(".composer-status");
    this.form = this.closest("form");
    this.words = this.querySelector('[data-part="words"]').dataset;
    this.titleField = this.form.elements.namedItem("title");
    this.draft = new Draft({
      place: this.dataset.place,
      sequence: Number(this.dataset.sequence) || 0,
      address: this.dataset.drafts,
      read: () => ({ title: this.titleField?.value ?? "", body: this.textarea.value }),
      text: ({ body }) => body.trim(),
      fields: (words, sequence) => ({ place: this.dataset.place, sequence, ...words }),
      say: (word, wrong) => this.say(this.words[word].replace("{time}", clock(new Date(), this.words)), wrong),
    });
    this.addTools();
    this.offerRestore();
    if (document.querySelector(".error-summary")) this.draft.refused();
    new Mentions(this.textarea, this.dataset.people, this.words, (sentence) => this.say(sentence));
    this.uploads = new Uploads(this, this.dataset.uploads, this.words);
    this.textarea.addEventListener("input", () => this.typed());
    this.titleField?.addEventListener("input", () => {
      this.ownTitle = this.titleField.value !== "";
      this.draft.changed();
    });
    this.ownTitle = Boolean(this.titleField?.value);
    this.addEventListener("keydown", (event) => this.shortcut(event));
    this.form.addEventListener("submit", (event) => this.leave(event));
    window.addEventListener("pageshow", (event) => event.persisted && this.comeBack());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.draft.flush();
    });
    if (this.form.matches("[data-ask]") && !this.textarea.value) {
      this.form.classList.add("quiet");
      this.form.addEventListener("focusin", () => this.form.classList.remove("quiet"), { once: true });
    }
    this.grow();
  }

  say(sentence, wrong = false) {
    this.status.textContent = sentence;
    this.status.classList.toggle("wrong", wrong);
  }

  typed() {
    this.form.classList.remove("quiet");
    this.proposeTitle();
    this.grow();
    this.draft.changed();
  }

  /** The first line, until the person writes a title of her own. A bare link proposes nothing: the server does. */
  proposeTitle() {
    if (!this.titleField || this.ownTitle) return;
    const line = this.textarea.value.trim().split("\n", 1)[0].replace(/^[#>*\-\s]+|[*_`]/g, "").trim();
    const short = line.length > 120 ? `${line.slice(0, line.lastIndexOf(" ", 119) + 1 || 119).trim()}…` : line;
    this.titleField.value = /^https?:\/\/\S+$/.test(line) ? "" : short;
  }

  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.textarea.style.blockSize = "auto";
    this.textarea.style.blockSize = `${this.textarea.scrollHeight + 2}px`;
    this.textarea.classList.add("grows");
  }

  addTools() {
    this.box.prepend(this.querySelector('[data-part="tools"]').content.cloneNode(true));
    this.tools = this.box.querySelector(".tools");
    this.formatting = new Formatting(this.textarea, this.tools, this.words, {
      preview: () => this.togglePreview(),
      upload: () => this.uploads.open(),
      before: () => this.preview && !this.preview.hidden && this.togglePreview(),
    });
  }

  insertBlock(text) {
    this.formatting.insertBlock(text);
  }

  async togglePreview() {
    const button = this.tools.querySelector('[data-do="preview"]');
    if (this.preview && !this.preview.hidden) {
      this.preview.hidden = true;
      this.textarea.hidden = false;
      button.setAttribute("aria-pressed", "false");
      this.textarea.focus();
      return;
    }
    try {
      const answer = await fetch(this.dataset.preview, { method: "POST", body: new URLSearchParams({ body: this.textarea.value, place: this.dataset.place }) });
      if (!answer.ok) throw new Error(String(answer.status));
      this.preview ??= this.box.appendChild(Object.assign(document.createElement("div"), { className: "preview prose" }));
      // The server rendered and sanitized it, as it does for everybody who will read it.
      this.preview.innerHTML = await answer.text();
      this.preview.hidden = false;
      this.textarea.hidden = true;
      button.setAttribute("aria-pressed", "true");
      this.say(this.words.previewing);
    } catch {
      this.say(this.words.previewFailed, true);
    }
  }

  offerRestore() {
    const copy = this.draft.unsaved();
    if (!copy) return;
    const offer = this.querySelector('[data-part="restore"]').content.firstElementChild.cloneNode(true);
    offer.addEventListener("click", (event) => {
      const act = event.target.closest("button")?.dataset.do;
      if (!act) return;
      if (act === "restore") {
        this.textarea.value = copy.body;
        if (this.titleField && copy.title) this.titleField.value = copy.title;
        this.ownTitle = Boolean(this.titleField?.value);
      }
      this.draft.forget();
      if (act === "restore") this.typed();
      offer.remove();
      this.textarea.focus();
    });
    this.box.before(offer);
  }

  shortcut(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  leave(event) {
    if (this.leaving) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    this.leaving = true;
    this.form.elements.namedItem("sequence").value = this.draft.send();
    this.say(this.words.sending);
    for (const button of this.form.querySelectorAll(".button")) button.setAttribute("aria-disabled", "true");
    // If the page is still here after a while, the send failed: let the person try again.
    this.timer = setTimeout(() => this.comeBack(), 15000);
  }

  comeBack() {
    clearTimeout(this.timer);
    this.leaving = false;
    this.draft.resume();
    this.say("");
    for (const button of this.form.querySelectorAll(".button")) button.removeAttribute("aria-disabled");
  }
}

customElements.define("maillage-composer", Composer);

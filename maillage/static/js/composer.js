/* <maillage-composer>: a textarea that grows, formats, previews, suggests people and never loses a word.
   Without this script it is a textarea in a form, which is enough to write with. */

import { Draft } from "./drafts.js";
import { Mentions } from "./mentions.js";
import { Uploads } from "./uploads.js";
import { clock } from "./words.js";

// What each tool puts around the selection, or at the start of each of its lines.
const AROUND = { bold: ["**", "**"], italic: ["_", "_"], link: ["[", "](https://)"], code: ["`", "`"] };
const BEFORE = { quote: "> ", list: "- " };
const KEYS = { b: "bold", i: "italic", k: "link" };

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
    this.textarea.addEventListener("blur", () => {
      this.caret = this.textarea.selectionEnd;
    });
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
    this.tools.addEventListener("click", (event) => {
      const tool = event.target.closest("button")?.dataset.do;
      if (tool === "preview") this.togglePreview();
      else if (tool === "upload") this.uploads.open();
      else if (tool) this.format(tool);
    });
    // One stop for Tab; arrows walk the tools.
    const buttons = [...this.tools.querySelectorAll("button")];
    buttons.forEach((button, index) => {
      button.tabIndex = index ? -1 : 0;
    });
    this.tools.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(document.activeElement);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (next === undefined || at < 0) return;
      event.preventDefault();
      const to = buttons[(next + buttons.length) % buttons.length];
      for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
      to.focus();
    });
  }

  format(tool) {
    const { textarea } = this;
    if (this.preview && !this.preview.hidden) this.togglePreview();
    const { selectionStart: start, selectionEnd: end, value } = textarea;
    const chosen = value.slice(start, end);
    if (tool in BEFORE) {
      const lineStart = value.lastIndexOf("\n", start - 1) + 1;
      const lines = value.slice(lineStart, end) || this.words[tool];
      const text = lines.split("\n").map((line) => BEFORE[tool] + line).join("\n");
      this.replace(lineStart, end, text, lineStart + text.length, lineStart + text.length);
    } else if (tool === "code" && chosen.includes("\n")) {
      const text = `\`\`\`\n${chosen}\n\`\`\``;
      this.replace(start, end, text, start + text.length, start + text.length);
    } else {
      const [before, after] = AROUND[tool];
      const inner = chosen || this.words[tool];
      const from = start + before.length;
      this.replace(start, end, before + inner + after, from, from + inner.length);
    }
  }

  /** Replace in a way that the browser's own undo can take back. */
  replace(start, end, text, selectFrom, selectTo) {
    const { textarea } = this;
    textarea.focus();
    textarea.setSelectionRange(start, end);
    if (!document.execCommand("insertText", false, text)) {
      textarea.setRangeText(text, start, end, "end");
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    }
    textarea.setSelectionRange(selectFrom, selectTo);
  }

  /** Add a block (a quotation) where the person is writing, on lines of its own. */
  insertBlock(text) {
    // Choosing the words to quote may have moved the caret: go back to where the person was writing.
    const { value } = this.textarea;
    const at = Math.min(this.caret ?? value.length, value.length);
    const before = value.slice(0, at);
    const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const block = `${gap}${text}\n\n`;
    this.replace(at, at, block, at + block.length, at + block.length);
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
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.target === this.textarea && KEYS[event.key]) {
      event.preventDefault();
      this.format(KEYS[event.key]);
    }
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

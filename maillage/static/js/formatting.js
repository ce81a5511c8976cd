/* The tools above a box of Markdown: what they put around a selection, their keys, and whole blocks at the caret. */

// What each tool puts around the selection, or at the start of each of its lines.
const AROUND = { bold: ["**", "**"], italic: ["_", "_"], link: ["[", "](https://)"], code: ["`", "`"] };
const BEFORE = { quote: "> ", list: "- " };
const KEYS = { b: "bold", i: "italic", k: "link" };

export class Formatting {
  /** `bar` holds the buttons; `words` are the examples that they write; `others` are the tools that do something else. */
  constructor(textarea, bar, words, others) {
    this.textarea = textarea;
    this.words = words;
    this.before = others.before;
    bar.addEventListener("click", (event) => {
      const tool = event.target.closest("button")?.dataset.do;
      if (tool in others) others[tool]();
      else if (tool) this.format(tool);
    });
    // One stop for Tab; arrows walk the tools.
    const buttons = [...bar.querySelectorAll("button")];
    buttons.forEach((button, index) => {
      button.tabIndex = index ? -1 : 0;
    });
    bar.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(document.activeElement);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (next === undefined || at < 0) return;
      event.preventDefault();
      const to = buttons[(next + buttons.length) % buttons.length];
      for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
      to.focus();
    });
    textarea.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || !KEYS[event.key]) return;
      event.preventDefault();
      this.format(KEYS[event.key]);
    });
    textarea.addEventListener("blur", () => {
      this.caret = textarea.selectionEnd;
    });
  }

  format(tool) {
    const { textarea } = this;
    this.before?.();
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

  /** Add a block (a quotation, a picture) where the person is writing, on lines of its own. */
  insertBlock(text) {
    // Choosing the words to quote may have moved the caret: go back to where the person was writing.
    const { value } = this.textarea;
    const at = Math.min(this.caret ?? value.length, value.length);
    const before = value.slice(0, at);
    const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const block = `${gap}${text}\n\n`;
    this.replace(at, at, block, at + block.length, at + block.length);
  }
}

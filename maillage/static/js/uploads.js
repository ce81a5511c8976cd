/* Adding a file without leaving the composer: the form of /fichiers/nouveau in a dialog, and its line at the caret.
   Without this script the same form is a page of its own, and the line is copied from there. */

// As `core/files/checks.py` has it; the server decides.
const HEAVIEST = 20 * 1024 * 1024;

export class Uploads {
  /** `composer` inserts (`insertBlock`); `address` is where the form is; `words` are the sentences to say. */
  constructor(composer, address, words) {
    this.composer = composer;
    this.address = address;
    this.words = words;
    const { textarea } = composer;
    textarea.addEventListener("paste", (event) => this.take(event, event.clipboardData));
    textarea.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    textarea.addEventListener("drop", (event) => this.take(event, event.dataTransfer));
  }

  /** What was pasted or dropped: a file opens the dialog, words are left to the browser. */
  take(event, data) {
    const file = data?.files?.[0];
    if (!file || (event.type === "paste" && data.types.includes("text/plain"))) return;
    event.preventDefault();
    this.open(file);
  }

  async open(file) {
    if (this.dialog?.open) return;
    this.file = file;
    try {
      const answer = await fetch(this.address, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(await answer.text());
    } catch {
      this.composer.say(this.words.uploadUnopened, true);
    }
  }

  /** Put the form of a page into the dialog; false when the page has none. */
  show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const form = page.querySelector("form[data-upload]");
    if (!form) return false;
    this.dialog?.remove();
    this.dialog = document.createElement("dialog");
    this.dialog.className = "upload-dialog";
    const title = document.createElement("h2");
    title.id = "upload-title";
    title.textContent = this.words.uploadTitle;
    this.dialog.setAttribute("aria-labelledby", title.id);
    this.status = document.createElement("p");
    this.status.setAttribute("role", "status");
    this.status.setAttribute("aria-live", "polite");
    this.progress = document.createElement("progress");
    this.progress.max = 1;
    this.progress.hidden = true;
    this.progress.setAttribute("aria-label", this.words.uploadTitle);
    this.form = document.importNode(form, true);
    const cancel = document.createElement("button");
    cancel.type = "button";
    cancel.className = "button second";
    cancel.textContent = this.words.uploadCancel;
    cancel.addEventListener("click", () => this.cancel());
    this.form.querySelector(".actions").append(cancel);
    // The composer has fields of its own; a dialog inside its form would be part of it.
    this.apart();
    this.dialog.append(title, this.form, this.progress, this.status);
    document.body.append(this.dialog);
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.cancel();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.refill();
    this.dialog.showModal();
    const wrong = this.dialog.querySelector(".error-summary");
    (wrong ?? (this.file ? this.form.elements.namedItem("alt") : this.form.elements.namedItem("file"))).focus();
    return true;
  }

  /** Names that no other field of the page has. */
  apart() {
    for (const named of this.form.querySelectorAll("[id]")) named.id = `upload-${named.id}`;
    for (const attribute of ["for", "aria-describedby"]) {
      for (const pointing of this.form.querySelectorAll(`[${attribute}]`)) {
        const ids = pointing.getAttribute(attribute).split(" ");
        pointing.setAttribute(attribute, ids.map((id) => `upload-${id}`).join(" "));
      }
    }
    for (const link of this.form.querySelectorAll('a[href^="#"]')) link.hash = `#upload-${link.hash.slice(1)}`;
  }

  /** Browsers forget which file was chosen when the form comes back; we do not. */
  refill() {
    if (!this.file) return;
    const files = new DataTransfer();
    files.items.add(this.file);
    this.form.elements.namedItem("file").files = files.files;
  }

  send() {
    const [file] = this.form.elements.namedItem("file").files;
    this.file = file;
    if (file && file.size > HEAVIEST) {
      this.say(this.words.uploadTooHeavy, true);
      return;
    }
    const request = new XMLHttpRequest();
    this.request = request;
    this.progress.hidden = false;
    this.progress.value = 0;
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      this.progress.value = event.loaded / event.total;
      const percent = Math.floor((10 * event.loaded) / event.total) * 10;
      // Every tenth is enough to hear.
      this.say(percent === 100 ? this.words.uploadPreparing : this.words.uploadSending.replace("{done}", `${percent}\u00a0%`));
    });
    request.addEventListener("load", () => this.answered(request));
    request.addEventListener("error", () => this.failed());
    request.open("POST", this.form.action);
    request.send(new FormData(this.form));
  }

  answered(request) {
    this.progress.hidden = true;
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const line = page.querySelector("[data-line]");
    if (request.status === 200 && line) {
      this.line = line.value;
      this.dialog.close();
    } else if (this.show(request.responseText)) {
      this.say(this.words.uploadWrong, true);
    } else {
      const said = page.querySelector(".problem-said")?.textContent;
      this.say(said ?? this.words.uploadFailed, true);
    }
  }

  failed() {
    this.progress.hidden = true;
    this.say(this.words.uploadFailed, true);
  }

  cancel() {
    this.request?.abort();
    this.dialog.close();
    this.composer.say(this.words.uploadCancelled);
  }

  closed() {
    this.dialog.remove();
    this.dialog = this.request = this.file = undefined;
    this.composer.textarea.focus();
    if (!this.line) return;
    this.composer.insertBlock(this.line);
    this.line = undefined;
    this.composer.say(this.words.uploadDone);
  }

  say(sentence, wrong = false) {
    if (this.status.textContent !== sentence) this.status.textContent = sentence;
    this.status.classList.toggle("error", wrong);
  }
}

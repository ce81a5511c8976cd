/* A text being written is never lost: a copy in this browser at every key, one on the server every two seconds.

   Every save carries a number one higher than the last one accepted. The server refuses a number that it already
   has, so an old tab never overwrites newer words, and a text that was sent is not revived: sending uses up its number.
   A local copy with a higher number than the server's is therefore one that the server never got. */

import { keep, kept } from "./words.js";

const PAUSE = 2000;

export class Draft {
  /** read: () => ({title, body}); say: (word, wrong) tells the state, by the name of a sentence. */
  constructor({ place, sequence, address, read, say }) {
    Object.assign(this, { place, sequence, address, read, say });
    this.key = `maillage:draft:${place}`;
    this.asideKey = `${this.key}:aside`;
    this.overtaken = false;
    this.timer = 0;
    this.saving = false;
  }

  /** The text that this browser kept and the page does not show, if there is one. */
  unsaved() {
    const aside = kept("localStorage", this.asideKey);
    const local = kept("localStorage", this.key);
    const shown = this.read().body.trim();
    for (const copy of [local?.sequence > this.sequence ? local : null, aside]) {
      if (copy?.body?.trim() && copy.body.trim() !== shown) return copy;
    }
    this.forget();
    return null;
  }

  forget() {
    keep("localStorage", this.key, null);
    keep("localStorage", this.asideKey, null);
  }

  changed() {
    this.keepHere();
    clearTimeout(this.timer);
    if (!this.overtaken) this.timer = setTimeout(() => this.save(), PAUSE);
  }

  keepHere() {
    const copy = { sequence: this.sequence + 1, ...this.read(), at: Date.now() };
    const other = kept("localStorage", this.key);
    const behind = this.overtaken || other?.sequence > copy.sequence;
    return keep("localStorage", behind ? this.asideKey : this.key, copy);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.saving || this.sent || this.overtaken) return;
    this.saving = true;
    const sequence = this.sequence + 1;
    const now = this.read();
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        body: new URLSearchParams({ place: this.place, sequence, ...now }),
        keepalive: now.body.length < 20000,
        redirect: "manual",
      });
      if (answer.status === 204) {
        this.sequence = sequence;
        this.say("saved");
      } else if (answer.status === 409) {
        this.overtaken = true;
        this.keepHere();
        this.say("newerElsewhere", true);
      } else if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") {
        this.say("sessionOver", true);
      } else {
        this.say("savedHere");
      }
    } catch {
      this.say("savedHere");
    } finally {
      this.saving = false;
    }
    const later = this.read();
    if (later.body !== now.body || later.title !== now.title) this.changed();
  }

  /** Called when the form leaves. Returns the number that the text uses up; the local copy stays until then. */
  send() {
    clearTimeout(this.timer);
    this.keepHere();
    this.sent = true;
    return this.sequence + 1;
  }

  /** Back on the page after all (the browser's Back button, a failed send). */
  resume() {
    this.sent = false;
  }
}

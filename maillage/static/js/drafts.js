/* A text being written is never lost: a copy in this browser at every key, one on the server every two seconds.

   Every save carries a number one higher than the last one accepted. The server refuses a number that it already
   has, so an old tab never overwrites newer words, and a text that was sent is not revived: sending uses up its number.
   A local copy says whether the server is known to have it; one of which that is not known is offered. */

import { keep, kept } from "./words.js";

const PAUSE = 2000;

const same = (some, others) => JSON.stringify(some) === JSON.stringify(others);

export class Draft {
  /** read: () => the words, an object; text: (words) => the part of them that is worth offering; fields: (words, sequence)
      => what the server is sent; say: (word, wrong) tells the state, by the name of a sentence; away: the statuses that
      mean that she is signed out. */
  constructor({ place, sequence, address, read, text, fields, say, away = [401, 403] }) {
    Object.assign(this, { sequence, address, read, text, fields, say, away });
    this.key = `maillage:draft:${place}`;
    this.asideKey = `${this.key}:aside`;
    this.overtaken = false;
    this.timer = 0;
    this.saving = false;
    this.onServer = read();
    // A number that a page left in a hurry may have used up, and the copy that it left.
    this.maybeUsed = 0;
    this.offered = null;
  }

  /** The text that this browser kept and the page does not show, if there is one. */
  unsaved() {
    const local = kept("localStorage", this.key);
    const aside = kept("localStorage", this.asideKey);
    const arrived = !local || local.saved || (local.sent && local.sequence <= this.sequence);
    if (!arrived) this.maybeUsed = local.sequence;
    const shown = this.text(this.read());
    for (const copy of [arrived ? null : local, aside]) {
      if (copy && this.text(copy) && this.text(copy) !== shown) return (this.offered = copy);
    }
    this.forget();
    return null;
  }

  /** Whether this browser keeps the words of this page as ones that the server may not have. */
  isHere() {
    const local = kept("localStorage", this.key);
    return Boolean(local) && !local.saved && this.text(local) === this.text(this.read());
  }

  /** What was offered is in the page again, or not wanted. */
  forget() {
    this.offered = null;
    keep("localStorage", this.key, null);
    keep("localStorage", this.asideKey, null);
  }

  /** The page shows a text that was refused: the server has it nowhere. */
  refused() {
    this.onServer = null;
    if (!this.isSaved()) this.changed();
  }

  changed() {
    this.keepHere();
    clearTimeout(this.timer);
    if (!this.overtaken) this.timer = setTimeout(() => this.save(), PAUSE);
  }

  keepHere(more = {}) {
    // New words do not push out the ones that were offered and not answered yet.
    const copy = { sequence: this.sequence + 1, ...this.read(), ...more };
    if (this.offered && this.text(this.offered) !== this.text(copy)) keep("localStorage", this.asideKey, this.offered);
    this.offered = null;
    const other = kept("localStorage", this.key);
    const behind = this.overtaken || other?.sequence > Math.max(copy.sequence, this.maybeUsed);
    return keep("localStorage", behind ? this.asideKey : this.key, copy);
  }

  isSaved() {
    return same(this.read(), this.onServer);
  }

  /** The page is being left, or put away: do not wait for a pause. */
  flush() {
    if (!this.isSaved()) this.save();
  }

  async save() {
    clearTimeout(this.timer);
    if (this.saving || this.sent || this.overtaken) return;
    this.saving = true;
    const sequence = this.sequence + 1;
    const now = this.read();
    let again = false;
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        body: new URLSearchParams(this.fields(now, sequence)),
        keepalive: JSON.stringify(now).length < 20000,
        redirect: "manual",
      });
      if (answer.status === 204) {
        this.sequence = sequence;
        this.onServer = now;
        if (this.isSaved()) this.keepHere({ sequence, saved: true });
        this.say("saved");
      } else if (answer.status === 409 && sequence <= this.maybeUsed) {
        // The page before this one had used it: go on from there.
        this.sequence = this.maybeUsed;
        this.maybeUsed = 0;
        again = true;
      } else if (answer.status === 409) {
        this.overtaken = true;
        this.keepHere();
        this.say("newerElsewhere", true);
      } else if (this.away.includes(answer.status) || answer.type === "opaqueredirect") {
        this.say("sessionOver", true);
      } else {
        this.say("savedHere");
      }
    } catch {
      this.say("savedHere");
    } finally {
      this.saving = false;
    }
    if (again) return this.save();
    if (!same(this.read(), now)) this.changed();
  }

  /** Called when the form leaves. Returns the number that the text uses up; the local copy stays until then. */
  send() {
    clearTimeout(this.timer);
    this.keepHere({ sent: true });
    this.sent = true;
    return this.sequence + 1;
  }

  /** Back on the page after all (the browser's Back button, a failed send). */
  resume() {
    this.sent = false;
  }
}

/*
 * For pages where people write. Two kindnesses, both optional: without JavaScript the ordinary
 * button saves everything and the hint says how many words there may be.
 *
 * 1. Word counts: <p data-count-for="ID" data-say-count="…%count%…" data-say-over="…%over%…">,
 *    beside a box with data-words. Nothing is ever cut.
 * 2. Autosave: <form data-autosave="ADDRESS" data-key="…" data-say-…="…"> with a hidden `version`
 *    and a <p class="save-line" role="status">. Each change is one POST of the whole form with
 *    X-Autosave: 1 and a client_id. A try again carries the same client_id, so that the server
 *    can answer it twice and save it once. Answers:
 *      200 {version, saved_at_words}
 *      409 {version, texts: [{name, label, yours, theirs}]}   changed somewhere else
 *      401 signed out          400, 403, 404, 413, 422 refused: the button will say why
 *      anything else, or no answer: tried again by itself
 */

const WAIT = 1000;
const RETRIES = [2000, 5000, 15000, 30000];
const LONGEST_HOLD = 4000;

/* ---- Words ---- */
const countWords = (text) => (text.match(/\S+/g) || []).length;

for (const line of document.querySelectorAll("[data-count-for]")) {
  const box = document.getElementById(line.dataset.countFor);
  const limit = Number(box.dataset.words);
  const spoken = document.createElement("span");
  spoken.className = "hidden-text";
  spoken.setAttribute("role", "status");
  line.after(spoken);
  let pause;
  const show = () => {
    const count = countWords(box.value);
    const over = count > limit;
    line.textContent = (over ? line.dataset.sayOver : line.dataset.sayCount)
      .replace("%count%", count)
      .replace("%over%", count - limit);
    line.classList.toggle("over", over);
    line.hidden = false;
  };
  box.addEventListener("input", () => {
    show();
    clearTimeout(pause);
    pause = setTimeout(() => (spoken.textContent = line.textContent), 2000);
  });
  show();
}

/* ---- Autosave ---- */
/** A name for one edit that no other edit has. */
const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

class Autosave {
  constructor(form) {
    this.form = form;
    this.say = form.dataset;
    this.line = form.querySelector(".save-line");
    // A page that came back with mistakes holds words that may be nowhere else yet.
    const unsure = form.querySelector("[aria-invalid=true]");
    this.saved = unsure ? "" : this.asText(this.contents());
    this.edit = null; // the edit on its way: {id, text}
    this.failures = 0;
    this.stopped = false;
    this.busy = null; // the save on its way, as a promise
    form.addEventListener("input", () => this.later(WAIT));
    form.addEventListener("change", () => this.later(WAIT));
    form.addEventListener("focusout", () => this.dirty() && this.later(0));
    form.addEventListener("submit", (event) => this.submit(event));
    addEventListener("online", () => this.dirty() && this.later(0));
    addEventListener("pagehide", () => this.lastTry());
  }

  /** Everything in the form but files, which only the button sends. */
  contents() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return data;
  }

  /** What the person wrote, as one comparable text; the version and the token are not theirs. */
  asText(data) {
    const own = [...data].filter(([name]) => !["version", "csrfmiddlewaretoken"].includes(name));
    return JSON.stringify(own);
  }

  dirty() {
    return !this.stopped && this.asText(this.contents()) !== this.saved;
  }

  later(wait) {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  tell(words, unsaved = false) {
    if (this.line.textContent !== words) this.line.textContent = words;
    this.line.classList.toggle("unsaved", unsaved);
  }

  /** The form as one edit; unchanged words keep their id, so a second try is known as one. */
  pack() {
    const data = this.contents();
    const text = this.asText(data);
    if (!this.edit || this.edit.text !== text) this.edit = { id: newId(), text };
    data.set("client_id", this.edit.id);
    return data;
  }

  send(data, more = {}) {
    return fetch(this.say.autosave, {
      method: "POST",
      body: data,
      headers: { "X-Autosave": "1", Accept: "application/json" },
      credentials: "same-origin",
      redirect: "error",
      ...more,
    });
  }

  /**
   * The button was pressed. A save on its way is waited for first, for it brings a new version:
   * else the two would cross, and the same words would look as if changed somewhere else.
   */
  async submit(event) {
    this.stop();
    if (!this.busy || this.released) return;
    event.preventDefault();
    if (this.held) return;
    this.held = true;
    await Promise.race([this.busy, new Promise((done) => setTimeout(done, LONGEST_HOLD))]);
    this.held = false;
    if (this.differs) return; // both texts are shown now, and the next press decides
    this.released = true;
    this.form.requestSubmit(event.submitter);
  }

  async save() {
    if (this.busy || !this.dirty()) return;
    this.busy = this.once();
    await this.busy;
    this.busy = null;
    if (this.dirty() && !this.failures) this.later(WAIT);
  }

  async once() {
    const data = this.pack();
    const { text } = this.edit;
    try {
      const response = await this.send(data);
      if (response.ok) this.kept(await response.json(), text);
      else if (response.status === 409) this.changedElsewhere(await response.json());
      else if (response.status === 401) this.giveUp(this.say.saySignedOut);
      else if (response.status < 500 && response.status !== 429) this.refused(text);
      else this.tryAgain();
    } catch {
      this.tryAgain();
    }
  }

  kept(answer, text) {
    this.failures = 0;
    this.saved = text;
    this.setVersion(answer.version);
    this.tell(this.say.saySaved.replace("%time%", answer.saved_at_words));
  }

  setVersion(version) {
    const box = this.form.elements.namedItem("version");
    if (box && version !== undefined) box.value = version;
  }

  tryAgain() {
    this.tell(this.say.sayOffline, true);
    this.later(RETRIES[Math.min(this.failures, RETRIES.length - 1)]);
    this.failures += 1;
  }

  /** These words will not do as they are; changed words may. */
  refused(text) {
    this.failures = 0;
    this.saved = text;
    this.tell(this.say.sayRefused, true);
  }

  giveUp(words) {
    this.stop();
    this.tell(words, true);
  }

  /** Nothing is overwritten: both texts are shown, and the person's own button decides. */
  changedElsewhere(answer) {
    this.differs = true;
    this.giveUp(this.say.sayChanged);
    const box = document.createElement("div");
    box.className = "notice warning both-texts";
    const inside = box.appendChild(document.createElement("div"));
    for (const { label, yours, theirs } of answer.texts || []) {
      this.add(inside, "p", label, "word");
      for (const [heading, words] of [
        [this.say.sayYours, yours],
        [this.say.sayTheirs, theirs],
      ]) {
        this.add(inside, "p", heading);
        this.add(inside, "blockquote", words).dataset.userText = "";
      }
    }
    this.line.after(box);
    this.setVersion(answer.version);
  }

  add(parent, tag, words, className = "") {
    const element = parent.appendChild(document.createElement(tag));
    element.textContent = words;
    element.className = className;
    return element;
  }

  /** Leaving the page: one more try that outlives it. */
  lastTry() {
    if (this.dirty()) this.send(this.pack(), { keepalive: true }).catch(() => {});
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);

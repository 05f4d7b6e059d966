/*
 * For pages where people write. Two kindnesses, both optional: without JavaScript the ordinary
 * button saves everything and the hint says how many words there may be.
 *
 * 1. Word counts: <p data-count-for="ID" data-say-count="…%count%…" data-say-over="…%over%…">,
 *    beside a box with data-words. Nothing is ever cut.
 * 2. Autosave: <form data-autosave="ADDRESS" data-key="…" data-say-…="…"> with a hidden `version`
 *    (and data-unsaved, where it came back with words that nobody has saved) and a
 *    <p class="save-line" role="status">. Each change is one POST of the whole form with
 *    X-Autosave: 1 and a client_id. A try again carries the same client_id, so that the server
 *    can answer it twice and save it once. Answers:
 *      200 {version, saved_at_words}
 *      409 {version, said, texts: [{name, label, yours, theirs}]}   changed somewhere else: `said`
 *          is who saved it and when. Nothing goes over it before the person has chosen. A form with
 *          an `over` box sends the choice as `keep`, with `over` as the version that was seen.
 *      401 signed out          400, 403, 404, 413, 422 refused: the button will say why
 *      anything else, or no answer: tried again by itself
 *    While the server has no copy of the words, js/drafts.js keeps one in this browser, locked;
 *    the form's next page puts it back. data-key names the form.
 */

const WAIT = 1000;
const LONGEST_WAIT = 3000;
const RETRIES = [2000, 5000, 15000, 30000];
const LONGEST_HOLD = 4000;
// The version, the token, a choice, and how many rows there are: nobody typed them.
const NOT_KEPT = /^(version|over|keep|csrfmiddlewaretoken)$/;
const NOT_TYPED = new RegExp(`${NOT_KEPT.source}|_FORMS$`);

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
    const unsaved = "unsaved" in this.say || form.querySelector("[aria-invalid=true]");
    this.saved = unsaved ? "" : this.asText(this.contents());
    this.since = null; // when the first word came that no save has taken yet
    this.edit = null; // the edit on its way: {id, text}
    this.failures = 0;
    this.stopped = false;
    this.busy = null; // the save on its way, as a promise
    this.drafts = globalThis.drafts;
    this.draft = this.drafts?.name(this.say.key);
    this.storing = Promise.resolve();
    // A page that shows two texts already saves nothing before its reader has chosen one.
    if (form.elements.namedItem("keep")) this.stop();
    form.addEventListener("input", () => this.soon());
    form.addEventListener("change", () => this.soon());
    form.addEventListener("focusout", () => this.dirty() && this.later(0));
    form.addEventListener("submit", (event) => this.submit(event));
    addEventListener("online", () => this.dirty() && this.later(0));
    addEventListener("pagehide", () => this.lastTry());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && this.dirty()) this.later(0);
    });
    if (this.drafts) this.lookAfterDraft();
    if ("unsaved" in this.say) this.later(0);
  }

  /** Everything in the form but files, which only the button sends. */
  contents() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return data;
  }

  /** What the person wrote, as one comparable text; an empty box is none of it. */
  asText(data) {
    return JSON.stringify([...data].filter(([name, value]) => value && !NOT_TYPED.test(name)));
  }

  /** The same, as the server keeps it: £1,000 is 1000, and nothing stands after the last word. */
  plain(data) {
    const kept = (value) => {
      const sum = value.replace(/[£,\s]/g, "");
      return /^\d+(\.\d+)?$/.test(sum) ? String(Number(sum)) : value.trimEnd();
    };
    return this.asText([...data].map(([name, value]) => [name, kept(value)]));
  }

  dirty() {
    return !this.stopped && this.asText(this.contents()) !== this.saved;
  }

  /** In a pause, but never long after the first new word: some people type without one. */
  soon() {
    this.since ??= performance.now();
    const longest = this.since + LONGEST_WAIT - performance.now();
    this.later(Math.max(0, Math.min(WAIT, longest)));
  }

  later(wait) {
    if (this.submitted) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.stopped ? this.keepDraft() : this.save()), wait);
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
    // The browser would put its own page of mistakes in place of the words.
    if (!navigator.onLine) {
      event.preventDefault();
      if (this.dirty()) this.tryAgain();
      else this.tell(this.say.sayOffline, true);
      return;
    }
    const keep = new FormData(this.form).get("keep");
    if (this.differs && !keep) {
      event.preventDefault();
      this.askToChoose();
      return;
    }
    this.submitted = true;
    this.stop();
    // Kept until a later page finds that the server has the same words.
    if (keep && keep !== "mine") this.dropDraft();
    else if (this.drafts && localStorage.getItem(this.draft)) this.keepDraft(false, true);
    if (!this.busy || this.released) return;
    event.preventDefault();
    if (this.held) return;
    this.held = true;
    await Promise.race([this.busy, new Promise((done) => setTimeout(done, LONGEST_HOLD))]);
    this.held = false;
    this.submitted = false;
    if (this.differs) return; // both texts are shown now, and the writer chooses
    this.released = true;
    this.form.requestSubmit(event.submitter);
  }

  async save() {
    if (this.busy) return;
    this.since = null;
    if (!this.dirty()) return;
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
      else if (response.status === 409) this.stale(await response.json(), text);
      else if (response.status === 401) this.signedOut();
      else if (response.status < 500 && response.status !== 429) this.refused(text);
      else this.tryAgain();
    } catch {
      this.tryAgain();
    }
  }

  kept(answer, text) {
    this.failures = 0;
    this.saved = text;
    this.dropDraft();
    this.setVersion(answer.version);
    this.tell(this.say.saySaved.replace("%time%", answer.saved_at_words));
  }

  setVersion(version) {
    const box = this.form.elements.namedItem("version");
    if (box && version !== undefined) box.value = version;
  }

  tryAgain() {
    this.tell(this.say.sayOffline, true);
    this.keepDraft();
    this.later(RETRIES[Math.min(this.failures, RETRIES.length - 1)]);
    this.failures += 1;
  }

  /** These words will not do as they are; changed words may. */
  refused(text) {
    this.failures = 0;
    this.saved = text;
    this.tell(this.say.sayRefused, true);
    this.keepDraft(true);
  }

  /** Typing may go on; the words are kept here, and come back after signing in. */
  signedOut() {
    const here = encodeURIComponent(location.pathname + location.search);
    const link = this.add(this.interrupt(this.say.saySignedOut), "a", this.say.saySignIn, "alone");
    link.href = `${this.say.signIn}?next=${here}`;
    this.keepDraft();
  }

  /** Another save came first. When it said the same, there is nothing to choose. */
  stale(answer, text) {
    if (!answer.texts.length) return this.refreshed(answer.version, text);
    this.changedElsewhere(answer);
    this.keepDraft(true);
  }

  refreshed(version, text) {
    this.failures = 0;
    this.saved = text;
    this.dropDraft();
    this.setVersion(version);
  }

  /** What stops the saving stands above the boxes, in view; the focus stays where somebody types. */
  interrupt(words) {
    this.stop();
    this.tell("");
    this.notice?.remove();
    this.notice = document.createElement("div");
    this.notice.className = "notice warning both-texts";
    const inside = this.notice.appendChild(document.createElement("div"));
    const said = this.add(inside, "p", "", "word");
    said.setAttribute("role", "alert");
    this.form.prepend(this.notice);
    said.textContent = words;
    this.notice.scrollIntoView();
    return inside;
  }

  /** Nothing is overwritten: what was saved is shown, and the person chooses what stays. */
  changedElsewhere({ version, said, texts = [] }) {
    if (this.form.elements.namedItem("keep")) return; // the page itself asks
    this.differs = true;
    const inside = this.interrupt(`${said || this.say.sayChanged} ${this.say.sayChoose}`);
    for (const { label, theirs } of texts) {
      this.add(inside, "p", label, "word");
      this.add(inside, "blockquote", theirs).dataset.userText = "";
    }
    const over = this.form.elements.namedItem("over");
    if (over) over.value = version;
    const boxes = texts.map(({ name }) => this.form.elements.namedItem(name));
    const joins = over ? "both" in over.dataset : boxes.every((box) => box?.type === "textarea");
    const ways = { theirs: this.say.sayKeepTheirs, mine: this.say.sayKeepMine };
    if (joins) ways.both = this.say.sayKeepBoth;
    const group = this.add(inside, "div", "");
    group.setAttribute("role", "group");
    this.question = this.add(group, "p", this.say.sayWhat, "word");
    this.question.id = "what-should-stay";
    group.setAttribute("aria-labelledby", this.question.id);
    const row = this.add(group, "div", "", "buttons");
    for (const [keep, words] of Object.entries(ways)) {
      const button = this.add(row, "button", words, "second");
      button.type = "button";
      button.addEventListener("click", () =>
        over ? this.sendChoice(keep) : this.choose(keep, version, texts),
      );
    }
    if (over) this.add(inside, "p", this.say.sayMakesWay); // one's own words elsewhere are not
  }

  /** The button was pressed without a choice: why nothing was saved, in sight and aloud. */
  askToChoose() {
    this.unchosen?.remove();
    this.unchosen = document.createElement("p");
    this.unchosen.className = "error error-message";
    this.unchosen.setAttribute("role", "alert");
    this.question.after(this.unchosen);
    this.unchosen.textContent = this.say.sayUnchosen;
    this.notice.scrollIntoView();
    this.notice.querySelector("button").focus();
  }

  /** The server does as was chosen, and keeps what makes way where all can read it. */
  sendChoice(keep) {
    const box = this.form.elements.namedItem("keep") || this.add(this.form, "input", "");
    box.type = "hidden";
    box.name = "keep";
    box.value = keep;
    this.form.requestSubmit();
  }

  /** One's own words in two places: done here. */
  choose(keep, version, texts) {
    if (keep === "theirs") {
      this.dropDraft();
      this.storing.then(() => location.assign(location.pathname + location.search));
      return;
    }
    if (keep === "both")
      for (const { name, theirs } of texts) {
        const box = this.form.elements.namedItem(name);
        box.value = `${theirs}\n\n${box.value}`;
      }
    this.differs = this.stopped = false;
    this.basedOn = undefined;
    this.notice.remove();
    this.setVersion(version);
    this.form.querySelector("textarea, input:not([type=hidden])").focus();
    this.later(0);
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

  /* ---- Words the server does not have yet ---- */
  lookAfterDraft() {
    this.drafts.savers.push(() => this.beforeSignOut());
    this.restore();
  }

  /** Keep these words in this browser; `refused`: only the writer can make them good. */
  keepDraft(refused = false, pressed = false) {
    if (!this.drafts) return;
    const fields = [...this.contents()].filter(([name]) => !NOT_KEPT.test(name));
    this.pack();
    const draft = {
      address: this.say.autosave,
      page: location.pathname,
      title: document.querySelector("h1")?.textContent.trim() || location.pathname,
      version: this.basedOn ?? (this.form.elements.namedItem("version")?.value || ""),
      id: this.edit.id,
      fields,
      refused: refused || (Boolean(this.differs) && !pressed),
    };
    this.queue(() => this.drafts.keep(this.draft, draft));
  }

  dropDraft() {
    if (this.drafts) this.queue(() => this.drafts.drop(this.draft));
  }

  queue(work) {
    this.storing = this.storing.then(work).catch(() => {});
  }

  /** Signing out: what cannot be saved becomes a draft, so that its writer is told of it. */
  async beforeSignOut() {
    if (this.busy) await this.busy;
    if (this.dirty()) await this.save();
    if (this.dirty()) this.keepDraft();
    await this.storing;
  }

  /** Put kept words back. The same version goes on and is saved; a newer one shows both texts. */
  async restore() {
    const before = this.asText(this.contents());
    const draft = await this.drafts.open(this.draft);
    if (!draft) return;
    if (this.plain(draft.fields) === this.plain(this.contents()))
      return this.saved && this.dropDraft();
    if (before !== this.asText(this.contents())) return; // somebody was quicker and typed
    const version = this.form.elements.namedItem("version")?.value || "";
    const texts = this.fill(draft.fields);
    this.edit = { id: draft.id, text: this.asText(draft.fields) };
    const whole = this.asText(this.contents()) === this.edit.text;
    if (whole && draft.version === version) {
      this.tell(this.say.sayRestored, true);
      this.later(0);
    } else {
      this.basedOn = draft.version;
      this.changedElsewhere({ version, texts });
    }
  }

  /** Fill the form in; gives each text that differed, by the name its reader knows it by. */
  fill(fields) {
    const texts = [];
    const now = this.contents();
    const names = new Set([...fields.map(([name]) => name), ...now.keys()]);
    for (const name of names) {
      if (NOT_TYPED.test(name)) continue;
      const yours = fields.filter(([other]) => other === name).map(([, value]) => value);
      const theirs = now.getAll(name);
      const boxes = [...this.form.elements].filter((box) => box.name === name);
      if (yours.join() === theirs.join() || boxes.some((box) => box.type === "hidden")) continue;
      for (const box of boxes) {
        if (["radio", "checkbox"].includes(box.type)) box.checked = yours.includes(box.value);
        else box.value = yours[0] ?? "";
      }
      const said = (values) => values.map((value) => this.wordsOf(boxes, value)).join(", ");
      texts.push({ name, label: this.labelOf(boxes[0]), yours: said(yours), theirs: said(theirs) });
    }
    return texts;
  }

  wordsOf(boxes, value) {
    const box = boxes.find((one) => one.value === value && ["radio", "checkbox"].includes(one.type));
    return box?.labels?.[0]?.textContent.trim() || value;
  }

  labelOf(box) {
    const legend = box?.closest("fieldset")?.querySelector("legend");
    const choice = ["radio", "checkbox"].includes(box?.type);
    return ((choice && legend) || box?.labels?.[0] || legend)?.textContent.trim() || "";
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);

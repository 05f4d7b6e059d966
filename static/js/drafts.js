/*
 * On every page of somebody signed in: words that could not reach us are locked and kept in this
 * browser, and go out as soon as they can. Nothing is kept while saving works.
 *
 * The sign-out form carries whose pages these are (data-drafts-of) and their key (data-drafts-key).
 * A draft is stored as draft:PERSON:FORM, locked with AES-GCM, and bound to that name: one that
 * does not open is somebody else's business and is left alone. Where the browser has no WebCrypto
 * (neither https nor localhost) there is no draft at all, and everything else works as before.
 *
 * js/autosave.js uses `globalThis.drafts`. A draft: {address, page, title, version, id, refused,
 * fields: [[name, value]]}.
 */

const LONGEST_HOLD = 4000;
const LASTS = 30 * 24 * 60 * 60 * 1000;
const WAYS = ["encrypt", "decrypt"];
const toText = (bytes) => btoa(String.fromCharCode(...bytes));
const toBytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const within = (work, time) => Promise.race([work, new Promise((done) => setTimeout(done, time))]);

class Drafts {
  constructor(form) {
    this.form = form;
    this.own = `draft:${form.dataset.draftsOf}:`;
    this.key = crypto.subtle.importKey("raw", toBytes(form.dataset.draftsKey), "AES-GCM", false, WAYS);
    // Drafts that a form of this page looks after itself.
    const forms = [...document.querySelectorAll("form[data-autosave]")];
    this.here = new Set(forms.map((one) => this.name(one.dataset.key)));
    this.savers = []; // what forms of this page do before their writer signs out
    form.addEventListener("submit", (event) => this.signOut(event));
    this.sendAll();
    addEventListener("online", () => this.sendAll());
  }

  name(form) {
    return this.own + form;
  }

  names() {
    return Object.keys(localStorage).filter((name) => name.startsWith(this.own));
  }

  async keep(name, draft) {
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const words = new TextEncoder().encode(JSON.stringify({ ...draft, at: Date.now() }));
    const locked = await crypto.subtle.encrypt(this.lock(name, nonce), await this.key, words);
    const parts = [];
    const bytes = new Uint8Array(locked);
    for (let from = 0; from < bytes.length; from += 8192)
      parts.push(String.fromCharCode(...bytes.subarray(from, from + 8192)));
    localStorage.setItem(name, `${toText(nonce)} ${btoa(parts.join(""))}`);
  }

  async open(name) {
    try {
      const [nonce, locked] = localStorage.getItem(name).split(" ").map(toBytes);
      const words = await crypto.subtle.decrypt(this.lock(name, nonce), await this.key, locked);
      return JSON.parse(new TextDecoder().decode(words));
    } catch {
      return null;
    }
  }

  lock(name, nonce) {
    return { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(name) };
  }

  drop(name) {
    localStorage.removeItem(name);
  }

  /** Send what waits from other pages; what is refused waits for its own page to show it. */
  async sendAll(again = false) {
    for (const name of this.names()) {
      const draft = this.here.has(name) ? null : await this.open(name);
      if (!draft) continue;
      if (Date.now() - draft.at > LASTS) this.drop(name);
      else if (again || !draft.refused) await this.send(name, draft);
    }
  }

  async send(name, draft) {
    const data = new FormData();
    for (const [field, value] of draft.fields) data.append(field, value);
    data.set("version", draft.version);
    data.set("client_id", draft.id);
    data.set("csrfmiddlewaretoken", this.form.elements.namedItem("csrfmiddlewaretoken").value);
    try {
      const response = await fetch(draft.address, {
        method: "POST",
        body: data,
        headers: { "X-Autosave": "1", Accept: "application/json" },
        credentials: "same-origin",
        redirect: "error",
      });
      if (response.ok) this.drop(name);
      else if (response.status === 409 && !(await response.json()).texts.length) this.drop(name);
      else if (response.status < 500 && ![401, 429].includes(response.status))
        await this.keep(name, { ...draft, refused: true });
    } catch {
      // No answer: it waits for the next page.
    }
  }

  /** Save first, then forget. What cannot be saved is said once, and the next press decides. */
  async signOut(event) {
    if (this.leaving) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    await within(Promise.all([...this.savers.map((save) => save()), this.sendAll(true)]), LONGEST_HOLD);
    // A form does not submit again while its own submit event is still under way.
    await new Promise((done) => setTimeout(done, 0));
    this.busy = false;
    const left = [];
    for (const name of this.names()) {
      const draft = await this.open(name);
      if (draft) left.push(draft);
      else this.drop(name); // of a key that is no more: nobody can read it
    }
    if (left.length && !this.warned) return this.warn(left);
    for (const name of this.names()) this.drop(name);
    this.leaving = true;
    this.form.requestSubmit(event.submitter);
  }

  warn(left) {
    this.warned = true;
    const line = this.form.querySelector("[role=status]");
    line.replaceChildren(this.form.dataset.sayUnsaved);
    for (const { page, title } of left) {
      const link = document.createElement("a");
      link.href = page;
      link.textContent = title;
      line.append(" ", link);
    }
    line.append(" ", this.form.dataset.sayForget);
  }
}

/** Some browsers refuse storage altogether: then there are no drafts, as without WebCrypto. */
const mayStore = () => {
  try {
    return localStorage.length >= 0;
  } catch {
    return false;
  }
};

const form = document.querySelector("form[data-drafts-key]");
if (form && globalThis.crypto?.subtle && mayStore()) globalThis.drafts = new Drafts(form);

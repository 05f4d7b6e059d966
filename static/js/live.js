/*
 * For the pages of a meeting: what others do shows by itself, on each tablet and on the big screen.
 * Without JavaScript the page is loaded again by hand: its line says so until this takes over.
 *
 * Every few seconds the page asks for itself, as its reader may see it now, so it can show nothing
 * that the page would not. Only pieces that differ are put in, from the heading on. A piece that
 * holds the keyboard's place, or words somebody has typed, is left alone until they are done.
 *
 * <p data-live data-say-on="…" data-say-new="…%time%…" data-say-off="…" data-say-lost="…"
 *    data-say-over="…" data-say-stop="…" data-say-go="…" role="status">, then a <button hidden>.
 */

const EVERY = 5000;
const REST = 10; // a slow answer is followed by a rest this many times as long
const OVER = [401, 403, 404, 410];

const main = document.getElementById("main");
const line = document.querySelector("[data-live]");
const button = line.nextElementSibling;
let stopped = false;
let timer = 0;

function tell(words) {
  if (line.textContent !== words) line.textContent = words;
}

/** Whether somebody is in the middle of something there. */
function inUse(node) {
  if (node.contains(document.activeElement)) return true;
  const boxes = [...node.querySelectorAll("input:not([type=hidden]), textarea, select")];
  return boxes.some((box) =>
    box.options
      ? [...box.options].some((choice) => choice.selected !== choice.defaultSelected)
      : box.value !== box.defaultValue || box.checked !== box.defaultChecked,
  );
}

/** What differs only because the page was made anew, or because its reader opened it, is no news. */
function settle(fresh) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  for (const box of fresh.querySelectorAll("[name=csrfmiddlewaretoken]")) {
    box.setAttribute("value", token?.getAttribute("value") ?? box.value);
  }
  const opened = [...main.querySelectorAll("details[open] > summary")];
  const open = new Set(opened.map((summary) => summary.textContent));
  for (const piece of fresh.querySelectorAll("details")) {
    piece.open = open.has(piece.querySelector("summary")?.textContent);
  }
}

const parts = (node) => [...node.children];
const alike = (old, fresh) =>
  old.length === fresh.length && old.every((node, at) => node.tagName === fresh[at].tagName);
const wordsOutside = (node) =>
  [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());

/**
 * Put the smallest piece that differs in place of the old one; gives whether any of it is news.
 * What stands under data-quiet changes by the minute: it is put in, and nobody is told.
 */
function renew(old, fresh) {
  if (old.isEqualNode(fresh)) return false;
  const quiet = old.matches("[data-quiet]") && fresh.matches("[data-quiet]");
  return swap(old, fresh) && !quiet;
}

function swap(old, fresh) {
  const same = old.cloneNode(false).isEqualNode(fresh.cloneNode(false));
  const whole = wordsOutside(old) || wordsOutside(fresh);
  if (same && !whole && old.children.length && fresh.children.length) {
    return renewAll(parts(old), parts(fresh), (node) => old.append(node));
  }
  if (inUse(old)) return false;
  old.replaceWith(document.importNode(fresh, true));
  return true;
}

/** The same for a row of pieces: those that are equal at both ends stay. */
function renewAll(old, fresh, append) {
  const shorter = Math.min(old.length, fresh.length);
  const equal = (at) => old.at(at).isEqualNode(fresh.at(at));
  let [head, tail] = [0, 0];
  while (head < shorter && equal(head)) head += 1;
  while (tail < shorter - head && equal(-1 - tail)) tail += 1;
  const was = old.slice(head, old.length - tail);
  const is = fresh.slice(head, fresh.length - tail);
  if (alike(was, is)) return was.map((node, at) => renew(node, is[at])).some(Boolean);
  if (was.some(inUse)) return false;
  const next = tail ? old.at(-tail) : null;
  const put = next ? (node) => next.before(node) : append;
  for (const node of is) put(document.importNode(node, true));
  for (const node of was) node.remove();
  return true;
}

/** The page's own pieces: its heading and what follows it, but for the line that tells of news. */
function content(page) {
  const all = parts(page);
  const first = all.findIndex((node) => node.tagName === "H1");
  return all.slice(first).filter((node) => !node.matches("[data-live], [data-live] + button, script"));
}

function show(page) {
  const fresh = page.getElementById("main");
  if (!fresh?.querySelector("h1")) return false;
  settle(fresh);
  document.title = page.title;
  return renewAll(content(main), content(fresh), (node) => line.before(node));
}

async function look() {
  const began = performance.now();
  if (!document.hidden) await ask();
  const took = performance.now() - began;
  if (!stopped) timer = setTimeout(look, Math.max(EVERY, took * REST));
}

async function ask() {
  try {
    const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect" || OVER.includes(answer.status)) return end();
    if (!answer.ok) return tell(line.dataset.sayLost);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (stopped) return;
    const lost = line.textContent === line.dataset.sayLost;
    if (show(page)) {
      const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      tell(line.dataset.sayNew.replace("%time%", time));
    } else if (lost) tell(line.dataset.sayOn);
  } catch {
    tell(line.dataset.sayLost);
  }
}

function end() {
  stopped = true;
  button.hidden = true;
  tell(line.dataset.sayOver);
}

function go() {
  stopped = false;
  button.textContent = line.dataset.sayStop;
  tell(line.dataset.sayOn);
  clearTimeout(timer);
  timer = setTimeout(look, EVERY);
}

function stop() {
  stopped = true;
  clearTimeout(timer);
  button.textContent = line.dataset.sayGo;
  tell(line.dataset.sayOff);
}

button.addEventListener("click", () => (stopped ? go() : stop()));
button.hidden = false;
go();

// Reads a bid aloud, heading by heading, where the browser has a voice for it. Nothing is sent
// anywhere by this page. Without a voice, or without this file, the page stays as it is.

const box = document.querySelector("[data-listen]");
const voice = window.speechSynthesis;
const LONGEST = 200; // Some browsers fall silent in the middle of a long text.

function piecesOf(words) {
  const pieces = [];
  for (const sentence of words.replace(/\s+/g, " ").trim().match(/[^.!?]+[.!?]*\s*/g) ?? []) {
    const last = pieces.length - 1;
    if (last >= 0 && pieces[last].length + sentence.length <= LONGEST) pieces[last] += sentence;
    else pieces.push(sentence);
  }
  return pieces;
}

// Every heading with what stands below it, in the order of the page; tables row by row.
function partsOf(bid) {
  const parts = [];
  const rows = "h2, p, li, caption, tr, blockquote";
  for (const row of bid.querySelectorAll(rows)) {
    if (row.closest("[data-not-read]") || row.closest("thead") || row.querySelector(rows)) continue;
    const cells = row.matches("tr") ? [...row.cells].map((cell) => cell.innerText) : [row.innerText];
    const words = cells.filter((cell) => cell.trim()).join(", ");
    if (row.matches("h2") || !parts.length) parts.push({ heading: words, pieces: [] });
    parts.at(-1).pieces.push(...piecesOf(row.matches("h2") ? `${words}.` : words));
  }
  return parts;
}

function button(words, kind) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.textContent = words;
  return made;
}

function begin() {
  const bid = document.getElementById(box.dataset.listen);
  const play = button(box.dataset.begin, "second");
  const stop = button(box.dataset.stop, "second");
  const now = document.createElement("p");
  const row = document.createElement("div");
  row.className = "buttons";
  row.append(play);
  box.append(row, now);
  now.hidden = true;
  box.hidden = false;

  let queue = [];
  let turn = 0; // A text that was stopped ends later; it must not start the next one.
  let paused = false;

  function end() {
    turn += 1;
    queue = [];
    paused = false;
    voice.cancel();
    play.textContent = box.dataset.begin;
    if (document.activeElement === stop) play.focus();
    stop.remove();
    now.hidden = true;
  }

  function next() {
    const mine = (turn += 1);
    if (!queue.length) return end();
    const said = new SpeechSynthesisUtterance(queue[0].words);
    said.lang = document.documentElement.lang;
    now.textContent = `${box.dataset.now} ${queue[0].heading}`;
    said.onend = () => {
      if (mine !== turn) return;
      queue.shift();
      next();
    };
    said.onerror = () => {
      if (mine === turn) end();
    };
    voice.speak(said);
  }

  play.addEventListener("click", () => {
    if (!queue.length) {
      queue = partsOf(bid).flatMap((part) =>
        part.pieces.map((words) => ({ words, heading: part.heading })),
      );
      row.append(stop);
      now.hidden = false;
      play.textContent = box.dataset.pause;
      voice.cancel();
      next();
    } else if (paused) {
      paused = false;
      play.textContent = box.dataset.pause;
      next(); // Once more from the sentence it was in: not every browser can go on within one.
    } else {
      paused = true;
      turn += 1;
      voice.cancel();
      play.textContent = box.dataset.on;
    }
  });
  stop.addEventListener("click", end);
  addEventListener("pagehide", end);
}

if (box && voice && "SpeechSynthesisUtterance" in window) {
  if (voice.getVoices().length) begin();
  else voice.addEventListener?.("voiceschanged", () => box.hidden && voice.getVoices().length && begin());
}

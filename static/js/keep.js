// Lets a reader keep words of a bid to find again. They become a line of the reader's own notes, in
// quotation marks, so that nobody else sees them and taking the line out takes the mark away. Where
// the browser can, the words are marked in the bid. Without this file one copies them by hand.

const bar = document.querySelector("[data-keep]");
const QUOTED = /“([^”]+)”/g;

const plain = (words) => words.replace(/\s+/g, " ").trim();

// The text of the bid with single spaces, and where each letter of it stands.
function lettersOf(bid) {
  const letters = [];
  const walker = document.createTreeWalker(bid, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (let at = 0; at < node.data.length; at += 1) {
      const space = /\s/.test(node.data[at]);
      if (space && (!letters.length || letters.at(-1).letter === " ")) continue;
      letters.push({ letter: space ? " " : node.data[at], node, at });
    }
  }
  return letters;
}

function rangeOf(letters, words) {
  const first = letters.map((one) => one.letter).join("").indexOf(words);
  if (first < 0) return null;
  const range = new Range();
  range.setStart(letters[first].node, letters[first].at);
  const last = letters[first + words.length - 1];
  range.setEnd(last.node, last.at + 1);
  return range;
}

function begin() {
  const bid = document.getElementById(bar.dataset.keep);
  const notes = document.getElementById(bar.dataset.in);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "second";
  button.textContent = bar.dataset.words;
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  bar.append(button, said);
  let marked = "";
  let kept = "";

  function paint() {
    if (!window.CSS?.highlights) return;
    const letters = lettersOf(bid);
    const lines = [...notes.value.matchAll(QUOTED)].map((found) => plain(found[1]));
    const ranges = lines.map((words) => rangeOf(letters, words)).filter(Boolean);
    CSS.highlights.set("kept", new Highlight(...ranges));
  }

  // A tap on the button takes the selection away, so it is remembered while it is there.
  document.addEventListener("selectionchange", () => {
    const chosen = document.getSelection();
    const inside = chosen.rangeCount && bid.contains(chosen.getRangeAt(0).commonAncestorContainer);
    const words = inside ? plain(chosen.toString()) : "";
    // The same words once more: a browser says so late, when they are kept already.
    if ((!words && bar.contains(document.activeElement)) || (words && words === kept)) return;
    marked = words;
    kept = "";
    bar.hidden = !words;
    said.textContent = "";
  });

  button.addEventListener("click", () => {
    if (!marked) return;
    const before = notes.value.trimEnd();
    notes.value = `${before}${before && "\n"}“${marked.replaceAll("”", "’")}”`;
    notes.dispatchEvent(new Event("input", { bubbles: true }));
    said.textContent = bar.dataset.done;
    kept = marked;
    marked = "";
    paint();
  });
  notes.addEventListener("input", paint);
  paint();
}

if (bar) begin();

// While this page is open, it says again that its reader is here: nothing of what they read.
// It begins only once the reader has pressed "I am here now", and stops when the page is left.

const EVERY = 120_000;
const place = document.querySelector("[data-still-here]");
const token = document.querySelector("[name=csrfmiddlewaretoken]");

async function stillHere() {
  if (document.hidden) return;
  try {
    const answer = await fetch(place.dataset.stillHere, {
      method: "POST",
      headers: { "X-CSRFToken": token.value },
      redirect: "manual",
    });
    if (answer.status >= 400) clearInterval(beat);
  } catch {
    // Without a connection nobody is shown as here; the next beat tries again.
  }
}

const beat = place && token ? setInterval(stillHere, EVERY) : 0;

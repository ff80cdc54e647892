// Copying: commands, the text for the chat, and a link to what is on the page.
import { machine, now } from "./time.js";
import { shownAsOf } from "./load.js";

const root = document.documentElement;

/** Makes the copy buttons work. */
export function startCopying() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) {
      copy(button.dataset.copy, "Command copied", button);
      return;
    }
    const summary = event.target.closest("[data-copytext] > summary");
    if (summary) {
      event.preventDefault();
      copyText(summary.parentElement);
    }
  });
}

/** Copies the text of a disclosure, with its link made absolute and dated. The one with a key is for the chat. */
export function copyText(details) {
  const text = details.querySelector("textarea").value.replace(/(?<= · )\/\S*$/, shareable);
  const message = "key" in details.dataset ? "Copied for the chat" : "Copied";
  copy(text, message, details.querySelector("summary"));
}

/** Copies a link to this page that tells when it was made. */
export function copyLink() {
  copy(shareable(location.href), "Link copied");
}

// A link says when it was made, so that whoever opens it later learns how old it is; in the demo it says which recording.
function shareable(address) {
  const url = new URL(address, location.href);
  if ("live" in root.dataset) url.searchParams.set("at", machine(shownAsOf() || now()));
  if (root.dataset.demo) url.searchParams.set("demo", root.dataset.demo);
  return url.href;
}

/** Copies text and says so; source is the button that asked for it. */
export async function copy(text, message, source) {
  const done = await write(text);
  say(done ? message : "The browser refuses to copy. Select the text instead.");
  if (done && source) {
    source.classList.add("copied");
    setTimeout(() => source.classList.remove("copied"), 1500);
  }
}

// The clipboard is there on https and on localhost only; elsewhere a selection does.
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeSelection(text);
  }
}

function writeSelection(text) {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "sr";
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus({ preventScroll: true });
  return done;
}

let timer = 0;

/** Shows a short message, which is also read aloud. */
export function say(message) {
  const toast = document.getElementById("toast");
  toast.textContent = message;
  toast.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => toast.classList.remove("shown"), 1800);
}

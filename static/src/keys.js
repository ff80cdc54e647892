// Keys; the help overlay (views/layout.templ) lists them. None works while somebody types.
import { copyLink, copyText } from "./copy.js";
import { togglePause } from "./live.js";

const patience = 1_200; // ms between g and the letter after it

let goUntil = 0;

const actions = {
  "/": () => focusField(document.getElementById("search")),
  f: () => focusField(document.querySelector("form[data-filter] input[name=q]")),
  j: () => step(1),
  k: () => step(-1),
  c: copyLink,
  y: chat,
  e: evidence,
  ".": togglePause,
  "?": () => document.getElementById("help")?.togglePopover(),
};

/** Gives keys of a page's own a meaning, before what they mean elsewhere. An action that returns false leaves its key alone. */
export const addKeys = (more) => Object.assign(actions, more);

/** Listens for keys. */
export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      actions["/"]();
      return;
    }
    if (event.key === "Escape" && isField(event.target)) event.target.blur();
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    if (press(event.key)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details[data-close-outside][open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
}

const isField = (element) => element.matches?.("input:not([type=radio]), textarea, select, [contenteditable]");

function press(key) {
  if (performance.now() < goUntil) {
    goUntil = 0;
    return go(key);
  }
  if (key === "g") {
    goUntil = performance.now() + patience;
    return true;
  }
  if (!Object.hasOwn(actions, key)) return false;
  return actions[key]() !== false;
}

function go(key) {
  const link = [...document.querySelectorAll("#rail [data-go]")].find((candidate) => candidate.dataset.go === key);
  link?.click();
  return Boolean(link);
}

function focusField(field) {
  if (!field) return;
  if (field.checkVisibility?.() === false) {
    document.querySelector(".search-link")?.click();
    return;
  }
  field.focus();
  field.select();
}

// The next row is the next one's link: Enter then opens it, and a screen reader says where it is.
function step(by) {
  const rows = [...document.querySelectorAll("[data-rows] > *, .rows > li")].filter((row) => row.checkVisibility?.() !== false && target(row));
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  target(rows[next]).focus();
  rows[next].scrollIntoView({ block: "nearest" });
}

const target = (row) => row.querySelector("[data-open]") ?? row.querySelector("a.name-link") ?? row.querySelector("a[href]");

// The text for the chat of the row in focus, else the first of the page.
function chat() {
  const near = document.activeElement?.closest?.("[data-row], tr, li")?.querySelector("[data-copytext]");
  const text = near ?? document.querySelector("main [data-copytext]");
  if (text) copyText(text);
  else copyLink();
}

// Opens and closes the evidence of the card in focus, else of the first.
function evidence() {
  const card = document.activeElement?.closest?.("[data-row]") ?? document.querySelector("main [data-row]");
  const fold = card?.querySelector("details[id$='.evidence']");
  if (fold) fold.open = !fold.open;
}

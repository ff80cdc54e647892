// While somebody points at a list or has the focus in it, rows neither appear nor move under the finger: rows that are
// there are brought up to date in place, rows that went are struck out, and the rest waits behind a button "3 new".
import htmx from "htmx.org";
import { forget, load } from "./load.js";

const rowsOf = "[data-rows]";
let free = false; // the reader asked for what comes next
let mouse = false; // the last pointer can hover; a finger leaves :hover behind where it touched last

/** Hooks into the morph and lets rows go when the list is left. */
export function startRows() {
  htmx.registerExtension("waylight-rows", {
    htmx_before_morph_node: (element, { newNode }) => {
      if (element.matches?.(rowsOf)) hold(element, newNode);
    },
  });
  document.addEventListener("waylight:morphed", () => ((free = false), showWaiting()));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-waiting]")) release();
  });
  document.addEventListener("pointermove", (event) => (mouse = event.pointerType === "mouse"), { passive: true });
  document.addEventListener("pointerout", leave);
  document.addEventListener("focusout", leave);
}

/**
 * Lets the next load change lists whatever the pointer does, as a filter that is being typed wants. A load for a newer
 * snapshot that replaces it brings what was asked for, and is as free.
 */
export async function freely(loading) {
  free = true;
  if (!(await loading())) free = false;
}

const inUse = (list) => (mouse && list.matches(":hover")) || list.contains(document.activeElement);

// Puts the new rows into the order of the old ones before they are compared, and counts what waits.
function hold(list, incoming) {
  delete list.dataset.waitingRows;
  if (free || !inUse(list)) return;
  const fresh = new Map([...incoming.children].map((row) => [row.id, row]));
  const before = [...list.children].map((row) => row.id);
  const after = [...fresh.keys()];
  const added = after.filter((id) => !before.includes(id));
  const moved = after.filter((id) => before.includes(id)).join() !== before.filter((id) => fresh.has(id)).join();
  const gone = before.filter((id) => !fresh.has(id));
  if (!added.length && !moved && !gone.length) return;
  incoming.replaceChildren(...[...list.children].map((row) => fresh.get(row.id) ?? struckOut(row)));
  incoming.dataset.waitingRows = added.length ? `${added.length} new` : moved ? "new order" : `${gone.length} gone`;
}

function struckOut(row) {
  const copy = row.cloneNode(true);
  copy.classList.add("gone");
  return copy;
}

function showWaiting() {
  for (const list of document.querySelectorAll(rowsOf)) {
    const button = list.closest("[data-list]")?.querySelector("[data-waiting]");
    if (!button) continue;
    button.hidden = !list.dataset.waitingRows;
    button.textContent = list.dataset.waitingRows ?? "";
  }
}

// Rows that wait come when pointer and focus have both left the list.
function leave(event) {
  const list = event.target.closest?.(rowsOf);
  if (!list?.dataset.waitingRows || list.contains(event.relatedTarget)) return;
  setTimeout(() => {
    if (list.isConnected && list.dataset.waitingRows && !inUse(list)) release();
  }, 300);
}

function release() {
  forget();
  freely(load);
}

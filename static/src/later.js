// Panels that are filled after the page: what they wait for never holds it up. Each has the address of its content, is
// asked for again while somebody looks, and may need a script of its own.
import htmx from "htmx.org";
import { tick } from "./time.js";

const root = document.documentElement;

const every = 30_000;
const patience = 15_000;
const known = new WeakSet();

/** Fills the panels of the page, and those that come to it. */
export function startLater() {
  fill();
  document.addEventListener("waylight:morphed", fill);
}

function fill() {
  for (const panel of document.querySelectorAll("[data-later]")) {
    if (known.has(panel)) continue;
    known.add(panel);
    // The page names the script, because only the server knows its hashed name.
    if (panel.dataset.laterScript) import(panel.dataset.laterScript);
    keep(panel);
  }
}

async function keep(panel) {
  const seen = () => !document.hidden && root.dataset.stream !== "paused";
  for (let first = true; panel.isConnected; first = false) {
    if (first || seen()) await load(panel);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

async function load(panel) {
  const state = panel.querySelector("[data-later-state]");
  try {
    const headers = { "HX-Request": "true", Accept: "text/html" };
    const response = await fetch(panel.dataset.later, { headers, cache: "no-store", signal: AbortSignal.timeout(patience) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const target = panel.querySelector("[data-later-part]");
    await htmx.swap({ text: await response.text(), target, swap: "innerMorph", sourceElement: target, hx: {}, request: {} });
    tick(panel);
    state.textContent = "";
    panel.dispatchEvent(new CustomEvent("waylight:later", { bubbles: true }));
  } catch {
    state.textContent = "Waylight itself does not answer; what stands here may be old.";
  }
}

// Fetches a page as a fragment and morphs it in, so that focus, scroll and what a reader opened stay.
import htmx from "htmx.org";
import { tick } from "./time.js";

const root = document.documentElement;

let etag = ""; // of what is shown; empty asks for the content whatever it is
let running = null; // the request in flight
let revision = root.dataset.revision ?? "";
let asOf = Date.parse(root.dataset.asOf ?? "");

/** The revision of the snapshot shown, as text. */
export const shownRevision = () => revision;

/** The moment of the evidence shown, in milliseconds; NaN if nothing was read. */
export const shownAsOf = () => asOf;

/** Makes the next load fetch and morph even what has not changed. */
export function forget() {
  etag = "";
}

/**
 * Loads an address of this page into <main>. A newer load replaces one that still runs. Resolves to true when the page
 * shows what the server has now, and to false when the server could not say.
 */
export async function load(url = location.pathname + location.search) {
  running?.abort();
  const request = (running = new AbortController());
  try {
    const headers = { "HX-Request": "true", Accept: "text/html" };
    if (etag) headers["If-None-Match"] = etag;
    const response = await fetch(url, { headers, signal: request.signal, cache: "no-store" });
    // A page says of which snapshot it is, also one that says that an object is gone or that nobody knows yet.
    const known = response.status === 304 || response.headers.has("Waylight-Revision");
    if (!known) return false;
    if (response.status !== 304) {
      const text = await response.text();
      if (running !== request) return true;
      await morph(text);
      etag = response.headers.get("ETag") ?? "";
    }
    note(response);
    return true;
  } catch (problem) {
    if (problem.name === "AbortError") return true;
    return false;
  } finally {
    if (running === request) running = null;
  }
}

async function morph(text) {
  const main = document.getElementById("content");
  await htmx.swap({ text, target: main, swap: "innerMorph", sourceElement: main, hx: {}, request: {} });
  tick();
  document.dispatchEvent(new CustomEvent("waylight:morphed"));
}

// What changes with every snapshot stands in headers, so that the body can stay the same.
function note(response) {
  revision = response.headers.get("Waylight-Revision") ?? revision;
  const header = response.headers.get("Waylight-As-Of") ?? "";
  const moment = Date.parse(header);
  if (!Number.isNaN(moment)) {
    asOf = moment;
    root.dataset.asOf = header; // a mesh that was never read does not look live
  }
}

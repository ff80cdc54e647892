// Live updates: one stream of server-sent events tells that there is a new snapshot, and the page fetches itself.
//
// A browser opens no more than six HTTP/1.1 connections to a host, and a stream holds one. A tab that nobody sees
// therefore closes its stream, and catches up when it is looked at again.
import { clockface, duration, now, tick } from "./time.js";
import { load, shownAsOf, shownRevision } from "./load.js";

const root = document.documentElement;

const silence = 45_000; // a live mesh is published every 15 s at the least; longer silence is a dead connection
const old = 45_000; // evidence of that age is said to be old
const retryFrom = 1_000;
const retryUpTo = 30_000;

let stream = null;
let paused = false;
let failures = 0;
let retry = 0; // timer
let watchdog = 0; // timer
let connected = false;
let stale = false; // the last load failed
let busy = false;
let wanted = false; // a snapshot came while busy

/** Starts the stream and the clock. A recording has neither: its moment stands still. */
export function startLive() {
  if (!("live" in root.dataset)) return;
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  for (const button of document.querySelectorAll("[data-pause]")) button.addEventListener("click", togglePause);
  setInterval(everySecond, 1_000);
  open();
  everySecond();
}

/** Stops or resumes live updates. */
export function togglePause() {
  if (!("live" in root.dataset)) return;
  paused = !paused;
  for (const button of document.querySelectorAll("[data-pause]")) button.setAttribute("aria-pressed", String(paused));
  if (paused) close();
  else open();
  everySecond();
}

function open() {
  if (stream || paused || document.hidden) return;
  stream = new EventSource("/events");
  stream.addEventListener("open", heard);
  stream.addEventListener("snapshot", (event) => {
    heard();
    if (String(JSON.parse(event.data).revision) !== shownRevision()) refresh();
  });
  // What fails now changes between snapshots, and stands on a few pages only.
  stream.addEventListener("news", () => {
    heard();
    if (document.querySelector("[data-news]")) refresh();
  });
  stream.addEventListener("error", lost);
  watchdog = setTimeout(lost, silence);
}

function close() {
  stream?.close();
  stream = null;
  connected = false;
  clearTimeout(watchdog);
  clearTimeout(retry);
}

function heard() {
  connected = true;
  failures = 0;
  clearTimeout(watchdog);
  watchdog = setTimeout(lost, silence);
  everySecond();
}

function lost() {
  close();
  failures += 1;
  const wait = Math.min(retryUpTo, retryFrom * 2 ** (failures - 1));
  retry = setTimeout(open, wait * (0.75 + Math.random() / 2));
  everySecond();
}

// One load at a time; however many snapshots come meanwhile, one more follows.
async function refresh() {
  wanted = true;
  if (busy) return;
  busy = true;
  while (wanted) {
    wanted = false;
    stale = !(await load());
  }
  busy = false;
  everySecond();
}

function everySecond() {
  if (document.hidden) return;
  tick();
  const age = now() - shownAsOf();
  const state = stateOf(age);
  root.dataset.stream = state;
  for (const element of document.querySelectorAll("[data-fresh-text]")) {
    const text = words(state, age);
    if (element.textContent !== text) element.textContent = text;
  }
}

function stateOf(age) {
  if (paused) return "paused";
  if (!connected) return failures > 0 ? "lost" : "connecting";
  return stale || age > old ? "stale" : "live";
}

function words(state, age) {
  if (Number.isNaN(age)) return state === "lost" ? "reconnecting" : "not read yet";
  switch (state) {
    case "live":
      return `live · ${duration(age)}`;
    case "paused":
      return `paused at ${clockface(shownAsOf())}`;
    case "lost":
      return `reconnecting · ${duration(age)} old`;
    case "stale":
      return `stale · ${duration(age)}`;
  }
  return `as of ${clockface(shownAsOf())}`;
}
